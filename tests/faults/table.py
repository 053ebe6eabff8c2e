"""What becomes of each fault at the acquirer with each operation: 19 modes by 10 (safety.md OC-1 to OC-11, TE-1).

A cell says how our books stand right after and what the payer or the clerk is told then; and how it ends when the
schedule has run, what the acquirer holds then, and what was written to payer and desk. The fault happens once. Books
are: the offer; each attempt with its payment and the questions to the acquirer; the batch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from paygate.simulation.faults import Mode

# PART and RELEASE are messages CAPTURE and CANCEL of a reservation that is booked in parts (behaviour.md H-9 to 14),
# CREDIT is a message REFUND to a card that paid nothing before (I-7).
OPERATIONS: Final = (
    "AUTH",
    "CAPTURE",
    "PART",
    "CANCEL",
    "RELEASE",
    "REFUND",
    "CREDIT",
    "REVERSAL",
    "BATCH",
    "INQUIRY",
)
MESSAGES: Final = {"PART": "CAPTURE", "RELEASE": "CANCEL", "CREDIT": "REFUND"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What is expected of one fault."""

    after: str
    told: str
    end: str
    held: str = ""
    letters: str = ""


# Done there, and what comes of it is no answer (OC-1, OC-2).
LOST: Final = (
    Mode.DROP_AFTER_COMMIT,
    Mode.DELAY,
    Mode.SLOW_DRIP,
    Mode.LATE_REPLY,
    Mode.DUPLICATE_CONFLICTING,
    Mode.MALFORMED,
    Mode.TRUNCATED,
    Mode.WRONG_AMOUNT,
    Mode.WRONG_CURRENCY,
    Mode.WRONG_REFERENCE,
    Mode.UNKNOWN_CODE,
    Mode.HTTP_500,
    Mode.HTML_502,
)
SUCCESS: Final = "confirmation notice"
PAID: Final = "PAID | PAID AUTHORIZED: AUTHORIZE APPROVED"
FILED: Final = "PAID | PAID CAPTURED: AUTHORIZE APPROVED, CAPTURE APPROVED | batch CLOSED"


def _each(modes: Iterable[Mode], cell: Cell) -> dict[Mode, Cell]:
    return dict.fromkeys(modes, cell)


_ASKED_ABOUT = "OPEN | UNKNOWN PENDING: AUTHORIZE UNKNOWN"
_FOUND = Cell(_ASKED_ABOUT, "checking", PAID, "4990 reserved", SUCCESS)
_AT_ONCE = Cell(PAID, "paid", PAID, "4990 reserved", SUCCESS)
_NOT_KEPT = "OPEN | VOIDED CANCELED: AUTHORIZE DECLINED, REVERSAL APPROVED"

_AUTH: Final = {
    **_each(LOST, _FOUND),
    Mode.DUPLICATE_REPLY: _AT_ONCE,
    Mode.REFUSE_CONNECT: Cell(
        "OPEN | FAILED FAILED: AUTHORIZE NOT_SENT",
        "nothing taken",
        "OPEN | FAILED FAILED: AUTHORIZE NOT_SENT",
    ),
    # "Never heard of it", said twice, is proof (OC-6); a give-back sees to it that it stays so.
    Mode.DROP_BEFORE_READ: Cell(
        _ASKED_ABOUT,
        "checking",
        "OPEN | DECLINED DECLINED: AUTHORIZE DECLINED, REVERSAL APPROVED",
        letters="not_paid",
    ),
    Mode.PARTIAL_AMOUNT: Cell(
        "OPEN | VOIDED PENDING: AUTHORIZE UNKNOWN, REVERSAL ASKED", "checking", _NOT_KEPT, letters="not_paid"
    ),
    Mode.SHIFT_REFUSED: Cell(
        "PAID | PAID AUTHORIZED without shift: AUTHORIZE APPROVED",
        "paid",
        "PAID | PAID AUTHORIZED without shift: AUTHORIZE APPROVED",
        "4990 reserved",
        SUCCESS,
    ),
    # One more try, with a challenge (OC-13), from which this payer walks away.
    Mode.SOFT_DECLINE: Cell(
        "OPEN | DECLINED DECLINED: AUTHORIZE DECLINED | AUTHENTICATING",
        "the bank asks",
        "OPEN | DECLINED DECLINED: AUTHORIZE DECLINED | ABANDONED",
    ),
}

