"""All pages of a simulator that is a process of its own."""

from django.contrib.staticfiles.views import serve
from django.urls import include, path

urlpatterns = [
    path("simulator/", include("paygate.operations.simulator.urls")),
    path("simulator/", include("paygate.acquiring.simulator.urls")),
    path("simulator/3ds/", include("paygate.threeds.simulator.urls")),
    path(
        "static/<path:path>", serve, {"insecure": True}
    ),  # the few styles of the pages, straight from their folder
]
