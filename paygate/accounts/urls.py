"""The sign-in library's routes, under our names."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    # The library's page for addresses stays shut: an address is the login name, which a manager sets.
    path("email/", RedirectView.as_view(pattern_name="mfa_index")),
    path("", include("allauth.urls")),
]
