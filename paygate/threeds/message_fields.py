"""The fields of each EMV 3-D Secure 2.2.0 message in a browser: which are needed, what they may hold (safety.md 7.2).

One row per field of the protocol's table A.1. Fields of the app channel are not listed: a field that is not in the
table is let through unread, as the protocol demands.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Body = Mapping[str, Any]
When = Callable[[Body], bool]

PAYMENT: Final = "01"  # messageCategory
NO_PAYMENT: Final = "02"
UUID_PATTERN: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a message's table."""

    name: str
    pattern: str = ""  # the whole value matches it
    longest: int = 0
    shortest: int = 1
    values: frozenset[str] = frozenset()  # empty: anything of the right form
    kind: type = str
    needed: bool | When = True


def is_payment(body: Body) -> bool:
    """Is this about a payment, and not about storing a card?"""
    return body.get("messageCategory") == PAYMENT


def is_recurring(body: Body) -> bool:
    """Does the payer agree to a series of payments?"""
    return body.get("threeDSRequestorAuthenticationInd") in ("02", "03")


def runs_scripts(body: Body) -> bool:
    """Does the payer's browser run scripts, and so know about its screen?"""
    return body.get("browserJavascriptEnabled") is True


def is_challenge(body: Body) -> bool:
    """Does the issuer want to see the payer?"""
    return body.get("transStatus") == "C"


def needs_reason(body: Body) -> bool:
    """Does a status like this come with a reason?"""
    return body.get("transStatus") in ("N", "U", "R")


def text(name: str, longest: int, *, shortest: int = 1, needed: bool | When = True) -> Field:
    """Free text."""
    return Field(name, longest=longest, shortest=shortest, needed=needed)


def digits(name: str, longest: int, *, shortest: int = 1, needed: bool | When = True) -> Field:
    """A number written out."""
    return Field(name, pattern=r"[0-9]+", longest=longest, shortest=shortest, needed=needed)


def one_of(name: str, *values: str, needed: bool | When = True) -> Field:
    """A word of a list."""
    return Field(name, values=frozenset(values), longest=max(map(len, values)), needed=needed)


def uuid(name: str, *, needed: bool | When = True) -> Field:
    """An id in its canonical form."""
    return Field(name, pattern=UUID_PATTERN, shortest=36, longest=36, needed=needed)


def address(name: str, longest: int = 2048, *, needed: bool | When = True) -> Field:
    """An absolute web address."""
    return Field(name, pattern=r"https?://[^\s]+", longest=longest, needed=needed)


def yes_or_no(name: str, *, needed: bool | When = True) -> Field:
    """A JSON boolean."""
    return Field(name, kind=bool, needed=needed)


def phone(name: str) -> Field:
    """A JSON object of country code and number."""
    return Field(name, kind=dict, needed=False)


VERSION: Final = Field("messageVersion", pattern=r"[0-9]+\.[0-9]+\.[0-9]+", shortest=5, longest=8)
AUTHENTICATION_VALUE: Final = Field(
    "authenticationValue",
    pattern=r"[A-Za-z0-9+/]{27}=|[A-Za-z0-9+/]{28}",
    shortest=28,
    longest=28,
    needed=False,
)
WINDOW_SIZES: Final = ("01", "02", "03", "04", "05")


def _headed(name: str, *fields: Field) -> tuple[Field, ...]:
    return (one_of("messageType", name), VERSION, *fields)


def _postal_address(start: str) -> tuple[Field, ...]:
    return (
        text(f"{start}AddrCity", 50, needed=False),
        digits(f"{start}AddrCountry", 3, shortest=3, needed=False),
        text(f"{start}AddrLine1", 50, needed=False),
        text(f"{start}AddrLine2", 50, needed=False),
        text(f"{start}AddrLine3", 50, needed=False),
        text(f"{start}AddrPostCode", 16, needed=False),
        text(f"{start}AddrState", 3, needed=False),
    )


