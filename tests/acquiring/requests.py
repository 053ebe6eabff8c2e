"""Plain builders of what is asked of an acquirer, and of what stands there already."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from paygate.acquiring.connector import (
    Approved,
    AuthorizeRequest,
    BatchLine,
    BatchRequest,
    CancelRequest,
    CaptureRequest,
    CheckRequest,
    Connector,
    InquireRequest,
    Operation,
    RefundRequest,
    RegisterRequest,
    ReverseRequest,
    TerminalRef,
    batch_request,
)
from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode
from paygate.money.amount import Money

TERMINAL = TerminalRef(number="17795278", merchant_id="MID-1", acquirer_bin="400000")
SUCCESS = "9010003150000001"
DECLINED = "9030403153150009"
BY_AMOUNT = "9010403153900001"
PARTIAL = "9010100000020013"

_numbers = count(1)

# Faults of the other side (simulation/faults.py): no answer, and answers that are none.
LOST = [
    "drop_before_read",
    "drop_after_commit",
    "http_500",
    "html_502",
    "malformed",
    "truncated",
]
WRONG = ["wrong_amount", "wrong_currency", "wrong_reference", "unknown_code", "duplicate_conflicting"]


def chf(minor: int) -> Money:
    """So many Rappen."""
    return Money(minor, "CHF")


def fresh(kind: str = "req") -> str:
    """A request id that nobody used."""
    return f"{kind}-{next(_numbers)}"


def card(number: str = SUCCESS) -> Card:
    """A card of this number."""
    expiry = Expiry.of(month=12, year=2034, now=datetime(2026, 1, 1, tzinfo=UTC))
    return Card(CardNumber.parse(number), expiry, SecurityCode("123"), "Erika Muster")


def authorize(number: str | None = SUCCESS, amount: Money | None = None, **facts: Any) -> AuthorizeRequest:
    """Reserve CHF 100.00 on a Visa card, unless told otherwise."""
    usual: dict[str, Any] = {
        "request_id": fresh("auth"),
        "terminal": TERMINAL,
        "amount": amount or chf(10_000),
        "method": "VISA",
        "card": card(number) if number else None,
        "reference": "Room 12",
    }
    return AuthorizeRequest(**usual | facts)


def check(number: str = SUCCESS) -> CheckRequest:
    """Is this card good?"""
    return CheckRequest(fresh("check"), TERMINAL, "CHF", "VISA", card(number))


def twint(amount: Money | None = None, **facts: Any) -> AuthorizeRequest:
    """A payment by TWINT, which goes back to a page of ours."""
    return authorize(None, amount, **{"method": "TWINT", "return_url": "/pay/back"} | facts)


def register(method: str = "TWINT", **facts: Any) -> RegisterRequest:
    """May this wallet be charged later?"""
    usual: dict[str, Any] = {
        "request_id": fresh("register"),
        "terminal": TERMINAL,
        "currency": "CHF",
        "method": method,
        "return_url": "/store/back",
    }
    return RegisterRequest(**usual | facts)


def capture(of: AuthorizeRequest, amount: Money | None = None, **facts: Any) -> CaptureRequest:
    """Book a reservation, the whole of it unless told otherwise."""
    return CaptureRequest(**_about(of, "capture", amount) | facts)


def cancel(of: AuthorizeRequest | CaptureRequest | RefundRequest, **facts: Any) -> CancelRequest:
    """Release it."""
    return CancelRequest(**_about(of, "cancel", None) | facts)


def refund(of: AuthorizeRequest | CaptureRequest, amount: Money | None = None, **facts: Any) -> RefundRequest:
    """Pay it back."""
    return RefundRequest(**_about(of, "refund", amount) | facts)


def reverse(of: AuthorizeRequest | CaptureRequest | RefundRequest) -> ReverseRequest:
    """Give it back by our own request id."""
    return ReverseRequest(
        request_id=fresh("reversal"),
        original_request_id=of.request_id,
        amount=of.amount,
        terminal=of.terminal,
    )


def inquire(
    about: AuthorizeRequest | CaptureRequest | RefundRequest | RegisterRequest, **facts: Any
) -> InquireRequest:
    """What became of it?"""
    operation = {
        AuthorizeRequest: Operation.AUTHORIZE,
        CaptureRequest: Operation.CAPTURE,
        RefundRequest: Operation.REFUND,
        RegisterRequest: Operation.REGISTER,
    }[type(about)]
    usual: dict[str, Any] = {
        "request_id": about.request_id,
        "operation": operation,
        "amount": about.amount,
        "terminal": about.terminal,
        "original_request_id": getattr(about, "original_request_id", ""),
        "allow_partial": getattr(about, "allow_partial", False),
    }
    return InquireRequest(**usual | facts)


def batch(
    *of: CaptureRequest | RefundRequest, number: int = 1, terminal: TerminalRef = TERMINAL
) -> BatchRequest:
    """A booking period of these."""
    lines = [
        BatchLine(
            request_id=one.request_id,
            operation=Operation.REFUND if isinstance(one, RefundRequest) else Operation.CAPTURE,
            amount=one.amount,
        )
        for one in of
    ]
    return batch_request(request_id=fresh("batch"), terminal=terminal, number=number, lines=lines)


def reserved(connector: Connector, minor: int = 10_000, **facts: Any) -> Any:
    """A reservation that stands there, as its request."""
    asked = authorize(amount=chf(minor), **facts)
    assert isinstance(connector.authorize(asked), Approved)
    return asked


def booked(connector: Connector, minor: int = 10_000) -> Any:
    """A booking that stands there, as its request."""
    asked = capture(reserved(connector, minor))
    assert isinstance(connector.capture(asked), Approved)
    return asked


def today() -> date:
    """The acquirer's day."""
    return datetime.now(UTC).date()


def _about(
    of: AuthorizeRequest | CaptureRequest | RefundRequest, kind: str, amount: Money | None
) -> dict[str, Any]:
    return {
        "request_id": fresh(kind),
        "original_request_id": of.request_id,
        "original_reference": "",
        "amount": amount or of.amount,
        "terminal": of.terminal,
    }
