"""The simulators' control, mounted at /simulator/ where they are on."""

from django.urls import path

from paygate.operations.simulator import control

urlpatterns = [
    path("faults", control.faults),
    path("ledger", control.listed),
    path("reset", control.reset),
]
