"""`Connector`: what we ask of an acquirer, and the answers that can come back.

Every operation carries a request id, our own name for it, made and stored before anything is sent (safety.md OC-3).
Asking again under the same id is safe and gives the same answer.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from paygate.acquiring.declines import DeclineReason
from paygate.cards.number import Card
from paygate.money.amount import Money


class Operation(StrEnum):
    """The kinds of message, as safety.md TE-1 spells them."""

    AUTHORIZE = "AUTH"
    CAPTURE = "CAPTURE"
    CANCEL = "CANCEL"
    REFUND = "REFUND"
    REVERSE = "REVERSAL"
    INQUIRE = "INQUIRY"
    BATCH = "BATCH"
    LIST = "LIST"
    CHECK = "CHECK"  # is a card good; moves nothing
    REGISTER = "REGISTER"  # may a wallet be charged later; moves nothing


@dataclass(frozen=True, slots=True)
class TerminalRef:
    """A terminal as its acquirer knows it."""

    number: str  # ours
    merchant_id: str  # the acquirer's number for the merchant
    acquirer_bin: str = ""


@dataclass(frozen=True, slots=True)
class ThreeDSData:
    """What 3-D Secure gives the acquirer as proof."""

    eci: str
    authentication_value: str = field(repr=False)
    ds_trans_id: str
    version: str
    server_trans_id: str
    purchase_date: str = ""  # UTC, 14 digits: the same as the issuer was told (safety.md 3D-7)


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """Reserve an amount on a means of payment."""

    request_id: str
    terminal: TerminalRef
    amount: Money
    method: str  # a name of paygate.methods
    card: Card | None  # prints masked; None for wallets
    reference: str  # the merchant's own, for the payer's statement
    pre_authorization: bool = False
    three_ds: ThreeDSData | None = None
    allow_partial: bool = False
    return_url: str = ""  # where a wallet sends the payer back to
    initial: bool = False  # the first of a series: the acquirer keeps what it needs for the next ones
    original_request_id: str = ""  # of the first of the series; then there is no card, and no payer at hand
    original_reference: str = ""
    wallet_token: str = field(repr=False, default="")  # its payer agreed before; then no payer is at hand
    keeps_wallet: bool = False  # the approval brings a token for the next time


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """Is this card good? Nothing is reserved, so nothing is remembered and nothing has to be given back."""

    request_id: str
    terminal: TerminalRef
    currency: str
    method: str
    card: Card  # prints masked
    three_ds: ThreeDSData | None = None

    @property
    def amount(self) -> Money:
        """None."""
        return Money(0, self.currency)


@dataclass(frozen=True, slots=True)
class RegisterRequest:
    """May this wallet be charged later, without its payer? The payer is asked there; nothing is reserved."""

    request_id: str
    terminal: TerminalRef
    currency: str
    method: str
    return_url: str  # where the wallet sends the payer back to

    @property
    def amount(self) -> Money:
        """None."""
        return Money(0, self.currency)


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Book a reservation, whole or lowered or in parts."""

    request_id: str
    original_request_id: str  # of the AUTH
    original_reference: str
    amount: Money
    terminal: TerminalRef
    final: bool = True  # no more captures will follow; what is left is released


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Release a reservation, or a booking or refund that no batch has taken yet.

    Of a reservation that was booked in parts, with what is left as its amount: the parts stay, and no other follows.
    """

    request_id: str
    original_request_id: str  # of an AUTH (with all its captures), a CAPTURE or a REFUND
    original_reference: str
    amount: Money
    terminal: TerminalRef


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Pay back something booked; or, without an original, send money to a card."""

    request_id: str
    original_request_id: str  # of the CAPTURE, or of the AUTH; empty: of nothing
    original_reference: str
    amount: Money
    terminal: TerminalRef
    method: str = ""  # a name of paygate.methods, with a card
    card: Card | None = None  # prints masked


@dataclass(frozen=True, slots=True)
class ReverseRequest:
    """Give back by our own request id, even what was never answered or never arrived (safety.md OC-8)."""

    request_id: str  # of this reversal
    original_request_id: str
    amount: Money  # of the original
    terminal: TerminalRef


