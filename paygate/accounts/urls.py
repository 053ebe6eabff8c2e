"""The sign-in library's routes, under our names."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
