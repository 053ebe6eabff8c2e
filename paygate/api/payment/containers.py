"""Payloads that several calls share, from our words to the wire's and back."""

from datetime import UTC, datetime
from typing import Protocol

from paygate.api.validation import invalid
from paygate.api.wire.common import AmountWithoutZero, AmountWithZero
from paygate.money.amount import Money


class WireAmount(Protocol):
    """An amount as the wire has it: minor units as text."""

    @property
    def currency_code(self) -> str: ...

    @property
    def value(self) -> str: ...


def money_of(told: WireAmount, path: str) -> Money:
    """The amount a program names. Raises `VALIDATION_FAILED` for more than twelve digits (safety.md MO-3)."""
    if len(told.value.lstrip("0")) > 12:
        raise invalid(f"{path}.Value")
    return Money(int(told.value), told.currency_code)


def amount_of(money: Money) -> AmountWithoutZero:
    """The amount as it is told."""
    return AmountWithoutZero(currency_code=money.currency, value=str(money.minor))


def amount_with_zero_of(money: Money) -> AmountWithZero:
    """The same where nothing may be told."""
    return AmountWithZero(currency_code=money.currency, value=str(money.minor))


def wire_time(moment: datetime) -> str:
    """ISO 8601 in UTC, with three fraction digits (behaviour.md P-7)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
