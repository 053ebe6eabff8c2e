"""Mounts the entrances, nothing else."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from paygate.backoffice.people.accept_views import invitation

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="backoffice:home")),
    path("favicon.ico", RedirectView.as_view(url="/static/paypage/icon.svg")),
    path("", include("paygate.paypage.urls")),
    path("", include("paygate.operations.urls")),
    path("api/", include("paygate.api.urls")),
    path("account/invitation/<str:token>/", invitation, name="invitation"),
    path("account/", include("paygate.accounts.urls")),
    path("backoffice/", include("paygate.backoffice.urls")),
]

if settings.PAYGATE_SIMULATOR and not settings.PAYGATE_SIMULATOR_URL:
    urlpatterns += [
        path("simulator/", include("paygate.operations.simulator.urls")),
        path("simulator/", include("paygate.acquiring.simulator.urls")),
        path("simulator/3ds/", include("paygate.threeds.simulator.urls")),
    ]

handler400 = "paygate.project.errors.bad_request"
handler404 = "paygate.project.errors.not_found"
handler500 = "paygate.project.errors.broken"
