"""Amounts as tests write them."""

from decimal import Decimal

from paygate.money.amount import Money


def chf(amount: str | int) -> Money:
    """`chf("49.90")` is CHF 49.90."""
    return Money(int(Decimal(amount) * 100), "CHF")


def eur(amount: str | int) -> Money:
    """`eur(20)` is EUR 20.00."""
    return Money(int(Decimal(amount) * 100), "EUR")
