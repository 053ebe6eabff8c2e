"""Mounts the sections."""

from django.urls import URLPattern, URLResolver, include, path

from paygate.backoffice.home import guide, search, views
from paygate.backoffice.journal.urls import batch_patterns, journal_patterns
from paygate.backoffice.people.urls import audit_patterns, people_patterns, session_patterns

app_name = "backoffice"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("search/", search.search, name="search"),
    path("guide/", guide.guide, name="guide"),
    path("language/", views.choose_language, name="language"),
    path("merchant/", views.choose_merchant, name="merchant"),
    path("offers/", include("paygate.backoffice.offers.urls")),
    path("links/", include("paygate.backoffice.links.urls")),
    path("journal/", include(journal_patterns)),
    path("batches/", include(batch_patterns)),
    path("letters/", include("paygate.backoffice.letters.urls")),
    path("settings/people/", include(people_patterns)),
    path("settings/audit/", include(audit_patterns)),
    path("sessions/", include(session_patterns)),
    path("settings/", include("paygate.backoffice.settings.urls")),
]
