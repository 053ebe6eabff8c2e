"""The ISO 4217 table: code, number, minor digits and name of each currency that people can pay with.

The table comes with a library whose version is the date of the ISO list (safety.md MO-2). Metals, test codes and funds
are in that list too; nobody pays with them, so they are left out here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from iso4217 import raw_xml


class UnknownCurrency(ValueError):
    """The code is not in the table. Entrances ask `is_currency` first, so this is a defect."""


@dataclass(frozen=True, slots=True)
class Currency:
    """One row of the table."""

    code: str  # "CHF"
    numeric: str  # "756": always three digits, as acquirers and 3-D Secure write it
    exponent: int  # how many digits the minor unit has: JPY 0, CHF 2, KWD 3
    name: str  # English, from ISO


def _read() -> Iterator[Currency]:
    for entry in raw_xml.iterfind("CcyTbl/CcyNtry"):
        name = entry.find("CcyNm")
        digits = entry.findtext("CcyMnrUnts", "").strip()
        if name is None or name.get("IsFund", "").lower() == "true" or not digits.isdigit():
            continue
        yield Currency(
            code=entry.findtext("Ccy", "").strip(),
            numeric=entry.findtext("CcyNbr", "").strip().zfill(3),
            exponent=int(digits),
            name=(name.text or "").strip(),
        )


CURRENCIES: Final[Mapping[str, Currency]] = {
    row.code: row for row in sorted(_read(), key=lambda row: row.code)
}

_BY_NUMERIC: Final = {row.numeric: row.code for row in CURRENCIES.values()}


def is_currency(code: str) -> bool:
    """Is this the code of a currency in use? Codes are upper case."""
    return code in CURRENCIES


def exponent(currency: str) -> int:
    """How many digits the minor unit has (safety.md MO-2). Raises `UnknownCurrency`."""
    return _row(currency).exponent


def numeric(currency: str) -> str:
    """The three-digit number of a currency: "756" for CHF. Raises `UnknownCurrency`."""
    return _row(currency).numeric


def by_numeric(number: str) -> str:
    """The code behind a three-digit number: "CHF" for "756". Raises `UnknownCurrency`."""
    try:
        return _BY_NUMERIC[number]
    except KeyError:
        raise UnknownCurrency(f"no currency has the number {number!r}") from None


def _row(currency: str) -> Currency:
    try:
        return CURRENCIES[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not the code of a currency in use") from None