_BOOKED = "PAID | PAID CAPTURED: AUTHORIZE APPROVED, CAPTURE APPROVED"
_BOOKING = f"{PAID}, CAPTURE UNKNOWN"
_NOT_BOOKED = f"{PAID}, CAPTURE DECLINED, REVERSAL APPROVED"

_CAPTURE: Final = {
    **_each(LOST, Cell(_BOOKING, "no answer yet", _BOOKED, "4990 reserved 4990 booked", SUCCESS)),
    **_each(
        (Mode.DUPLICATE_REPLY, Mode.SHIFT_REFUSED),  # beside an authorization a shift means nothing
        Cell(_BOOKED, "booked", _BOOKED, "4990 reserved 4990 booked", SUCCESS),
    ),
    Mode.REFUSE_CONNECT: Cell(
        f"{PAID}, CAPTURE NOT_SENT", "not reached", f"{PAID}, CAPTURE NOT_SENT", "4990 reserved", SUCCESS
    ),
    Mode.DROP_BEFORE_READ: Cell(_BOOKING, "no answer yet", _NOT_BOOKED, "4990 reserved", SUCCESS),
    # Nobody wants half a booking: given back at once, and the reservation can be booked anew (OC-2).
    Mode.PARTIAL_AMOUNT: Cell(
        f"{_BOOKING}, REVERSAL ASKED", "no answer yet", _NOT_BOOKED, "4990 reserved", SUCCESS
    ),
    Mode.SOFT_DECLINE: Cell(
        f"{PAID}, CAPTURE DECLINED", "declined", f"{PAID}, CAPTURE DECLINED", "4990 reserved", SUCCESS
    ),
}

_PART_BOOKED = f"{PAID}, CAPTURE APPROVED"  # a part; the rest is still open

_PART: Final = {
    **_each(LOST, Cell(_BOOKING, "no answer yet", _PART_BOOKED, "4990 reserved 2000 booked", SUCCESS)),
    **_each(
        (Mode.DUPLICATE_REPLY, Mode.SHIFT_REFUSED),
        Cell(_PART_BOOKED, "booked", _PART_BOOKED, "4990 reserved 2000 booked", SUCCESS),
    ),
    # A program is told the same as of a lost answer: its repeat books it.
    Mode.REFUSE_CONNECT: Cell(
        f"{PAID}, CAPTURE NOT_SENT", "no answer yet", f"{PAID}, CAPTURE NOT_SENT", "4990 reserved", SUCCESS
    ),
    Mode.DROP_BEFORE_READ: Cell(_BOOKING, "no answer yet", _NOT_BOOKED, "4990 reserved", SUCCESS),
    Mode.PARTIAL_AMOUNT: Cell(
        f"{_BOOKING}, REVERSAL ASKED", "no answer yet", _NOT_BOOKED, "4990 reserved", SUCCESS
    ),
    Mode.SOFT_DECLINE: Cell(
        f"{PAID}, CAPTURE DECLINED", "declined", f"{PAID}, CAPTURE DECLINED", "4990 reserved", SUCCESS
    ),
}

_RELEASED = f"{_BOOKED}, RELEASE APPROVED"
_RELEASING = f"{_PART_BOOKED}, RELEASE UNKNOWN"
_A_PART = "4990 reserved 2000 booked"

_RELEASE: Final = {
    **_each(LOST, Cell(_RELEASING, "no answer yet", _RELEASED, _A_PART, SUCCESS)),
    **_each(
        (Mode.DUPLICATE_REPLY, Mode.SHIFT_REFUSED),
        Cell(_RELEASED, "released", _RELEASED, _A_PART, SUCCESS),
    ),
    Mode.REFUSE_CONNECT: Cell(
        f"{_PART_BOOKED}, RELEASE NOT_SENT",
        "not reached",
        f"{_PART_BOOKED}, RELEASE NOT_SENT",
        _A_PART,
        SUCCESS,
    ),
    Mode.DROP_BEFORE_READ: Cell(
        _RELEASING, "no answer yet", f"{_PART_BOOKED}, RELEASE DECLINED", _A_PART, SUCCESS
    ),
    # As of a cancellation: nobody but people can know.
    Mode.PARTIAL_AMOUNT: Cell(
        _RELEASING, "no answer yet", f"{_PART_BOOKED}, RELEASE REVIEW", _A_PART, SUCCESS
    ),
    Mode.SOFT_DECLINE: Cell(
        f"{_PART_BOOKED}, RELEASE DECLINED", "declined", f"{_PART_BOOKED}, RELEASE DECLINED", _A_PART, SUCCESS
    ),
}

