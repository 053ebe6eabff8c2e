"""The sign-in library's routes, under our names."""

from django.urls import include, path
from django.views.generic import RedirectView

from paygate.accounts.views import SecondStep

urlpatterns = [
    # The library's page for addresses stays shut: an address is the login name, which a manager sets.
    path("email/", RedirectView.as_view(pattern_name="mfa_index")),
    path("2fa/authenticate/", SecondStep.as_view(), name="mfa_authenticate"),
    path("", include("allauth.urls")),
]
