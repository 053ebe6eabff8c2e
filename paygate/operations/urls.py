"""What operators' programs ask."""

from django.urls import path

from paygate.operations import health, violations

urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("reports/violations", violations.report),
]
