"""A card as the payer gives it: checked again here, masked wherever it is shown (safety.md CD-2, CD-11)."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.utils.translation import gettext as _
from stdnum import luhn

from paygate.cards.brands import Brand, brand_of
from paygate.cards.free_text import refuse_card_numbers
from paygate.refusals import Refusal

# What people and phones put between the digits of a card: spaces and dashes of every kind, and dots.
_BETWEEN: Final = re.compile(r"[\s.\-\u2010-\u2015\u2212\u200b]+")
_MONTH_FIRST: Final = re.compile(r"(\d{1,2})[/.\-](20\d\d|\d\d)|(\d\d)(20\d\d|\d\d)", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(20\d\d)-(\d\d)", re.ASCII)  # how a browser fills in a month

SHORTEST_NUMBER: Final = 12  # digits; of fewer nobody can say what kind of card was meant
A_TEST_CARD: Final = "9010 0031 5000 0001"  # it pays (docs/spec/sandbox.md)
LONGEST_HOLDER_NAME: Final = 100
LONGEST_LIFE_YEARS: Final = 20  # no issuer makes cards that are good for longer: what lies beyond is a slip


class CardRefused(Refusal):
    """What was entered cannot be a card. `field` is the autocomplete name of the input: "cc-number"."""

    code = "CARD_REFUSED"


@dataclass(frozen=True, slots=True, repr=False)
class CardNumber:
    """A full card number. It prints itself masked; `digits` is the only way out (safety.md CD-1)."""

    digits: str
    brand: Brand

    @classmethod
    def parse(cls, text: str, *, live: bool | None = None) -> Self:
        """The number in what somebody typed, for a terminal that is `live`, a test terminal, or either (None).

        Where money is real only real cards are taken, and elsewhere none of them (safety.md TN-7). Raises
        `CardRefused` for the field "cc-number"; it never says the number.
        """
        digits = _BETWEEN.sub("", text)
        if not digits:
            raise CardRefused(_("Enter the card number."), field="cc-number")
        if not (digits.isascii() and digits.isdigit()):
            raise CardRefused(_("A card number has digits only."), field="cc-number")
        brand = brand_of(digits)
        is_long = len(digits) >= SHORTEST_NUMBER
        if brand and live is False and not brand.test and is_long:
            raise CardRefused(_only_pretended(), field="cc-number")
        if brand and live and brand.test:
            brand = None
        if brand is None and is_long:
            raise CardRefused(_("This kind of card is not known here."), field="cc-number")
        if brand is None or len(digits) not in brand.lengths:
            raise CardRefused(_("The card number has too few or too many digits."), field="cc-number")
        if not luhn.is_valid(digits):
            raise CardRefused(_("Check the card number: a digit is wrong."), field="cc-number")
        return cls(digits, brand)

    @property
    def last4(self) -> str:
        """The last four digits: what may stand in a letter."""
        return self.digits[-4:]

    @property
    def masked(self) -> str:
        """The first six and the last four digits: "901000xxxxxx0001"."""
        return f"{self.digits[:6]}{'x' * (len(self.digits) - 10)}{self.last4}"

    @property
    def api_digits(self) -> str:
        """The seventh and eighth digit, which the API alone may tell, and of long numbers only (safety.md CD-2)."""
        return self.digits[6:8] if len(self.digits) >= 16 else ""

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"<CardNumber {self.masked}>"


def _only_pretended() -> str:
    """Why a test terminal takes no real card, and which ones it takes."""
    if not settings.PAYGATE_TEST_CARDS:
        return _("This is a test terminal. It takes no real cards.")
    return _(
        "This is a test terminal. It takes no real cards, only test cards such as %(number)s. All of them are listed "
        "in %(place)s, where PayGate's source is."
    ) % {"number": A_TEST_CARD, "place": "docs/spec/sandbox.md"}


@dataclass(frozen=True, slots=True, order=True)
class Expiry:
    """The last month in which a card is good."""

    year: int  # four digits
    month: int

    @classmethod
    def parse(cls, text: str, *, now: datetime) -> Self:
        """Reads "12/30", "12/2030", "1230", "12 / 30", "2030-12". Raises `CardRefused` for the field "cc-exp"."""
        typed = re.sub(r"\s", "", text)
        if found := _YEAR_FIRST.fullmatch(typed):
            return cls.of(month=int(found[2]), year=int(found[1]), now=now)
        if found := _MONTH_FIRST.fullmatch(typed):
            return cls.of(month=int(found[1] or found[3]), year=int(found[2] or found[4]), now=now)
        raise CardRefused(_("Write the expiry date as month and year: 08/29."), field="cc-exp")

    @classmethod
    def of(cls, *, month: int, year: int, now: datetime) -> Self:
        """A month that is not over yet anywhere on earth, and not too far off. Two digits are a year of this century.

        Raises `CardRefused` for the field "cc-exp".
        """
        if not 1 <= month <= 12:
            raise CardRefused(_("The month of the expiry date is a number from 01 to 12."), field="cc-exp")
        expiry = cls(year + 2000 if year < 100 else year, month)
        latest_place = now - timedelta(hours=12)
        if (expiry.year, expiry.month) < (latest_place.year, latest_place.month):
            raise CardRefused(_("This card has expired."), field="cc-exp")
        if (expiry.year - LONGEST_LIFE_YEARS, expiry.month) > (now.year, now.month):
            raise CardRefused(_("Check the year: no card is valid that long."), field="cc-exp")
        return expiry

    def __str__(self) -> str:
        return f"{self.month:02d}/{self.year}"


@dataclass(frozen=True, slots=True, repr=False)
class SecurityCode:
    """The code that proves the card is at hand. Never stored, never shown (safety.md CD-1)."""

    digits: str

    @classmethod
    def parse(cls, text: str, brand: Brand | None) -> Self | None:
        """The code, or None where the brand's cards may have none and nothing was typed.

        Without a brand, because the number itself was refused, any of the usual lengths will do. Raises `CardRefused`
        for the field "cc-csc".
        """
        typed = re.sub(r"\s", "", text)
        if not typed and brand is not None and not brand.code_mandatory:
            return None
        lengths = brand.code_lengths if brand is not None else (3, 4)
        if not typed:
            raise CardRefused(_("Enter the security code."), field="cc-csc")
        if not (typed.isascii() and typed.isdigit() and len(typed) in lengths):
            words: dict[tuple[int, ...], str] = {
                (3,): _("The security code has 3 digits. They are on the back of the card."),
                (4,): _("The security code has 4 digits. They are on the front of the card."),
            }
            raise CardRefused(words.get(lengths, _("The security code has 3 or 4 digits.")), field="cc-csc")
        return cls(typed)

    def __str__(self) -> str:
        return "•••"

    def __repr__(self) -> str:
        return "<SecurityCode •••>"


def holder_name(text: str) -> str:
    """The name on the card, tidied. May be empty. Raises `CardRefused` or `LooksLikeCardNumber` for "cc-name"."""
    name = " ".join(text.split())
    if len(name) > LONGEST_HOLDER_NAME or not name.isprintable():
        raise CardRefused(_("Check the name on the card."), field="cc-name")
    refuse_card_numbers(name, "cc-name")
    return name


@dataclass(frozen=True, slots=True)
class Card:
    """All that the payer gave. Prints itself without anything that pays."""

    number: CardNumber
    expiry: Expiry
    code: SecurityCode | None = None
    holder: str = field(default="", repr=False)
