"""Routes of the settings."""

from django.urls import path

from paygate.backoffice.settings import terminal_views

urlpatterns = [
    path("terminals/", terminal_views.terminals, name="terminals"),
    path("terminals/<str:number>/", terminal_views.terminal, name="terminal"),
    path("terminals/<str:number>/change", terminal_views.change_terminal, name="change_terminal"),
]
