"""What operators' programs ask."""

from django.urls import path

from paygate.operations import health

urlpatterns = [path("health/live", health.live), path("health/ready", health.ready)]
