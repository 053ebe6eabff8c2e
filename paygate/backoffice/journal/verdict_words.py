"""What people can say became of something, in words that fit what it is, and what each choice will cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paygate.backoffice.journal.cases import Case
from paygate.backoffice.journal.words import Mark
from paygate.journal.models import Decision, Kind, Movement, Origin
from paygate.journal.movements import is_given_back
from paygate.journal.states import EntryState, Verdict
from paygate.methods import METHODS

SINGLE: Final = "SINGLE"  # an authorization that moves the money itself
LOST: Final = "LOST"  # an authorization whose giving back was asked for
ANSWERED: Final = "ANSWERED"  # a give-back; nobody could find out whether its answer holds
BATCH: Final = "BATCH"
TAKEN_BACK: Final = "TAKEN_BACK"  # a give-back of a refund

Words = tuple[str | Promise, str | Promise]

_ASK_AGAIN: Final[Words] = (
    gettext_lazy("Nobody knows yet"),
    gettext_lazy("We ask the acquirer again, for up to seven days."),
)
_NOT_PAID: Final[Words] = (
    gettext_lazy("The payment did not happen"),
    gettext_lazy("It counts as declined, and the buyer can pay again."),
)

# What it is and what is said of it: the choice, and what will follow from it.
WORDS: Final[Mapping[tuple[str, str], Words]] = {
    (Kind.AUTHORIZE, Verdict.HAPPENED): (
        gettext_lazy("The money is reserved"),
        gettext_lazy("The payment counts as a reservation and its offer as paid. You can then book it."),
    ),
    (Kind.AUTHORIZE, Verdict.DID_NOT_HAPPEN): _NOT_PAID,
    (Kind.AUTHORIZE, Verdict.GIVE_BACK): (
        gettext_lazy("The acquirer holds money that we know nothing of"),
        gettext_lazy("It is given back to the buyer."),
    ),
    (SINGLE, Verdict.HAPPENED): (
        gettext_lazy("The buyer has paid"),
        gettext_lazy("The payment counts as booked and its offer as paid."),
    ),
    (SINGLE, Verdict.DID_NOT_HAPPEN): _NOT_PAID,
    (LOST, Verdict.HAPPENED): (
        gettext_lazy("The money is reserved"),
        gettext_lazy("It is not kept: we have given this payment up, and give it back to the buyer."),
    ),
    (LOST, Verdict.DID_NOT_HAPPEN): (
        gettext_lazy("The payment did not happen"),
        gettext_lazy("Nothing changes: we have given this payment up already."),
    ),
    (Kind.CAPTURE, Verdict.HAPPENED): (
        gettext_lazy("It is booked"),
        gettext_lazy("The payment counts as booked. Where it needs a batch, it goes with the open one."),
    ),
    (Kind.CAPTURE, Verdict.DID_NOT_HAPPEN): (
        gettext_lazy("It is not booked"),
        gettext_lazy("The reservation stays as it is: you can book or cancel it."),
    ),
    (Kind.CANCEL, Verdict.HAPPENED): (
        gettext_lazy("It is canceled"),
        gettext_lazy("The payment counts as canceled, and the buyer keeps the money."),
    ),
    (Kind.CANCEL, Verdict.DID_NOT_HAPPEN): (
        gettext_lazy("It is not canceled"),
        gettext_lazy("The payment stays as it is. You can cancel it again."),
    ),
    (Kind.RELEASE, Verdict.HAPPENED): (
        gettext_lazy("The rest is released"),
        gettext_lazy("Nothing more is taken from the buyer; what is booked stays booked."),
    ),
    (Kind.RELEASE, Verdict.DID_NOT_HAPPEN): (
        gettext_lazy("The rest is not released"),
        gettext_lazy("It stays reserved. You can release it again."),
    ),
    (Kind.REFUND, Verdict.HAPPENED): (
        gettext_lazy("It is refunded"),
        gettext_lazy("The refund counts. Where it needs a batch, it goes with the open one."),
    ),
    (Kind.REFUND, Verdict.DID_NOT_HAPPEN): (
        gettext_lazy("It is not refunded"),
        gettext_lazy("The refund counts as declined. You can refund the payment again."),
    ),
    (TAKEN_BACK, Verdict.HAPPENED): (
        gettext_lazy("The refund is taken back"),
        gettext_lazy("Nothing was paid back, as our books say."),
    ),
    (TAKEN_BACK, Verdict.ASK_AGAIN): (
        gettext_lazy("The refund is not taken back yet"),
        gettext_lazy("We try again to take it back, for up to seven days."),
    ),
    (Kind.REVERSE, Verdict.HAPPENED): (
        gettext_lazy("It is given back"),
        gettext_lazy("The buyer has the money back, and the payment counts as canceled."),
    ),
    (Kind.REVERSE, Verdict.ASK_AGAIN): (
        gettext_lazy("It is not given back yet"),
        gettext_lazy("We try again to give it back, for up to seven days."),
    ),
    (ANSWERED, Verdict.HAPPENED): (
        gettext_lazy("Nothing is held any more"),
        gettext_lazy("The buyer has the money back, and the payment counts as canceled."),
    ),
    (BATCH, Verdict.HAPPENED): (
        gettext_lazy("The acquirer has this batch"),
        gettext_lazy("It counts as closed. Nothing is sent."),
    ),
    (BATCH, Verdict.ASK_AGAIN): (
        gettext_lazy("The acquirer does not have this batch"),
        gettext_lazy("It is filed again at once, with the same bookings."),
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be said."""

    verdict: Verdict
    label: str
    consequence: str


