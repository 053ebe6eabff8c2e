"""Where the pretend issuer's pages are during the tests of this room."""

from django.urls import include, path

urlpatterns = [path("simulator/3ds/", include("paygate.threeds.simulator.urls"))]