_CANCELED = "PAID | PAID CANCELED: AUTHORIZE APPROVED, CANCEL APPROVED"
_CANCELING = f"{PAID}, CANCEL UNKNOWN"

_CANCEL: Final = {
    **_each(LOST, Cell(_CANCELING, "no answer yet", _CANCELED, "", SUCCESS)),
    **_each((Mode.DUPLICATE_REPLY, Mode.SHIFT_REFUSED), Cell(_CANCELED, "canceled", _CANCELED, "", SUCCESS)),
    Mode.REFUSE_CONNECT: Cell(
        f"{PAID}, CANCEL NOT_SENT", "not reached", f"{PAID}, CANCEL NOT_SENT", "4990 reserved", SUCCESS
    ),
    Mode.DROP_BEFORE_READ: Cell(
        _CANCELING, "no answer yet", f"{PAID}, CANCEL DECLINED", "4990 reserved", SUCCESS
    ),
    # The acquirer says whenever it is asked that it released half. Nobody but people can know.
    Mode.PARTIAL_AMOUNT: Cell(_CANCELING, "no answer yet", f"{PAID}, CANCEL REVIEW", "", SUCCESS),
    Mode.SOFT_DECLINE: Cell(
        f"{PAID}, CANCEL DECLINED", "declined", f"{PAID}, CANCEL DECLINED", "4990 reserved", SUCCESS
    ),
}

_BACK = "4990 reserved 4990 booked 4990 paid back"
_STAYS = "4990 reserved 4990 booked"
_REFUNDED = f"{_BOOKED} | refund CAPTURED: REFUND APPROVED"
_REFUNDING = f"{_BOOKED} | refund PENDING: REFUND UNKNOWN"
_NOT_REFUNDED = f"{_BOOKED} | refund DECLINED: REFUND DECLINED, REVERSAL APPROVED"

_REFUND: Final = {
    **_each(LOST, Cell(_REFUNDING, "no answer yet", _REFUNDED, _BACK, SUCCESS)),
    **_each(
        (Mode.DUPLICATE_REPLY, Mode.SHIFT_REFUSED), Cell(_REFUNDED, "refunded", _REFUNDED, _BACK, SUCCESS)
    ),
    Mode.REFUSE_CONNECT: Cell(
        f"{_BOOKED} | refund FAILED: REFUND NOT_SENT",
        "not reached",
        f"{_BOOKED} | refund FAILED: REFUND NOT_SENT",
        _STAYS,
        SUCCESS,
    ),
    Mode.DROP_BEFORE_READ: Cell(_REFUNDING, "no answer yet", _NOT_REFUNDED, _STAYS, SUCCESS),
    # Half a refund is taken back at once, and the payment can be refunded anew (OC-2).
    Mode.PARTIAL_AMOUNT: Cell(f"{_REFUNDING}, REVERSAL ASKED", "taken back", _NOT_REFUNDED, _STAYS, SUCCESS),
    Mode.SOFT_DECLINE: Cell(
        f"{_BOOKED} | refund DECLINED: REFUND DECLINED",
        "declined",
        f"{_BOOKED} | refund DECLINED: REFUND DECLINED",
        _STAYS,
        SUCCESS,
    ),
}

_SENT = f"{PAID} | refund AUTHORIZED: REFUND APPROVED"
_SENDING = f"{PAID} | refund PENDING: REFUND UNKNOWN"
_NOT_SENT = f"{PAID} | refund DECLINED: REFUND DECLINED, REVERSAL APPROVED"
_AWAY = "4990 reserved 2000 paid back"

_CREDIT: Final = {
    **_each(LOST, Cell(_SENDING, "no answer yet", _SENT, _AWAY, SUCCESS)),
    **_each((Mode.DUPLICATE_REPLY, Mode.SHIFT_REFUSED), Cell(_SENT, "sent", _SENT, _AWAY, SUCCESS)),
    Mode.REFUSE_CONNECT: Cell(
        f"{PAID} | refund FAILED: REFUND NOT_SENT",
        "not reached",
        f"{PAID} | refund FAILED: REFUND NOT_SENT",
        "4990 reserved",
        SUCCESS,
    ),
    Mode.DROP_BEFORE_READ: Cell(_SENDING, "no answer yet", _NOT_SENT, "4990 reserved", SUCCESS),
    Mode.PARTIAL_AMOUNT: Cell(
        f"{_SENDING}, REVERSAL ASKED", "no answer yet", _NOT_SENT, "4990 reserved", SUCCESS
    ),
    Mode.SOFT_DECLINE: Cell(
        f"{PAID} | refund DECLINED: REFUND DECLINED",
        "declined",
        f"{PAID} | refund DECLINED: REFUND DECLINED",
        "4990 reserved",
        SUCCESS,
    ),
}

