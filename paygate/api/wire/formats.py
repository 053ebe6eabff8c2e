"""The formats of the wire (docs/spec/api.json, `formats`): each is said beside the field that has it."""

import ipaddress
import re
from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

from paygate.money.currencies import is_currency

SPEC_VERSIONS: Final = tuple(f"1.{minor}" for minor in range(54))  # behaviour.md B-2

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:?\d\d)?")


def _made_of(letters: str, at_least: int, at_most: int | None) -> StringConstraints:
    return StringConstraints(min_length=at_least, max_length=at_most, pattern=f"^[{letters}]*$")


def Id(at_least: int, at_most: int | None = None) -> StringConstraints:  # as the wire calls it
    """Letters, digits and . : - _"""
    return _made_of(r"A-Za-z0-9.:_\-", at_least, at_most)


def Numeric(at_least: int, at_most: int | None = None) -> StringConstraints:
    """Digits."""
    return _made_of("0-9", at_least, at_most)


def AlphaNumeric(at_least: int, at_most: int | None = None) -> StringConstraints:
    """Letters and digits; dates are called so too, so their signs are allowed."""
    return _made_of(r"A-Za-z0-9.:+\-", at_least, at_most)


def Alphabetic(at_least: int, at_most: int | None = None) -> StringConstraints:
    """Letters."""
    return _made_of("A-Za-z", at_least, at_most)


def PayerId(at_least: int, at_most: int | None = None) -> StringConstraints:
    """What a mail address may be made of."""
    return _made_of(r"A-Za-z0-9.:!#$%&'*+\-/=?^_`{|}~@", at_least, at_most)


def Utf8(at_least: int, at_most: int | None = None) -> StringConstraints:
    """Any text; the limit counts characters."""
    return _made_of(r"^\x00", at_least, at_most)


def Iso3166(at_least: int, at_most: int | None = None) -> StringConstraints:
    """A subdivision, with or without its country: ZH or CH-ZH."""
    return StringConstraints(
        min_length=at_least, max_length=at_most, pattern=r"^([A-Za-z]{2}-)?[A-Za-z0-9]{1,3}$"
    )


def _checked(is_right: "re.Pattern[str] | object", words: str) -> AfterValidator:
    def check(text: str) -> str:
        right = is_right.fullmatch(text) if isinstance(is_right, re.Pattern) else is_right(text)  # type: ignore[operator]
        if not right:
            raise ValueError(words)
        return text

    return AfterValidator(check)


def Iso885915(at_least: int, at_most: int) -> AfterValidator:
    """Letters of western Europe."""

    def is_western(text: str) -> bool:
        return at_least <= len(text) <= at_most and "\x00" not in text and _is_encodable(text)

    return _checked(is_western, "not in ISO 8859-15")


def _is_encodable(text: str) -> bool:
    try:
        text.encode("iso8859-15")
    except UnicodeEncodeError:
        return False
    return True


def _is_address(version: int) -> "object":
    def check(text: str) -> bool:
        try:
            return ipaddress.ip_address(text).version == version
        except ValueError:
            return False

    return check


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
WireDate = Annotated[str, _checked(_is_date, "no date of ISO 8601")]
CurrencyCode: Final = _checked(is_currency, "no currency of ISO 4217")
SpecVersion: Final = _checked(SPEC_VERSIONS.__contains__, "no version of this interface")
Guid: Final = StringConstraints(pattern=r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
Base64: Final = StringConstraints(pattern=r"^[A-Za-z0-9+/]*={0,2}$")
Uri: Final = StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00]+$")
HttpUrl: Final = StringConstraints(
    max_length=2000, pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\x00/]+[^\s\x00]*$"
)
HttpsUrl: Final = StringConstraints(
    max_length=2000, pattern=r"^[Hh][Tt][Tt][Pp][Ss]://[^\s\x00/]+[^\s\x00]*$"
)
IpV4: Final = _checked(_is_address(4), "no address of IPv4")
IpV6: Final = _checked(_is_address(6), "no address of IPv6")
