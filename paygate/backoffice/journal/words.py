"""Sign, colour and word of each state in the journal (look.md: state is shape, colour and word together)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from paygate.acquiring import causes
from paygate.acquiring.declines import DeclineReason, is_final, merchant_text
from paygate.journal.find import canceled_by_payers
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.states import EntryState, MovementState, PeriodState
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.money.display import money_text


@dataclass(frozen=True, slots=True)
class Mark:
    """What the macro `mark` draws."""

    shape: str  # ring, full, half, bar or cross
    tone: str  # good, wrong, warn or grey
    label: str | Promise


_ENTRY: Final[Mapping[str, tuple[str, str]]] = {
    EntryState.PENDING: ("half", "warn"),
    EntryState.AUTHORIZED: ("ring", "good"),
    EntryState.CAPTURED: ("full", "good"),
    EntryState.DECLINED: ("cross", "wrong"),
    EntryState.FAILED: ("cross", "grey"),
    EntryState.CANCELED: ("bar", "grey"),
}
_MOVEMENT: Final[Mapping[str, tuple[str, str]]] = {
    MovementState.ASKED: ("half", "warn"),
    MovementState.APPROVED: ("full", "good"),
    MovementState.DECLINED: ("cross", "wrong"),
    MovementState.UNKNOWN: ("half", "warn"),
    MovementState.NOT_SENT: ("cross", "grey"),
    MovementState.ELSEWHERE: ("half", "warn"),
}
_PERIOD: Final[Mapping[str, tuple[str, str]]] = {
    PeriodState.OPEN: ("ring", "good"),
    PeriodState.CLOSING: ("half", "warn"),
    PeriodState.CLOSED: ("full", "good"),
    PeriodState.REFUSED: ("cross", "wrong"),
}


_REFUND: Final[Mapping[str, str | Promise]] = {
    EntryState.AUTHORIZED: gettext_lazy("Refund to be booked"),
    EntryState.CAPTURED: gettext_lazy("Refunded"),
}


def state_words(entry: Entry) -> dict[str, str | Promise]:
    """What each state of this payment or refund is called."""
    words: dict[str, str | Promise] = dict(EntryState.choices)
    return {**words, **_REFUND} if entry.is_refund else words


def marks_of(entries: Iterable[Entry]) -> Callable[[Entry], Mark]:
    """What draws the state of each of these payments."""
    canceled = canceled_by_payers(entries)

    def mark(entry: Entry) -> Mark:
        if entry.pk in canceled:
            return Mark("cross", "grey", _("Canceled by the payer"))
        if entry.is_in_parts and entry.state == EntryState.AUTHORIZED:
            return Mark("half", "good", _("Booked in part"))
        return Mark(*_ENTRY[entry.state], state_words(entry)[entry.state])

    return mark


def movement_mark(state: str) -> Mark:
    """Of a question to the acquirer."""
    return Mark(*_MOVEMENT[state], MovementState(state).label)


def period_mark(state: str) -> Mark:
    """Of a batch."""
    return Mark(*_PERIOD[state], PeriodState(state).label)


def lacks_shift(entry: Entry) -> bool:
    """Does the merchant bear the risk of fraud, where 3-D Secure could have taken it over? (safety.md 3D-9)"""
    return (
        entry.succeeded
        and not entry.is_refund
        and METHODS[entry.method].three_ds
        and not entry.liability_shift
    )


def booked_less(entry: Entry) -> Money | None:
    """What was booked, where it is less than what was reserved."""
    return entry.booked if 0 < entry.booked.minor < entry.amount_minor else None


def notice_of(entry: Entry, movements: Iterable[Movement]) -> str:
    """What a question on its way, or a giving back, means for whoever looks at the payment; empty for nothing."""
    movements = list(movements)
    # Of a booking that was approved too late only the booking is given back, not the payment.
    backs = [one for one in movements if one.kind == Kind.REVERSE and one.about_id == movements[0].pk]
    if entry.is_refund and any(one.settled_at is None for one in backs):
        return _("This refund is not made. We are taking it back; nothing needs doing.")
    if backs and not entry.succeeded and not entry.is_refund:
        if entry.state == EntryState.PENDING or any(one.settled_at is None for one in backs):
            return _("This payment is not kept. We are giving it back; nothing needs doing.")
        if entry.state == EntryState.CANCELED:
            return _("This payment was not kept. It is given back, and the buyer was not charged.")
    if entry.held_back_since is not None and entry.state == EntryState.AUTHORIZED:
        return _(
            "The acquirer's list does not have this payment. It can be booked once the acquirer knows it."
        )
    if any(one.state == MovementState.ELSEWHERE for one in movements):
        return _("The buyer is on the wallet's page and has not answered there yet. Nothing needs doing.")
    if any(one.state == MovementState.UNKNOWN for one in movements):
        return _("We asked the acquirer and have no answer yet. Nothing needs doing.")
    if entry.state == EntryState.DECLINED and any(is_final(one.acquirer_code) for one in movements):
        return _(
            "The bank forbids another try with this card. The buyer was only told that the payment was declined."
        )
    return ""


def why_no_answer(movement: Movement) -> str:
    """Why there is no usable answer, in words; empty when there was one."""
    return causes.why_no_answer(movement.no_answer_because)


def why_declined(movement: Movement) -> str:
    """The reason of a no, in words; empty when it was none."""
    if not movement.decline_reason:
        return ""
    return merchant_text(DeclineReason(movement.decline_reason), movement.acquirer_code)


def outcome_words(movement: Movement) -> tuple[str, str] | None:
    """What came of a booking, release, cancellation or refund, and the tone; while there is none the page says it."""
    match movement.state:
        case MovementState.APPROVED:
            done = {
                Kind.CANCEL: _("%(amount)s canceled."),
                Kind.RELEASE: _("%(amount)s released."),
                Kind.REFUND: _("%(amount)s refunded."),
            }
            words = done.get(Kind(movement.kind), _("%(amount)s booked."))
            return "success", words % {"amount": money_text(movement.amount, get_language() or "en")}
        case MovementState.DECLINED:
            return "error", _("The acquirer declined: %(why)s.") % {"why": why_declined(movement)}
        case MovementState.NOT_SENT:
            return "error", _("The acquirer could not be reached. Nothing was changed; please try again.")
        case _:
            return None
