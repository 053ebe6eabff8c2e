"""Routes of the settings."""

from django.urls import path

from paygate.backoffice.settings import letter_views, terminal_views

urlpatterns = [
    path("terminals/", terminal_views.terminals, name="terminals"),
    path("terminals/<str:number>/", terminal_views.terminal, name="terminal"),
    path("terminals/<str:number>/change", terminal_views.change_terminal, name="change_terminal"),
    path("letters/", letter_views.letter_texts, name="letter_texts"),
    path("letters/<str:kind>/<str:language>/", letter_views.letter_text, name="letter_text"),
    path(
        "letters/<str:kind>/<str:language>/preview/",
        letter_views.letter_text_preview,
        name="letter_text_preview",
    ),
    path("letters/<str:kind>/<str:language>/reset", letter_views.reset_letter_text, name="letter_text_reset"),
]
