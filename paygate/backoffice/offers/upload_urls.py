"""Routes of links by file."""

from django.urls import path

from paygate.backoffice.offers import upload_downloads, upload_views

urlpatterns = [
    path("", upload_views.uploads, name="uploads"),
    path("columns/forget/", upload_views.forget, name="upload_column_forget"),
    path("sample.csv", upload_downloads.sample_csv, name="upload_sample_csv"),
    path("sample.xlsx", upload_downloads.sample_xlsx, name="upload_sample_xlsx"),
    path("<uuid:upload_id>/", upload_views.show, name="upload"),
    path("<uuid:upload_id>/columns/", upload_views.columns, name="upload_columns"),
    path("<uuid:upload_id>/row/", upload_views.row, name="upload_row"),
    path("<uuid:upload_id>/create/", upload_views.create, name="upload_create"),
    path("<uuid:upload_id>/discard/", upload_views.drop, name="upload_remove"),
    path("<uuid:upload_id>/letters/", upload_views.letters, name="upload_letters"),
    path("<uuid:upload_id>/result.csv", upload_downloads.result_csv, name="upload_csv"),
    path("<uuid:upload_id>/result.xlsx", upload_downloads.result_xlsx, name="upload_xlsx"),
    path("<uuid:upload_id>/qr.zip", upload_downloads.qr_zip, name="upload_qr"),
]
