"""Routes of the letters."""

from django.urls import path

from paygate.backoffice.letters import views

urlpatterns = [
    path("", views.letters, name="letters"),
    path("<uuid:letter_id>/", views.show, name="letter"),
    path("<uuid:letter_id>/body/", views.body, name="letter_body"),
    path("<uuid:letter_id>/letter.eml", views.message, name="letter_message"),
    path("<uuid:letter_id>/attachments/<int:index>/", views.attachment, name="letter_attachment"),
    path("<uuid:letter_id>/send-again/", views.again, name="letter_again"),
]