@dataclass(frozen=True, slots=True)
class InquireRequest:
    """What became of an operation of ours?"""

    request_id: str  # of the operation asked about
    operation: Operation
    amount: Money
    terminal: TerminalRef
    original_request_id: str = ""  # as the operation named it
    allow_partial: bool = False  # as the AUTH said


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One booking or refund of a batch."""

    request_id: str
    operation: Operation  # CAPTURE or REFUND; AUTH where a method books at once
    amount: Money


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """A closed booking period. Made by `batch_request`, so that the same lines are the same bytes (safety.md BA-2)."""

    request_id: str
    terminal: TerminalRef
    number: int
    lines: tuple[BatchLine, ...]
    totals: Mapping[str, int]  # currency -> minor units, refunds subtracted
    content_hash: str  # SHA-256 of the body, hex
    body: bytes


@dataclass(frozen=True, slots=True)
class Echo:
    """What the other side repeated of our question; equal to it, or there is no answer (safety.md OC-2)."""

    request_id: str
    terminal: str  # our terminal number
    amount: Money
    operation: Operation


@dataclass(frozen=True, slots=True)
class Approved:
    """Done."""

    reference: str  # the acquirer's own name for what it did
    amount: Money  # what was approved; less than asked is a partial approval
    echo: Echo
    approval_code: str = ""
    shift_refused: bool = False  # the issuer keeps the merchant liable although 3-D Secure succeeded
    wallet_token: str = field(repr=False, default="")  # with which the wallet can be charged again
    wallet_until: datetime | None = None  # the last moment of that


@dataclass(frozen=True, slots=True)
class Declined:
    """No, for certain."""

    reason: DeclineReason
    acquirer_code: str = ""  # theirs, for the merchant's call to their support
    soft: bool = False  # the issuer asks for authentication first (safety.md OC-13)
    never_again: bool = False  # the scheme forbids another try with this card


@dataclass(frozen=True, slots=True)
class Unknown:
    """The question left the house and no usable answer came back.

    Money may have moved. Nobody treats this as a decline (safety.md OC-1).
    """

    cause: str  # a word of our own (causes.py)
    raw: str = ""  # what came, without anything that looks like card data; may be empty
    # Less is reserved than was asked, and nobody said that this would do (safety.md OC-2).
    to_be_given_back: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The payer has to go on at a wallet or a bank before there is an answer.

    An inquiry gives it again for as long as the payer has not chosen.
    """

    url: str
    reference: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Provably nothing reached the other side: no route, refused, no TLS. Safe to ask again under the same id."""

    cause: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """An inquiry's answer: never heard of it. Alone it proves nothing (safety.md OC-6)."""


@dataclass(frozen=True, slots=True)
class BatchAccepted:
    """The batch is booked there, with our count, totals and hash."""

    reference: str
    duplicate: bool = False  # it had been accepted before, and is the same


@dataclass(frozen=True, slots=True)
class BatchRefused:
    """The batch is not booked there."""

    cause: str  # a word of our own (causes.py)
    contradicts: bool = (
        False  # another batch of this number is booked there: a person must look (safety.md BA-3)
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One approved operation in the acquirer's list of a day (safety.md OC-12)."""

    request_id: str
    operation: Operation
    amount: Money
    reference: str
    original_request_id: str = ""
    undone: bool = False  # canceled or reversed since


Answer = Approved | Declined | Unknown | NotSent | Elsewhere
InquiryAnswer = Answer | NotFound
BatchAnswer = BatchAccepted | BatchRefused | Unknown | NotSent
DayAnswer = tuple[Line, ...] | Unknown | NotSent


class Connector(Protocol):
    """One acquirer. It keeps no state, never sees our models, and never raises for what the other side does.

    Every method raises `CallInsideTransaction` while a database transaction is open (safety.md LK-1).
    """

    kind: str

    def hosts(self) -> Iterable[str]:
        """Names of the hosts it speaks to: no address of a user may lead there (safety.md SS-5)."""

    def authorize(self, request: AuthorizeRequest) -> Answer:
        """Reserve."""

    def check_card(self, request: CheckRequest) -> Answer:
        """Is it good? `Approved` of nothing, or `Declined`."""

    def register(self, request: RegisterRequest) -> Answer:
        """Ask a wallet's payer: `Elsewhere` first; in the end `Approved` of nothing, with a token, or `Declined`."""

    def capture(self, request: CaptureRequest) -> Answer:
        """Book."""

    def cancel(self, request: CancelRequest) -> Answer:
        """Release."""

    def refund(self, request: RefundRequest) -> Answer:
        """Pay back."""

    def reverse(self, request: ReverseRequest) -> Answer:
        """Give back by our own request id."""

    def inquire(self, request: InquireRequest) -> InquiryAnswer:
        """What became of it?"""

    def submit_batch(self, request: BatchRequest) -> BatchAnswer:
        """File a closed booking period."""

    def list_day(self, terminal: TerminalRef, day: date) -> DayAnswer:
        """What the acquirer approved for this terminal on this day, in UTC."""


def batch_request(
    *, request_id: str, terminal: TerminalRef, number: int, lines: Iterable[BatchLine]
) -> BatchRequest:
    """The batch of these lines: sorted, totalled and hashed, whatever order they come in (safety.md BA-1, BA-2)."""
    rows = tuple(sorted(lines, key=lambda line: (line.request_id, line.operation)))
    totals: dict[str, int] = {}
    for row in rows:
        sign = -1 if row.operation is Operation.REFUND else 1
        totals[row.amount.currency] = totals.get(row.amount.currency, 0) + sign * row.amount.minor
    content = {
        "terminal": terminal.number,
        "number": number,
        "lines": [[row.request_id, row.operation, row.amount.minor, row.amount.currency] for row in rows],
        "totals": totals,
    }
    body = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return BatchRequest(
        request_id=request_id,
        terminal=terminal,
        number=number,
        lines=rows,
        totals=totals,
        content_hash=hashlib.sha256(body).hexdigest(),
        body=body,
    )