AREQ: Final = _headed(
    "AReq",
    one_of("deviceChannel", "02"),
    one_of("messageCategory", PAYMENT, NO_PAYMENT),
    uuid("threeDSServerTransID"),
    text("threeDSServerRefNumber", 32),
    text("threeDSServerOperatorID", 32, needed=False),
    address("threeDSServerURL"),
    text("threeDSRequestorID", 35),
    text("threeDSRequestorName", 40),
    address("threeDSRequestorURL"),
    one_of("threeDSRequestorAuthenticationInd", "01", "02", "03", "04", "05", "06", "07"),
    one_of(
        "threeDSRequestorChallengeInd", "01", "02", "03", "04", "05", "06", "07", "08", "09", needed=False
    ),
    one_of("threeDSCompInd", "Y", "N", "U"),
    digits("acctNumber", 19, shortest=13),
    digits("cardExpiryDate", 4, shortest=4),
    digits("acquirerBIN", 11, needed=is_payment),
    text("acquirerMerchantID", 35, needed=is_payment),
    digits("mcc", 4, shortest=4, needed=is_payment),
    text("merchantName", 40, needed=is_payment),
    digits("merchantCountryCode", 3, shortest=3, needed=is_payment),
    digits("purchaseAmount", 48, needed=is_payment),
    digits("purchaseCurrency", 3, shortest=3, needed=is_payment),
    digits("purchaseExponent", 1, needed=is_payment),
    digits("purchaseDate", 14, shortest=14, needed=is_payment),
    one_of("transType", "01", "03", "10", "11", "28", needed=False),
    address("notificationURL", 256),
    text("browserAcceptHeader", 2048),
    Field("browserIP", pattern=r"[0-9A-Fa-f:.]+", longest=45, needed=False),
    text("browserLanguage", 8),
    text("browserUserAgent", 2048),
    yes_or_no("browserJavascriptEnabled"),
    yes_or_no("browserJavaEnabled", needed=runs_scripts),
    one_of("browserColorDepth", "1", "4", "8", "15", "16", "24", "32", "48", needed=runs_scripts),
    digits("browserScreenWidth", 6, needed=runs_scripts),
    digits("browserScreenHeight", 6, needed=runs_scripts),
    Field("browserTZ", pattern=r"[+-]?[0-9]{1,4}", longest=5, needed=runs_scripts),
    text("cardholderName", 45, shortest=2, needed=False),
    text("email", 254, needed=False),
    phone("homePhone"),
    phone("mobilePhone"),
    phone("workPhone"),
    one_of("addrMatch", "Y", "N", needed=False),
    *_postal_address("bill"),
    *_postal_address("ship"),
    digits("recurringFrequency", 4, needed=is_recurring),
    digits("recurringExpiry", 8, shortest=8, needed=is_recurring),
)

ARES: Final = _headed(
    "ARes",
    uuid("threeDSServerTransID"),
    uuid("dsTransID"),
    uuid("acsTransID"),
    one_of("transStatus", "Y", "N", "U", "A", "C", "D", "R", "I"),
    digits("transStatusReason", 2, shortest=2, needed=needs_reason),
    digits("eci", 2, shortest=2, needed=False),
    AUTHENTICATION_VALUE,
    address("acsURL", needed=is_challenge),
    one_of("acsChallengeMandated", "Y", "N", needed=is_challenge),
    one_of("authenticationType", "01", "02", "03", "04", needed=is_challenge),
    text("cardholderInfo", 128, needed=False),
    text("acsReferenceNumber", 32),
    text("acsOperatorID", 32, needed=False),
    text("dsReferenceNumber", 32),
)

CREQ: Final = _headed(
    "CReq",
    uuid("threeDSServerTransID"),
    uuid("acsTransID"),
    one_of("challengeWindowSize", *WINDOW_SIZES),
)

CRES: Final = _headed(
    "CRes",
    uuid("threeDSServerTransID"),
    uuid("acsTransID"),
    one_of("challengeCompletionInd", "Y", "N", needed=False),
    one_of("transStatus", "Y", "N", "U", "A", "C", "D", "R"),
)

RREQ: Final = _headed(
    "RReq",
    uuid("threeDSServerTransID"),
    uuid("dsTransID"),
    uuid("acsTransID"),
    one_of("messageCategory", "01", "02"),
    one_of("transStatus", "Y", "N", "U", "A", "R", "C", "D", "S"),
    digits("transStatusReason", 2, shortest=2, needed=needs_reason),
    digits("eci", 2, shortest=2, needed=False),
    AUTHENTICATION_VALUE,
    one_of("authenticationType", "01", "02", "03", "04", needed=False),
    digits("interactionCounter", 2, shortest=2),
    one_of("challengeCancel", "01", "02", "03", "04", "05", "06", "07", "08", needed=False),
)

RRES: Final = _headed(
    "RRes",
    uuid("threeDSServerTransID"),
    uuid("dsTransID"),
    uuid("acsTransID"),
    one_of("resultsStatus", "01", "02", "03"),
)

ERRO: Final = _headed(
    "Erro",
    uuid("threeDSServerTransID", needed=False),
    uuid("dsTransID", needed=False),
    uuid("acsTransID", needed=False),
    digits("errorCode", 3, shortest=3),
    one_of("errorComponent", "C", "S", "D", "A"),
    text("errorDescription", 2048),
    text("errorDetail", 2048),
    one_of("errorMessageType", "AReq", "ARes", "CReq", "CRes", "RReq", "RRes", needed=False),
)

FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "AReq": AREQ,
    "ARes": ARES,
    "CReq": CREQ,
    "CRes": CRES,
    "RReq": RREQ,
    "RRes": RRES,
    "Erro": ERRO,
}
