"""Routes of the offers."""

from django.urls import include, path

from paygate.backoffice.offers import (
    detail_views,
    file_views,
    list_views,
    preview_views,
    template_views,
    views,
)

urlpatterns = [
    path("", list_views.overview, name="offers"),
    path("offers.csv", list_views.overview_csv, name="offers_csv"),
    path("offers.xlsx", list_views.overview_xlsx, name="offers_xlsx"),
    path("upload/", include("paygate.backoffice.offers.upload_urls")),
    path("picked/", list_views.with_picked, name="offers_picked"),
    path("start/", template_views.start, name="offer_start"),
    path("templates/", template_views.templates, name="templates"),
    path("templates/new/", template_views.create, name="template_new"),
    path("templates/<int:template_id>/", template_views.edit, name="template"),
    path("templates/<int:template_id>/delete/", template_views.delete, name="template_delete"),
    path("new/", views.create, name="offer_new"),
    path("preview/", preview_views.letter_preview, name="offer_preview"),
    path("files/", file_views.take, name="offer_files"),
    path("files/<uuid:file_id>/", file_views.file, name="offer_file"),
    path("methods/", views.methods, name="methods"),
    path("<uuid:offer_id>/", detail_views.show, name="offer"),
    path("<uuid:offer_id>/edit/", views.edit, name="offer_edit"),
    path("<uuid:offer_id>/send/", detail_views.send, name="offer_send"),
    path("<uuid:offer_id>/disable/", detail_views.take_back, name="offer_disable"),
    path("<uuid:offer_id>/restore/", detail_views.bring_back, name="offer_restore"),
    path("<uuid:offer_id>/qr.png", detail_views.qr_code, name="offer_qr"),
]
