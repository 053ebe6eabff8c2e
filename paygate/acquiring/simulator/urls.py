"""The routes of the pretend acquirer, mounted at /simulator/ where the simulator is on."""

from django.urls import path

from paygate.acquiring.simulator.views import wallet

app_name = "wallet_simulator"

urlpatterns = [path("wallet/<str:reference>", wallet, name="wallet")]
