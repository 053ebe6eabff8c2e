"""Routes of the settings."""

from django.urls import path

from paygate.backoffice.settings import (
    credential_views,
    design_views,
    letter_views,
    preference_views,
    sender_views,
    terminal_views,
    terms_views,
)

urlpatterns = [
    path("secure-paygate/", preference_views.preferences, name="preferences"),
    path("secure-paygate/change", preference_views.change, name="change_preferences"),
    path("secure-paygate/sender/", sender_views.sender_check, name="sender_check"),
    path("secure-paygate/terms/", terms_views.terms, name="terms"),
    path("secure-paygate/terms/<int:file_id>/", terms_views.terms_file, name="terms_file"),
    path("secure-paygate/terms/<str:language>/remove", terms_views.remove, name="remove_terms"),
    path("designs/", design_views.designs, name="designs"),
    path("designs/new", design_views.create_design, name="create_design"),
    path("designs/preview", design_views.design_preview, name="design_preview"),
    path("designs/letter", design_views.design_letter, name="design_letter"),
    path("designs/standard", design_views.no_default_design, name="no_default_design"),
    path("designs/<int:design_id>/", design_views.edit_design, name="edit_design"),
    path("designs/<int:design_id>/default", design_views.default_design, name="default_design"),
    path("designs/<int:design_id>/delete", design_views.delete_design, name="delete_design"),
    path("credentials/", credential_views.credentials, name="credentials"),
    path("credentials/new/", credential_views.make_credential, name="make_credential"),
    path("credentials/<int:credential_id>/", credential_views.limit_credential, name="limit_credential"),
    path(
        "credentials/<int:credential_id>/revoke", credential_views.revoke_credential, name="revoke_credential"
    ),
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
