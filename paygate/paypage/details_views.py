"""The payer's e-mail and address arrive."""

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation

from paygate import clock
from paygate.addresses import Address
from paygate.cards.free_text import find_card_numbers
from paygate.cards.text_check import card_problem
from paygate.checkout.asking import asks_email, question_for
from paygate.checkout.details import Details, DetailsRefused, take_details, wrong_with
from paygate.checkout.open import offer_behind, session_in
from paygate.mail.mailbox import MailboxRefused, parse_mailbox
from paygate.offers.models import Offer
from paygate.offers.payable import NotPayable
from paygate.paypage import addresses, pages
from paygate.paypage.details_pages import ADDRESS_FIELDS, ask_address
from paygate.paypage.doors import payers_door, pressed
from paygate.paypage.payer import Payer, page_language
from paygate.refusals import Problem

LONGEST_FIELD: Final = 300


@pressed
@payers_door
def tell(request: HttpRequest, customer_id: str, terminal_number: str, offer_id: str) -> HttpResponseBase:
    """Keep what the payer entered, and go on to the choice of means; an offer that asks for nothing takes nothing."""
    payer = Payer(request)
    offer = offer_behind(customer_id, terminal_number, offer_id)
    with translation.override(page_language(request, offer.language)):
        if not payer.sent_own_form(request, str(offer.pk)):
            return pages.no_cookies(request)
        typed = _typed(request, offer)
        problems = _keep(offer, typed, payer)
        if not problems:
            return HttpResponseRedirect(addresses.link(offer), status=303)
        return _again(request, offer, payer, typed, problems)


def _typed(request: HttpRequest, offer: Offer) -> dict[str, str]:
    """What was sent of the fields that the offer asks for; of others nothing is read (SPG-ADR-05)."""
    fields = ("email",) * asks_email(offer) + ADDRESS_FIELDS * offer.address_editable
    sent = {name: request.POST.get(name, "").strip(" ")[:LONGEST_FIELD] for name in fields}
    return dict.fromkeys(("email", *ADDRESS_FIELDS), "") | sent


def _keep(offer: Offer, typed: Mapping[str, str], payer: Payer) -> list[Problem]:
    """What was wrong with it; nothing when it was kept, or when there is nothing to pay any more."""
    email, problems = _mailbox(typed["email"])
    given = Details(email, Address(**{name: typed[name] for name in ADDRESS_FIELDS}))
    if problems:
        return [*problems, *wrong_with(offer, given)]
    try:
        take_details(offer.pk, given, browser=payer.browser, now=clock.now())
    except DetailsRefused as refused:
        return list(refused.problems)
    except NotPayable:
        pass  # the link's page says why
    return []


def _mailbox(typed: str) -> tuple[str, list[Problem]]:
    if not typed:
        return "", []
    try:
        return parse_mailbox(typed), list(card_problem("email", typed))
    except MailboxRefused as refused:
        return "", [*card_problem("email", typed)] or [Problem("email", refused.words)]


def _again(
    request: HttpRequest, offer: Offer, payer: Payer, typed: Mapping[str, str], problems: list[Problem]
) -> HttpResponseBase:
    """The form with what was typed; what looks like a card number is not shown again (safety.md CD-9)."""
    shown = {name: "" if find_card_numbers(text) else text for name, text in typed.items()}
    errors: dict[str, str] = {}
    for problem in problems:
        errors.setdefault(problem.field, str(problem.words))
    wanted = question_for(offer, session_in(offer, payer.browser))
    return ask_address(request, offer, payer, wanted, errors=errors, typed=shown)