def choices_of(case: Case) -> list[Choice]:
    """What can be said of this case."""
    return [choice(case, verdict) for verdict in case.verdicts]


def choice(case: Case, verdict: str) -> Choice:
    """One of them."""
    movement = case.movement
    sort = BATCH if movement is None else _sort(movement)
    if sort == Kind.AUTHORIZE and movement and _is_lost(movement):
        sort = LOST
    if sort == Kind.REVERSE and movement and movement.settled_at:
        sort = ANSWERED
    label, consequence = WORDS.get((sort, verdict), _ASK_AGAIN)
    return Choice(Verdict(verdict), str(label), str(consequence))


def said(decision: Decision, movement: Movement | None) -> str:
    """What somebody has said of a movement, or of a batch."""
    sort = BATCH if movement is None else _sort(movement)
    return str(WORDS.get((sort, decision.verdict), _ASK_AGAIN)[0])


def _sort(movement: Movement) -> str:
    orphan = movement.entry.origin == Origin.ORPHAN
    if movement.kind == Kind.REVERSE and movement.entry.is_refund:
        return TAKEN_BACK
    if movement.kind == Kind.AUTHORIZE and not orphan and not METHODS[movement.entry.method].needs_capture:
        return SINGLE
    return movement.kind


def _is_lost(movement: Movement) -> bool:
    if movement.entry.origin == Origin.ORPHAN:
        return False
    return movement.entry.state != EntryState.PENDING or is_given_back(movement)


def moves_money(case: Case, verdict: str) -> bool:
    """Does money move, or stay moved, by confirming this? Then the sum stands in the button (look.md)."""
    match verdict:
        case Verdict.DID_NOT_HAPPEN:
            return False
        case Verdict.ASK_AGAIN:
            return case.movement is None or (
                case.movement.kind == Kind.REVERSE and case.movement.settled_at is None
            )
        case _:
            return True


def why(case: Case) -> str:
    """Why people are asked."""
    movement = case.movement
    if movement is None:
        return _("The acquirer has a batch of this number with other contents, and refused ours.")
    if movement.entry.origin == Origin.ORPHAN and movement.kind == Kind.AUTHORIZE:
        return _("The acquirer's list has this payment, and our books do not.")
    if movement.kind == Kind.REVERSE and movement.entry.is_refund:
        return _("This refund must not be made. The acquirer never confirmed that it is taken back.")
    if movement.kind == Kind.REVERSE and movement.settled_at:
        return _(
            "This payment must not be kept. The acquirer never answered whether it still holds the money."
        )
    if movement.kind == Kind.REVERSE:
        return _("This payment must not be kept. The acquirer never confirmed that it is given back.")
    return _("We asked the acquirer again and again and got no usable answer. Nothing is tried meanwhile.")


def case_mark(case: Case) -> Mark:
    """How far it is."""
    if case.proposal:
        return Mark("half", "warn", _("To be confirmed"))
    if case.is_open:
        return Mark("ring", "warn", _("To be decided"))
    if any(decision.confirmed for decision in case.decisions):
        return Mark("full", "good", _("Decided"))
    return Mark("full", "good", _("Found out meanwhile"))


def decision_mark(decision: Decision) -> Mark:
    """What became of what somebody said."""
    if decision.confirmed:
        return Mark("full", "good", _("Confirmed"))
    if decision.ended_at is None:
        return Mark("half", "warn", _("To be confirmed"))
    if decision.ended_by == decision.proposed_by:
        return Mark("bar", "grey", _("Taken back"))
    return Mark("cross", "grey", _("Turned down"))
