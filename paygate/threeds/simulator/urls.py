"""The routes of the pretend issuer, mounted at /simulator/3ds/ where the simulator is on."""

from django.urls import path

from paygate.threeds.simulator import views

app_name = "threeds_simulator"

urlpatterns = [
    path("method", views.method, name="method"),
    path("challenge", views.challenge, name="challenge"),
    path("decide", views.decide, name="decide"),
]
