"""Search over offers, links, payments, letters and pages, from the bar on every page."""

from typing import Final

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import CardShyForm
from paygate.backoffice.journal.words import marks_of
from paygate.backoffice.letters.words import mail_mark
from paygate.backoffice.menu import MenuEntry, menu
from paygate.backoffice.pages import page
from paygate.backoffice.visit import Visit
from paygate.journal.find import Search as JournalSearch
from paygate.journal.find import entries_of
from paygate.links.find import Search as LinkSearch
from paygate.links.find import links_of
from paygate.mail.archive import for_staff
from paygate.merchants.licence import Feature
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.offers.find import Search
from paygate.offers.overview import Overview

SHOWN: Final = 8  # of each kind; the lists themselves have the rest


class WordsForm(CardShyForm):
    """What is looked for."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)


@doorman(Permission.SEE_OFFERS)
@require_safe
def search(request: Visit) -> HttpResponse:
    """A few finds of each kind, each kind with the way to all of them."""
    form = WordsForm(request.GET)
    words = form.cleaned_data.get("q", "") if form.is_valid() else ""
    entries = list(entries_of(request.actor, JournalSearch(words))[:SHOWN]) if words else []
    found = _finds(request, words) if words else {"offers": [], "links": [], "letters": [], "pages": []}
    return page(
        request,
        "home/search.html.jinja",
        {
            "form": form,
            "search_words": words,
            "state_at": lambda offer: offer.state_at(request.now),
            "mark_of": marks_of(entries),
            "mail_mark": mail_mark,
            "methods": METHODS,
            "entries": entries,
            **found,
        },
    )


def _finds(request: Visit, words: str) -> dict[str, object]:
    letters = for_staff().filter(copy_of=None).order_by("-queued_at", "-pk")
    with_offers = Feature.SECURE_PAYGATE in request.features
    offers = Overview(request.actor, Search(words), now=request.now)
    return {
        "offers": offers.some(SHOWN, "created_at", ascending=False) if with_offers else [],
        "links": list(links_of(request.actor, LinkSearch(words))[:SHOWN]) if with_offers else [],
        "letters": list(letters.filter(Q(recipient__icontains=words) | Q(subject__icontains=words))[:SHOWN]),
        "pages": [entry for entry in _flat(menu(request)) if words.lower() in str(entry.label).lower()],
    }


def _flat(entries: list[MenuEntry]) -> list[MenuEntry]:
    """Every page of the menu once: a section whose first page is one of its children stands for itself no more."""
    return [
        one
        for entry in entries
        for one in (entry, *entry.children)
        if one is not entry or entry.url not in {child.url for child in entry.children}
    ]
