"""One payment: facts, 3-D Secure log, movements, story; book it and cancel it."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.addresses import Address
from paygate.backoffice.doorman import doorman
from paygate.backoffice.journal.calls import call_mark, calls_about
from paygate.backoffice.journal.cases import decisions_about, name_of_case
from paygate.backoffice.journal.forms import BookForm, RefundForm
from paygate.backoffice.journal.guarantee import guarantee_of
from paygate.backoffice.journal.refunds import refund_parts
from paygate.backoffice.journal.verdict_words import decision_mark, said
from paygate.backoffice.journal.words import (
    booked_less,
    lacks_shift,
    marks_of,
    movement_mark,
    notice_of,
    outcome_words,
    state_words,
    why_declined,
    why_no_answer,
)
from paygate.backoffice.letters.words import mail_mark
from paygate.backoffice.pages import page
from paygate.backoffice.three_ds_messages import readable
from paygate.backoffice.timeline import name_of, names_at, newest_first, told
from paygate.backoffice.visit import Visit
from paygate.checkout.models import Session
from paygate.journal.amounts import balance
from paygate.journal.cancel import cancel, may_cancel
from paygate.journal.capture import HeldBack, NotCapturable, NotWithinReservation, capture
from paygate.journal.find import entry_of
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import ON_ITS_WAY
from paygate.journal.parts import NothingLeft, left_open, may_release, release_rest
from paygate.journal.states import EntryState, MovementState
from paygate.languages import ui_language
from paygate.lifecycle.moves import history
from paygate.links.models import Link
from paygate.mail.archive import letters_about
from paygate.merchants.models import Booking
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.money.currencies import exponent
from paygate.money.display import plain
from paygate.offers.models import Offer
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import Refusal
from paygate.threeds.models import MessageLine
from paygate.webhooks.calling import said as said_of_call

SHOWN_PARTS: Final = (
    *ON_ITS_WAY,
    MovementState.APPROVED,
)  # what failed stands among the messages to the acquirer


@doorman(Permission.SEE_JOURNAL)
@require_safe
def show(request: Visit, transaction_id: str) -> HttpResponse:
    """The payment with everything that is known about it (SPG-ARC-03, 04)."""
    return shown(request, entry_of(request.actor, transaction_id))


@doorman(Permission.CAPTURE)
@require_POST
def book(request: Visit, transaction_id: str) -> HttpResponse:
    """Book the reservation, whole or lowered."""
    entry = entry_of(request.actor, transaction_id)
    form = BookForm(request.POST, currency=entry.currency)
    if form.is_valid():
        try:
            movement = capture(entry.pk, amount=form.money, by=request.actor, now=request.now)
        except NotWithinReservation as refusal:
            form.refuse(refusal)
        except (NotCapturable, HeldBack) as refusal:
            messages.error(request, str(refusal))
            return redirect("backoffice:entry", entry.transaction_id)
        else:
            return answered(request, entry, movement)
    return shown(request, entry, form)


@doorman(Permission.CANCEL)
@require_POST
def give_back(request: Visit, transaction_id: str) -> HttpResponse:
    """Cancel a reservation, or a booking whose batch is still open."""
    entry = entry_of(request.actor, transaction_id)
    if request.POST.get("seen") != seen(entry):
        messages.error(request, _("This payment has changed meanwhile. Look again before you cancel it."))
        return redirect("backoffice:entry", entry.transaction_id)
    try:
        movement = cancel(entry.pk, by=request.actor, now=request.now)
    except Refusal as refusal:
        if refusal.kind is RefusalKind.FORBIDDEN:
            raise
        messages.error(request, str(refusal))
        return redirect("backoffice:entry", entry.transaction_id)
    return answered(request, entry, movement)


@doorman(Permission.CAPTURE)
@require_POST
def release(request: Visit, transaction_id: str) -> HttpResponse:
    """Release what is left of a reservation that was booked in parts."""
    entry = entry_of(request.actor, transaction_id)
    if request.POST.get("seen") != seen(entry):
        messages.error(
            request, _("This payment has changed meanwhile. Look again before you release its rest.")
        )
        return redirect("backoffice:entry", entry.transaction_id)
    try:
        movement = release_rest(entry.pk, by=request.actor, now=request.now)
    except NothingLeft as refusal:
        messages.error(request, str(refusal))
        return redirect("backoffice:entry", entry.transaction_id)
    return answered(request, entry, movement)


def seen(entry: Entry) -> str:
    """What the page of an entry showed: the button that moves money counts for nothing else."""
    return f"{entry.state} {entry.booked_minor} {entry.refunded_minor}"


def answered(request: Visit, entry: Entry, movement: Movement) -> HttpResponse:
    """Back to the page of the entry, which says what the acquirer has answered."""
    if outcome := outcome_words(movement):
        tone, words = outcome
        getattr(messages, tone)(request, words)
    return redirect("backoffice:entry", entry.transaction_id)


def shown(
    request: Visit, entry: Entry, form: BookForm | None = None, refund_form: RefundForm | None = None
) -> HttpResponse:
    """The page of an entry, with a form that was refused in place of a fresh one."""
    movements = list(entry.movements.select_related("period"))
    names, left = names_at(request.merchant.pk), _left_to_book(entry, movements)
    is_open = entry.state == EntryState.AUTHORIZED
    if form is None and left:
        form = BookForm(None, currency=entry.currency, initial={"amount": plain(left)})
    return page(
        request,
        "journal/show.html.jinja",
        {
            "entry": entry,
            "mark": marks_of([entry])(entry),
            "movement_mark": movement_mark,
            "why_declined": why_declined,
            "why_no_answer": why_no_answer,
            "lacks_shift": lacks_shift(entry),
            "booked_less": booked_less(entry),
            "guarantee": guarantee_of(entry, now=request.now),
            "method": METHODS[entry.method],
            "booking": Booking(entry.booking).label,
            "booked": entry.booked if entry.booked.minor else None,
            "parts": [one for one in movements if one.part and one.state in SHOWN_PARTS],
            "open_rest": left_open(entry) if is_open and entry.is_in_parts else None,
            "may_release": Permission.CAPTURE in request.actor.permissions and may_release(entry),
            "offer": _offer_behind(entry),
            "link": _link_behind(entry),
            **_payer_addresses(entry),
            "movements": movements,
            "notice": notice_of(entry, movements),
            "under_review": [movement for movement in movements if movement.is_under_review],
            "name_of_case": name_of_case,
            "decisions": decisions_about(entry),
            "said": lambda decision: said(decision, decision.movement),
            "decision_mark": decision_mark,
            "left": left if Permission.CAPTURE in request.actor.permissions else None,
            "form": form,
            **refund_parts(request, entry, refund_form),
            "digits": exponent(entry.currency),
            "seen": seen(entry),
            "may_cancel": Permission.CANCEL in request.actor.permissions and may_cancel(entry),
            "three_ds": _three_ds_log(entry),
            "letters": list(letters_about(f"entry:{entry.transaction_id}")),
            "mail_mark": mail_mark,
            "calls": list(calls_about(entry)),
            "call_mark": call_mark,
            "said_of_call": said_of_call,
            "may_call_again": Permission.CAPTURE in request.actor.permissions,
            "name_of": lambda by: name_of(by, names),
            "story": newest_first(told(history(entry), names, state_words(entry))),
        },
        status=422 if (form and form.errors) or (refund_form and refund_form.errors) else 200,
    )


def _left_to_book(entry: Entry, movements: list[Movement]) -> Money | None:
    """What the booking form proposes; None when there is nothing to book, or a question is on its way."""
    if entry.state != EntryState.AUTHORIZED or entry.booked_minor or entry.held_back_since:
        return None
    if entry.is_refund:
        return entry.amount
    on_its_way = (MovementState.ASKED, MovementState.UNKNOWN)
    if any(movement.kind == Kind.CANCEL and movement.state in on_its_way for movement in movements):
        return None
    return balance(movements, entry.currency).capturable


def _offer_behind(entry: Entry) -> Offer | None:
    try:
        return Offer.objects.filter(pk=UUID(entry.single_use_of)).first()
    except ValueError:
        return None


def _link_behind(entry: Entry) -> Link | None:
    """The multi-use link that was paid, while there is one."""
    return Link.objects.filter(pk=UUID(entry.multi_use_of)).first() if entry.multi_use_of else None


def _payer_addresses(entry: Entry) -> dict[str, list[str]]:
    """As the merchant knew them, or as the payer filled them in (SPG-ARC-03, SPG-ADR-03, SPG-MUF-20, 21).

    Of a multi-use link, the e-mail address stands with the billing address (SPG-MUP-06).
    """
    rows = Session.objects.filter(attempts__entry=entry).values_list("address", "delivery")
    address, delivery = rows.first() or ({}, {})
    language = ui_language(get_language())
    lines = Address.of_row(address).lines(language)
    if entry.multi_use_of and entry.payer_email:
        lines.append(entry.payer_email)
    return {"payer_address": lines, "delivery_address": Address.of_row(delivery).lines(language)}


def _three_ds_log(entry: Entry) -> list[tuple[MessageLine, str]]:
    """Each message of the authentication, with its content as people can read it."""
    return readable(entry.authentication.messages.all()) if entry.authentication else []
