"""The lives of a session and of an attempt (safety.md 2.2)."""

from datetime import timedelta
from typing import Final

from django.db.models import TextChoices

from paygate.lifecycle.moves import Lifecycle


class SessionState(TextChoices):
    """How one payer's visit ended."""

    OPEN = "OPEN"
    PAID = "PAID"
    FAILED = "FAILED"  # declined, and given up or out of tries
    ABORTED = "ABORTED"  # the payer left by the button
    EXPIRED = "EXPIRED"  # the payer just left


SESSION_LIFE = Lifecycle(
    {
        SessionState.OPEN: {
            SessionState.PAID,
            SessionState.FAILED,
            SessionState.ABORTED,
            SessionState.EXPIRED,
        },
        SessionState.EXPIRED: set(),  # not while an attempt is live
        SessionState.PAID: set(),
        SessionState.FAILED: set(),
        SessionState.ABORTED: set(),
    }
)


class AttemptState(TextChoices):
    """How far one try got."""

    STARTED = "STARTED"  # the card is on hold, nothing was sent
    AUTHENTICATING = "AUTHENTICATING"  # at the issuer; with `ready_at`: done, and money may be asked for
    AUTHORIZING = "AUTHORIZING"  # the acquirer is asked
    UNKNOWN = "UNKNOWN"  # no answer; it may have worked
    PAID = "PAID"
    DECLINED = "DECLINED"  # refused by issuer, acquirer or 3-D Secure
    FAILED = "FAILED"  # technical, and provably nothing was reserved
    ABANDONED = "ABANDONED"  # the payer left, or began again
    VOIDED = "VOIDED"  # given up; what was reserved is given back (with the entry PENDING: on its way)


ATTEMPT_LIFE = Lifecycle(
    {
        AttemptState.STARTED: {
            AttemptState.AUTHENTICATING,
            AttemptState.AUTHORIZING,
            AttemptState.DECLINED,
            AttemptState.FAILED,
            AttemptState.ABANDONED,
        },
        AttemptState.AUTHENTICATING: {
            AttemptState.AUTHORIZING,
            AttemptState.DECLINED,
            AttemptState.FAILED,
            AttemptState.ABANDONED,
        },
        AttemptState.AUTHORIZING: {
            AttemptState.PAID,
            AttemptState.DECLINED,
            AttemptState.FAILED,
            AttemptState.UNKNOWN,
            # An approval that must not be kept: for less than asked, or without the liability shift that was wanted.
            AttemptState.VOIDED,
        },
        AttemptState.UNKNOWN: {AttemptState.PAID, AttemptState.DECLINED, AttemptState.VOIDED},
        AttemptState.PAID: set(),
        AttemptState.DECLINED: set(),
        AttemptState.FAILED: set(),
        AttemptState.ABANDONED: set(),
        AttemptState.VOIDED: set(),
    }
)

BEFORE_MONEY: Final = (AttemptState.STARTED, AttemptState.AUTHENTICATING)  # may still be given up
MONEY_ASKED: Final = (AttemptState.AUTHORIZING, AttemptState.UNKNOWN)
LIVE: Final = BEFORE_MONEY + MONEY_ASKED
READY_FOR: Final = timedelta(minutes=20)  # a payer's card waits no longer for its program (behaviour.md D-13)
