"""The entries and periods an actor may see."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from paygate.acquiring.declines import DeclineReason
from paygate.journal.models import BookingPeriod, Entry, Kind, Movement
from paygate.journal.states import EntryState
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Search:
    """What the journal is narrowed to (SPG-FRM-13)."""

    text: str = ""
    states: tuple[str, ...] = ()
    terminal: str = ""
    link: str = ""  # the multi-use link that was paid
    type: str = ""  # payments or refunds alone


def entries_of(by: Actor, search: Search) -> QuerySet[Entry]:
    """The actor's journal, newest first."""
    by.require(Permission.SEE_JOURNAL)
    entries = Entry.objects.filter(merchant_id=by.merchant_id).select_related("terminal")
    if search.text:
        entries = entries.filter(
            Q(reference__icontains=search.text)
            | Q(transaction_id=search.text)
            | Q(description__icontains=search.text)
            | Q(payer_email__icontains=search.text)
        )
    if search.states:
        entries = entries.filter(state__in=search.states)
    if search.type:
        entries = entries.filter(type=search.type)
    if search.terminal:
        entries = entries.filter(terminal__number=search.terminal)
    if search.link:
        # Said twice, so that the database knows that its index of links has the answer.
        entries = entries.filter(multi_use_of=search.link).exclude(multi_use_of="")
    return entries


def entry_of(by: Actor, transaction_id: str) -> Entry:
    """The actor's entry of this public id. Raises `NotFound` for unknown and foreign ones alike (TN-4)."""
    by.require(Permission.SEE_JOURNAL)
    entry = (
        Entry.objects.select_related(
            "terminal", "contract", "authentication", "merchant", "pays_back", "pays_back_part"
        )
        .filter(merchant_id=by.merchant_id, transaction_id=transaction_id)
        .first()
    )
    if entry is None:
        raise NotFound
    return entry


def refunds_of(payment: Entry) -> list[Entry]:
    """What was paid back of a payment, or tried to be, the newest first."""
    return list(payment.refunds.order_by("-created_at", "-pk"))


def canceled_by_payers(entries: Iterable[Entry]) -> frozenset[int]:
    """Which of these declined entries it was the payer who declined, at the wallet: one question, or none."""
    declined = [entry.pk for entry in entries if entry.state == EntryState.DECLINED]
    if not declined:
        return frozenset()
    by_payer = Movement.objects.filter(
        entry__in=declined, kind=Kind.AUTHORIZE, decline_reason=DeclineReason.PAYER_CANCELED.value
    )
    return frozenset(by_payer.values_list("entry_id", flat=True))


def periods_of(by: Actor) -> QuerySet[BookingPeriod]:
    """The actor's booking periods, newest first."""
    by.require(Permission.SEE_JOURNAL)
    return BookingPeriod.objects.filter(merchant_id=by.merchant_id).select_related("terminal")


def period_of(by: Actor, terminal_number: str, number: int) -> BookingPeriod:
    """One period of one of the actor's terminals. Raises `NotFound`."""
    period = periods_of(by).filter(terminal__number=terminal_number, number=number).first()
    if period is None:
        raise NotFound
    return period