# What is given back is a reservation for half of what was asked.
_VOIDING = "OPEN | VOIDED PENDING: AUTHORIZE UNKNOWN, REVERSAL UNKNOWN"
_ONCE_MORE = Cell(_VOIDING, "checking", _NOT_KEPT, letters="not_paid")
_GIVEN_BACK = "OPEN | VOIDED CANCELED: AUTHORIZE UNKNOWN, REVERSAL APPROVED"

_REVERSAL: Final = {
    **_each((*LOST, Mode.DROP_BEFORE_READ), _ONCE_MORE),
    **_each(
        (Mode.DUPLICATE_REPLY, Mode.SHIFT_REFUSED),
        Cell(_GIVEN_BACK, "nothing taken", _NOT_KEPT, letters="not_paid"),
    ),
    Mode.REFUSE_CONNECT: Cell(
        "OPEN | VOIDED PENDING: AUTHORIZE UNKNOWN, REVERSAL NOT_SENT",
        "checking",
        _NOT_KEPT,
        letters="not_paid",
    ),
    # Given back, and acknowledged for half only, whenever it is asked. Nobody but people can know.
    Mode.PARTIAL_AMOUNT: Cell(
        _VOIDING, "checking", "OPEN | VOIDED PENDING: AUTHORIZE UNKNOWN, REVERSAL REVIEW"
    ),
    # A refusal is looked into, and asked for again under a new name.
    Mode.SOFT_DECLINE: Cell(
        "OPEN | VOIDED PENDING: AUTHORIZE UNKNOWN, REVERSAL DECLINED",
        "checking",
        "OPEN | VOIDED CANCELED: AUTHORIZE DECLINED, REVERSAL DECLINED, REVERSAL APPROVED",
        letters="not_paid",
    ),
}

_CLOSED = Cell(FILED, "filed", FILED, "4990 reserved 4990 booked 4990 filed", SUCCESS)
_CLOSING = Cell(
    f"{_BOOKED} | batch CLOSING",
    "waits for the acquirer",
    FILED,
    "4990 reserved 4990 booked 4990 filed",
    SUCCESS,
)

_BATCH: Final = {
    **_each(
        (*LOST, Mode.REFUSE_CONNECT, Mode.DROP_BEFORE_READ, Mode.PARTIAL_AMOUNT, Mode.SOFT_DECLINE), _CLOSING
    ),
    **_each((Mode.DUPLICATE_REPLY, Mode.SHIFT_REFUSED), _CLOSED),
}

# What is asked about is a reservation whose answer was lost; the fault happens to the first inquiry.
_INQUIRY: Final = {
    **_each((*LOST, Mode.REFUSE_CONNECT, Mode.DROP_BEFORE_READ), _FOUND),
    **_each((Mode.DUPLICATE_REPLY, Mode.SOFT_DECLINE), _AT_ONCE),  # an inquiry is never refused
    Mode.SHIFT_REFUSED: _AUTH[Mode.SHIFT_REFUSED],
    # Whoever says that half is reserved is believed so far that it is given back (OC-2).
    Mode.PARTIAL_AMOUNT: Cell(_GIVEN_BACK, "nothing taken", _NOT_KEPT, letters="not_paid"),
}

TABLE: Final[Mapping[str, Mapping[Mode, Cell]]] = {
    "AUTH": _AUTH,
    "CAPTURE": _CAPTURE,
    "PART": _PART,
    "CANCEL": _CANCEL,
    "RELEASE": _RELEASE,
    "REFUND": _REFUND,
    "CREDIT": _CREDIT,
    "REVERSAL": _REVERSAL,
    "BATCH": _BATCH,
    "INQUIRY": _INQUIRY,
}

# Cells that cannot be run, each with its reason: there is none.
CANNOT_BE: Final[Mapping[tuple[str, Mode], str]] = {}
