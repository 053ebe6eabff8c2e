"""One payment: facts, 3-D Secure log, movements, story; book it and cancel it."""

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
from paygate.backoffice.journal.forms import BookForm
from paygate.backoffice.journal.guarantee import guarantee_of
from paygate.backoffice.journal.verdict_words import decision_mark, said
from paygate.backoffice.journal.words import (
    booked_less,
    lacks_shift,
    marks_of,
    movement_mark,
    notice_of,
    outcome_words,
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
from paygate.journal.states import EntryState, MovementState
from paygate.languages import ui_language
from paygate.lifecycle.moves import history
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


@doorman(Permission.SEE_JOURNAL)
@require_safe
def show(request: Visit, transaction_id: str) -> HttpResponse:
    """The payment with everything that is known about it (SPG-ARC-03, 04)."""
    return _show(request, entry_of(request.actor, transaction_id), None)


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
            return _answered(request, entry, movement)
    return _show(request, entry, form)


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
    return _answered(request, entry, movement)


def seen(entry: Entry) -> str:
    """What the page of an entry showed: the button that moves money counts for nothing else."""
    return f"{entry.state} {entry.booked_minor}"


def _answered(request: Visit, entry: Entry, movement: Movement) -> HttpResponse:
    if outcome := outcome_words(movement):
        tone, words = outcome
        getattr(messages, tone)(request, words)
    return redirect("backoffice:entry", entry.transaction_id)


def _show(request: Visit, entry: Entry, form: BookForm | None) -> HttpResponse:
    movements = list(entry.movements.select_related("period"))
    names, left = names_at(request.merchant.pk), _left_to_book(entry, movements)
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
            # What is on its way to the acquirer is not booked before the answer.
            "booked": Money(entry.booked_minor, entry.currency)
            if entry.state == EntryState.CAPTURED
            else None,
            "offer": _offer_behind(entry),
            "payer_address": _payer_address(entry),
            "movements": movements,
            "notice": notice_of(entry, movements),
            "under_review": [movement for movement in movements if movement.is_under_review],
            "name_of_case": name_of_case,
            "decisions": decisions_about(entry),
            "said": lambda decision: said(decision, decision.movement),
            "decision_mark": decision_mark,
            "left": left if Permission.CAPTURE in request.actor.permissions else None,
            "form": form,
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
            "story": newest_first(told(history(entry), names, dict(EntryState.choices))),
        },
        status=422 if form and form.errors else 200,
    )


def _left_to_book(entry: Entry, movements: list[Movement]) -> Money | None:
    """What the booking form proposes; None when there is nothing to book, or a question is on its way."""
    if entry.state != EntryState.AUTHORIZED or entry.booked_minor or entry.held_back_since:
        return None
    on_its_way = (MovementState.ASKED, MovementState.UNKNOWN)
    if any(movement.kind == Kind.CANCEL and movement.state in on_its_way for movement in movements):
        return None
    return balance(movements, entry.currency).capturable


def _offer_behind(entry: Entry) -> Offer | None:
    try:
        return Offer.objects.filter(pk=UUID(entry.single_use_of)).first()
    except ValueError:
        return None


def _payer_address(entry: Entry) -> list[str]:
    """As the merchant knew it, or as the payer filled it in (SPG-ARC-03, SPG-ADR-03)."""
    row = Session.objects.filter(attempts__entry=entry).values_list("address", flat=True).first()
    return Address.of_row(row).lines(ui_language(get_language())) if row else []


def _three_ds_log(entry: Entry) -> list[tuple[MessageLine, str]]:
    """Each message of the authentication, with its content as people can read it."""
    return readable(entry.authentication.messages.all()) if entry.authentication else []
