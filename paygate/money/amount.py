"""`Money`: whole minor units and a currency, never mixed and never rounded (safety.md MO-1, MO-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from paygate.money.currencies import exponent


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum or comparison. Nobody converts here, so this is a defect."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `Money(4990, "CHF")` is CHF 49.90.

    May be zero or negative as the result of arithmetic; what people type is checked in `form_fields`.
    """

    minor: int  # whole minor units: Rappen, cents, yen
    currency: str  # ISO 4217 code

    def __post_init__(self) -> None:
        # bool is an int to Python, and `Money(True, "CHF")` is never what somebody meant.
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in this currency."""
        return cls(0, currency)

    @property
    def exponent(self) -> int:
        """How many digits the minor unit of its currency has."""
        return exponent(self.currency)

    @property
    def decimal(self) -> Decimal:
        """The exact amount in major units, with all digits of the currency: 49.90."""
        digits = tuple(int(digit) for digit in str(abs(self.minor)))
        return Decimal((int(self.minor < 0), digits, -self.exponent))

    @property
    def is_positive(self) -> bool:
        """Is it more than nothing?"""
        return self.minor > 0

    @property
    def is_zero(self) -> bool:
        """Is it exactly nothing?"""
        return self.minor == 0

    def split(self, parts: int) -> list[Self]:
        """Share into `parts` that add up to the whole again; the first ones carry what doesn't divide.

        Raises `ValueError` for fewer than one part.
        """
        if parts < 1:
            raise ValueError("money is split into one part or more")
        each, left = divmod(self.minor, parts)
        return [type(self)(each + (index < left), self.currency) for index in range(parts)]

    def __add__(self, other: Self) -> Self:
        return type(self)(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.minor - self._same(other), self.currency)

    def __lt__(self, other: Self) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Self) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Self) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Self) -> bool:
        return self.minor >= self._same(other)

    def __str__(self) -> str:
        return f"{self.currency} {self.decimal:f}"

    def _same(self, other: Self) -> int:
        """The minor units of `other`, if it is money of the same currency."""
        if not isinstance(other, Money):
            raise TypeError(f"money and {type(other).__name__} do not mix")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")
        return other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts of one currency; nothing at all is zero. Raises `CurrencyMismatch` (safety.md MO-4)."""
    return sum(amounts, start=Money.zero(currency))
