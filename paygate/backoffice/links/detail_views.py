"""One multi-use link: its address, code and sheets to print, what was paid, its story, and what can be done with it."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.journal.words import booked_less, lacks_shift, marks_of
from paygate.backoffice.links.forms import last_day
from paygate.backoffice.links.printing import Printed, Sheet, print_link
from paygate.backoffice.links.words import link_mark
from paygate.backoffice.moments import day
from paygate.backoffice.offers.payment_fields import BOOKINGS, CONDITIONS
from paygate.backoffice.pages import page
from paygate.backoffice.saying_why import saying_why_not
from paygate.backoffice.timeline import name_of, names_at, newest_first, told
from paygate.backoffice.visit import Visit
from paygate.designs.models import Design
from paygate.journal.find import Search as JournalSearch
from paygate.journal.find import entries_of
from paygate.languages import LANGUAGES, ui_language
from paygate.lifecycle.moves import history
from paygate.links.address import address_of
from paygate.links.change import delete_link, removed_from, restore_link
from paygate.links.find import link_of
from paygate.links.models import Link
from paygate.links.payable import left_of, totals_of
from paygate.links.states import LinkState
from paygate.merchants.licence import Feature
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.money.display import money_text
from paygate.qr import FOR_PRINT, png, svg_file

LATEST: Final = 10  # payments on the link's page; the journal has the rest
PNG_SCALE: Final = 16  # pixels a module: sharp on paper


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def show(request: Visit, link_id: UUID) -> HttpResponse:
    """The link with everything that is known about it; its sums are counters, whatever they count."""
    link = link_of(request.actor, str(link_id))
    totals, address = totals_of(link), address_of(link, request.merchant, link.terminal.number)
    payments = list(entries_of(request.actor, JournalSearch(link=str(link.pk)))[:LATEST])
    names, language = names_at(request.merchant.pk), ui_language(translation.get_language())
    return page(
        request,
        "links/show.html.jinja",
        {
            "link": link,
            "mark": link_mark(link, totals, now=request.now),
            "may_edit": Permission.EDIT_OFFERS in request.actor.permissions,
            "is_deleted": link.state == LinkState.DELETED,
            "goes_at": removed_from(link.deleted_at) if link.deleted_at else None,
            "address": address,
            "mailto": _mailto(link, address),
            "totals": [total for total in totals if total.payments],
            "count": sum(total.payments for total in totals),
            "left": left_of(link, totals, held=False),
            "booking": BOOKINGS[link.booking][0],
            "condition": CONDITIONS[link.condition][0],
            "language_name": LANGUAGES[ui_language(link.language)],
            "design_name": _design_name(link),
            "last_day": day(last_day(link.ends_at, request.zone), language) if link.ends_at else "",
            "created_by": name_of(link.created_by, names),
            "payments": payments,
            "mark_of": marks_of(payments),
            "lacks_shift": lacks_shift,
            "booked_less": booked_less,
            "methods": METHODS,
            "story": newest_first(told(history(link), names, dict(LinkState.choices))),
        },
    )


def _design_name(link: Link) -> str:
    named = Design.objects.filter(pk=link.design_id) if link.design_id else None
    return named.values_list("name", flat=True).get() if named else ""


def _mailto(link: Link, address: str) -> str:
    """The link for the sender's own mail program (SPG-MUF-23)."""
    body = f"{link.description}\r\n\r\n{address}"
    return f"mailto:?subject={quote(link.description)}&body={quote(body)}"


def _link_and_address(request: Visit, link_id: UUID) -> tuple[Link, str]:
    link = link_of(request.actor, str(link_id))
    return link, address_of(link, request.merchant, link.terminal.number)


def _file(request: Visit, content: bytes, kind: str, name: str) -> HttpResponse:
    """A file for the browser's own way of showing it; with `?download` one that is kept."""
    response = HttpResponse(content, content_type=kind)
    how = "attachment" if "download" in request.GET else "inline"
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    return response


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def code_png(request: Visit, link_id: UUID) -> HttpResponse:
    """The code as a PNG (SPG-MUF-24, 25)."""
    link, address = _link_and_address(request, link_id)
    picture = png(address, PNG_SCALE, error=FOR_PRINT)
    return _file(request, picture, "image/png", f"payment-link-{link.pk}.png")


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def code_svg(request: Visit, link_id: UUID) -> HttpResponse:
    """The code as an SVG, for whoever prints it themselves."""
    link, address = _link_and_address(request, link_id)
    picture = svg_file(address, error=FOR_PRINT)
    return _file(request, picture, "image/svg+xml", f"payment-link-{link.pk}.svg")


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def card(request: Visit, link_id: UUID) -> HttpResponse:
    """A card to stand on the counter."""
    return _printed(request, link_id, Sheet.A6, "card")


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def poster(request: Visit, link_id: UUID) -> HttpResponse:
    """A poster for the wall."""
    return _printed(request, link_id, Sheet.A4, "poster")


def _printed(request: Visit, link_id: UUID, sheet: Sheet, name: str) -> HttpResponse:
    """In the language of those who pay."""
    link, address = _link_and_address(request, link_id)
    language = ui_language(link.language)
    with translation.override(language):
        what = Printed(
            merchant=request.merchant.name,
            title=link.description,
            amount=money_text(link.amount, language) if link.amount else _("Amount of your choice"),
            invitation=_("Scan with your phone and pay"),
            address=address,
            warning="" if request.merchant.live else f"{_('TEST')} – {_('No money moves here.')}",
        )
    return _file(request, print_link(what, sheet), "application/pdf", f"payment-{name}-{link.pk}.pdf")


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def delete(request: Visit, link_id: UUID) -> HttpResponse:
    """Take a link back; the way back is on its page (SPG-MUL-05)."""
    words = _("The link is deleted. For six months “Restore” brings it back.")
    return _done(request, link_id, lambda pk: delete_link(pk, by=request.actor, now=request.now), words)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def bring_back(request: Visit, link_id: UUID) -> HttpResponse:
    """Make a deleted link payable again (SPG-MUL-10)."""
    words = _("The link can be paid again.")
    return _done(request, link_id, lambda pk: restore_link(pk, by=request.actor, now=request.now), words)


def _done(request: Visit, link_id: UUID, act: Callable[[UUID], None], words: str) -> HttpResponse:
    """Do it, and say on the link's page that it was done, or why not."""
    link = link_of(request.actor, str(link_id))
    with saying_why_not(request):
        act(link.pk)
        messages.success(request, words)
    return redirect("backoffice:link", link.pk)
