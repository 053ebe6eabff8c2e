"""The lives of an entry, a movement and a period (safety.md 2.1, 2.2, 2.4), and what two people may say of one."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from paygate.lifecycle.moves import Lifecycle


class EntryState(TextChoices):
    """What became of a payment, as the merchant sees it."""

    PENDING = "PENDING", _("Pending")  # asked, not answered; nobody treats it as a no
    AUTHORIZED = "AUTHORIZED", _("Reservation")  # money reserved, to be booked
    CAPTURED = "CAPTURED", _("Booked")
    DECLINED = "DECLINED", _("Declined")
    FAILED = "FAILED", _("Not sent")  # provably nothing reached the acquirer
    CANCELED = "CANCELED", _("Canceled")


ENTRY_LIFE = Lifecycle(
    {
        EntryState.PENDING: {
            EntryState.AUTHORIZED,
            EntryState.DECLINED,
            EntryState.FAILED,
            EntryState.CANCELED,
        },
        EntryState.AUTHORIZED: {EntryState.CAPTURED, EntryState.CANCELED},
        # Only while the period it stands in is open.
        EntryState.CAPTURED: {EntryState.CANCELED},
        EntryState.DECLINED: set(),
        EntryState.FAILED: set(),
        EntryState.CANCELED: set(),
    }
)


class MovementState(TextChoices):
    """How far one question to the acquirer got."""

    ASKED = "ASKED", _("Asked")  # without `sent_at`: written down; with it: on its way
    APPROVED = "APPROVED", _("Approved")
    DECLINED = "DECLINED", _("Declined")
    UNKNOWN = "UNKNOWN", _("Unanswered")  # with `review_since`: a person must decide
    NOT_SENT = "NOT_SENT", _("Not sent")
    ELSEWHERE = "ELSEWHERE", _("At the wallet")


MOVEMENT_LIFE = Lifecycle(
    {
        MovementState.ASKED: {
            MovementState.APPROVED,
            MovementState.DECLINED,
            MovementState.UNKNOWN,
            MovementState.NOT_SENT,
            MovementState.ELSEWHERE,
        },
        MovementState.NOT_SENT: {MovementState.ASKED},
        # A wallet's answer that was lost may turn out to be "the payer has to go on here".
        MovementState.UNKNOWN: {MovementState.APPROVED, MovementState.DECLINED, MovementState.ELSEWHERE},
        MovementState.ELSEWHERE: {MovementState.APPROVED, MovementState.DECLINED},
        MovementState.APPROVED: set(),
        MovementState.DECLINED: set(),
    }
)


class PeriodState(TextChoices):
    """How far a booking period got."""

    OPEN = "OPEN", pgettext_lazy("batch", "Open")
    CLOSING = "CLOSING", _("Being closed")  # frozen; with `sent_at`: on its way to the acquirer
    CLOSED = "CLOSED", _("Closed")  # the acquirer has it
    REFUSED = "REFUSED", _("Refused")


PERIOD_LIFE = Lifecycle(
    {
        PeriodState.OPEN: {PeriodState.CLOSING},
        PeriodState.CLOSING: {PeriodState.CLOSED, PeriodState.REFUSED},
        PeriodState.REFUSED: {PeriodState.CLOSING},
        PeriodState.CLOSED: set(),
    }
)


class Verdict(TextChoices):
    """What two people say became of something that nobody could find out."""

    HAPPENED = "HAPPENED", _("It happened")
    DID_NOT_HAPPEN = "DID_NOT_HAPPEN", _("It did not happen")
    GIVE_BACK = "GIVE_BACK", _("It happened, and is given back")
    ASK_AGAIN = "ASK_AGAIN", _("Ask the acquirer again")
