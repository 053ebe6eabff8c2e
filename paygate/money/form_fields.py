"""Read an amount as a person typed it, and ask back rather than guess (safety.md MO-3)."""

import re
from enum import StrEnum
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _

from paygate.money.amount import Money
from paygate.money.currencies import exponent
from paygate.refusals import Refusal

MOST_DIGITS: Final = 12  # before and after the decimal mark together

# The mark that a language writes before decimals. Where both are in use (German and Italian differ between Switzerland
# and their neighbours), "1.234" can mean two things.
_DECIMAL_MARKS: Final = {"en": ".", "fr": ",", "de": ".,", "it": ".,"}

_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'"})
_MINUSES: Final = "-\u2212\u2013\uff0d"
_PLAIN: Final = re.compile(r"([0-9]+)(?:[.,]([0-9]{1,2}))?")  # means the same to everybody
_NO_DECIMALS: Final = re.compile(
    r"(?<=\d)([.,])(?:[-\u2212\u2013\u2014]|--)$", re.ASCII
)  # "20.–", as in Switzerland


class Wrong(StrEnum):
    """What is wrong with a typed amount."""

    EMPTY = "EMPTY"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    FOREIGN_DIGITS = "FOREIGN_DIGITS"
    EXPONENT_NOTATION = "EXPONENT_NOTATION"
    NEGATIVE = "NEGATIVE"
    ZERO = "ZERO"
    TOO_MANY_DIGITS = "TOO_MANY_DIGITS"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"
    TWO_MEANINGS = "TWO_MEANINGS"


class AmountRefused(Refusal):
    """The typed text is not one clear amount of more than nothing."""

    code = "AMOUNT_REFUSED"

    def __init__(self, wrong: Wrong, words: str) -> None:
        super().__init__(words, field="amount")
        self.wrong = wrong


def parse_amount(text: str, currency: str, language: str) -> Money:
    """The amount that `text` means to a reader of `language`. Never rounded, never guessed.

    Apostrophes and spaces group. A dot or comma groups or begins the decimals, whichever the text leaves possible;
    where both remain possible the answer is a question. A dash behind the mark stands for no decimals.
    Raises `AmountRefused` (safety.md MO-3).
    """
    if plain := _PLAIN.fullmatch(text):
        whole, decimals = plain[1], plain[2] or ""
    else:
        typed = _NO_DECIMALS.sub(r"\g<1>0" if exponent(currency) else "", text.translate(_SPACES).strip())
        _refuse_what_is_no_plain_number(typed)
        whole, decimals = _two_parts(typed, exponent(currency), language)
    if len(whole) > MOST_DIGITS - exponent(currency):
        raise AmountRefused(Wrong.TOO_MANY_DIGITS, _too_many_digits(currency))
    if len(decimals) > exponent(currency):
        raise AmountRefused(Wrong.TOO_MANY_DECIMALS, _too_many_decimals(currency))
    minor = int(whole + decimals.ljust(exponent(currency), "0"))
    if minor == 0:
        raise AmountRefused(Wrong.ZERO, _("The amount must be more than zero."))
    return Money(minor, currency)


def _refuse_what_is_no_plain_number(typed: str) -> None:
    """Everything that can be told without looking at separators."""
    if not typed:
        raise AmountRefused(Wrong.EMPTY, _("Enter an amount."))
    if any(sign.isnumeric() and not sign.isascii() for sign in typed):
        raise AmountRefused(Wrong.FOREIGN_DIGITS, _("Write the amount with the digits 0 to 9."))
    if typed[0] in _MINUSES and any(sign.isdigit() for sign in typed):
        raise AmountRefused(Wrong.NEGATIVE, _("The amount cannot be negative."))
    if re.fullmatch(r"\+?[\d.,' ]+[eE][+-]?\d+", typed):
        raise AmountRefused(Wrong.EXPONENT_NOTATION, _("Write the amount out in full, without an exponent."))
    if not re.fullmatch(r"[0-9.,' ]+", typed):
        raise _not_a_number()


def _two_parts(typed: str, minor_digits: int, language: str) -> tuple[str, str]:
    """The digits before and after the decimal mark."""
    used = {mark for mark in ".,' " if mark in typed}
    if len(used) > 2 or len(used & {"'", " "}) > 1:
        raise _not_a_number()
    if used & {"'", " "}:
        return _grouped(typed, group=(used & {"'", " "}).pop(), mark="".join(used & {".", ","}))
    if len(used) == 2:
        mark = max(used, key=typed.rfind)
        return _grouped(typed, group=(used - {mark}).pop(), mark=mark)
    if used:
        return _one_kind_of_mark(typed, used.pop(), minor_digits, language)
    return typed, ""


def _grouped(typed: str, *, group: str, mark: str) -> tuple[str, str]:
    """The parts of a number whose groups and decimals are marked differently."""
    decimals = rf"(?:{re.escape(mark)}(\d+))?" if mark else "()"
    found = re.fullmatch(rf"([1-9]\d{{0,2}}(?:{re.escape(group)}\d{{3}})+){decimals}", typed, re.ASCII)
    if found is None:
        raise _not_a_number()
    return found[1].replace(group, ""), found[2] or ""


def _one_kind_of_mark(typed: str, mark: str, minor_digits: int, language: str) -> tuple[str, str]:
    """The parts of a number with dots only or commas only."""
    if typed.count(mark) > 1:
        return _grouped(typed, group=mark, mark="")
    whole, decimals = typed.split(mark)
    if not whole or not decimals:
        raise _not_a_number()
    # A group of thousands never begins with a zero: "0,500" and "01.234" can only be decimals.
    if len(decimals) != 3 or len(whole) > 3 or whole.startswith("0"):
        return whole, decimals
    marks = _DECIMAL_MARKS.get(language[:2], _DECIMAL_MARKS["en"])
    if marks == mark:
        return whole, decimals
    # English groups with commas and nothing else. French groups with spaces, so there a dot is anybody's guess.
    if marks == "." and mark == ",":
        return whole + decimals, ""
    raise AmountRefused(Wrong.TWO_MEANINGS, _two_meanings(typed, whole, decimals, mark, minor_digits))


def _two_meanings(typed: str, whole: str, decimals: str, mark: str, minor_digits: int) -> str:
    if minor_digits >= len(decimals):
        return _("“%(typed)s” can be read in two ways. Write “%(large)s” or “%(small)s”.") % {
            "typed": typed,
            "large": whole + decimals,
            "small": f"0{whole}{mark}{decimals}",
        }
    return _("“%(typed)s” can be read in two ways. Write it without separators: “%(large)s”.") % {
        "typed": typed,
        "large": whole + decimals,
    }


def _too_many_digits(currency: str) -> str:
    most = {"count": MOST_DIGITS - exponent(currency)}
    if exponent(currency) == 0:
        return _("The amount can have at most %(count)d digits.") % most
    return _("The amount can have at most %(count)d digits before the decimals.") % most


def _too_many_decimals(currency: str) -> str:
    if exponent(currency) == 0:
        return _("%(currency)s has no decimals.") % {"currency": currency}
    return _("%(currency)s has %(digits)d decimals, not more.") % {
        "currency": currency,
        "digits": exponent(currency),
    }


def _not_a_number() -> AmountRefused:
    return AmountRefused(Wrong.NOT_A_NUMBER, _("This is not an amount. Write for example 49.90."))


class AmountField(forms.CharField):
    """A text field for an amount. Its value stays text: what it means depends on the currency chosen beside it.

    A form calls `parse_amount` in its `clean`, once it knows the currency.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 40)
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**options)
