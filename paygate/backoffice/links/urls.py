"""Routes of the multi-use links."""

from django.urls import path

from paygate.backoffice.links import detail_views, views

urlpatterns = [
    path("", views.overview, name="links"),
    path("new/", views.create, name="link_new"),
    path("<uuid:link_id>/", detail_views.show, name="link"),
    path("<uuid:link_id>/edit/", views.edit, name="link_edit"),
    path("<uuid:link_id>/delete/", detail_views.delete, name="link_delete"),
    path("<uuid:link_id>/restore/", detail_views.bring_back, name="link_restore"),
    path("<uuid:link_id>/qr.png", detail_views.code_png, name="link_qr"),
    path("<uuid:link_id>/qr.svg", detail_views.code_svg, name="link_svg"),
    path("<uuid:link_id>/card.pdf", detail_views.card, name="link_card"),
    path("<uuid:link_id>/poster.pdf", detail_views.poster, name="link_poster"),
]
