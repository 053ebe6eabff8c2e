"""The question to the issuer (AReq), from what we know of card, browser, purchase and merchant (safety.md 7.2)."""

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Any, Final

from paygate.addresses import COUNTRIES, Address
from paygate.cards.number import Card
from paygate.money.currencies import numeric
from paygate.threeds.message_fields import NO_PAYMENT, PAYMENT
from paygate.threeds.messages import Message, build
from paygate.threeds.models import Authentication
from paygate.threeds.server import ServerIdentity

COLOR_DEPTHS: Final = (1, 4, 8, 15, 16, 24, 32, 48)
LONGEST_HEADER: Final = 2048
ADD_CARD: Final = "04"  # threeDSRequestorAuthenticationInd


@dataclass(frozen=True, slots=True)
class Browser:
    """The payer's browser as it describes itself. Nothing of it is trusted; what the protocol can't carry is bent."""

    accept_header: str
    ip: str
    language: str
    user_agent: str
    javascript: bool = False
    java: bool = False
    color_depth: int | None = None
    width: int | None = None  # of the screen, in pixels
    height: int | None = None
    tz: int | None = None  # minutes from local time to UTC

    def fields(self) -> dict[str, Any]:
        """The browser's part of an AReq. Without all measures the browser counts as one without scripts."""
        measures = (self.color_depth, self.width, self.height, self.tz)
        scripts = self.javascript and all(measure is not None for measure in measures)
        always = {
            "browserAcceptHeader": _line(self.accept_header, LONGEST_HEADER) or "*/*",
            "browserIP": _ip(self.ip),
            "browserLanguage": _language(self.language),
            "browserUserAgent": _line(self.user_agent, LONGEST_HEADER) or "unknown",
            "browserJavascriptEnabled": scripts,
        }
        return always | self._measures() if scripts else always

    def _measures(self) -> dict[str, Any]:
        return {
            "browserJavaEnabled": self.java,
            "browserColorDepth": str(
                max((depth for depth in COLOR_DEPTHS if depth <= (self.color_depth or 1)), default=1)
            ),
            "browserScreenWidth": str(_within(self.width, 0, 999_999)),
            "browserScreenHeight": str(_within(self.height, 0, 999_999)),
            "browserTZ": str(_within(self.tz, -9999, 9999)),
        }


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The merchant as acquirer and issuer know it."""

    merchant_name: str  # the same as on the payment page (safety.md 3D-7)
    country: str  # two letters, ISO 3166
    category: str  # mcc, four digits
    acquirer_bin: str
    acquirer_merchant_id: str
    requestor_id: str  # given to the merchant by the scheme's directory
    requestor_url: str


@dataclass(frozen=True, slots=True)
class Payer:
    """What we know of the payer and may tell the bank."""

    email: str = ""
    address: Address = field(default_factory=Address)

    def fields(self) -> dict[str, Any]:
        """The payer's part of an AReq; what the protocol can't carry is cut or left out."""
        address = self.address
        return {
            "email": self.email if len(self.email) <= 254 else "",
            "billAddrLine1": _line(address.street, 50),
            "billAddrLine2": _line(address.street2, 50),
            "billAddrCity": _line(address.city, 50),
            "billAddrPostCode": _line(address.zip, 16),
            "billAddrCountry": COUNTRIES.get(address.country, ""),
            "homePhone": _phone(address.phone),
        }


@dataclass(frozen=True, slots=True)
class Told:
    """All that an issuer is told besides card and purchase."""

    browser: Browser
    acceptance: Acceptance
    notification_url: str  # where the bank sends the browser after a challenge
    payer: Payer = field(default_factory=Payer)


def country_number(country: str) -> str:
    """The three-digit number of a country: "756" for "CH". Raises `KeyError` for what is no country."""
    return COUNTRIES[country]


def build_areq(
    auth: Authentication,
    *,
    card: Card,
    told: Told,
    identity: ServerIdentity,
) -> Message:
    """The AReq of an authentication; one of no amount is about no payment.

    Amount and moment are those of the row, so that the authorization has the same.
    """
    acceptance, payer = told.acceptance, told.payer
    number_of_series = (
        {"recurringFrequency": "1", "recurringExpiry": _expiry_day(card)} if auth.recurring else {}
    )
    purchase: dict[str, Any] = {
        "messageCategory": PAYMENT,
        "threeDSRequestorAuthenticationInd": "02" if auth.recurring else "01",
        "purchaseAmount": str(auth.amount_minor),
        "purchaseCurrency": numeric(auth.currency),
        "purchaseExponent": str(auth.exponent),
        "purchaseDate": auth.purchase_date_text,
        "transType": "01",
    }
    if not auth.amount_minor:  # a card is to be stored, and nothing is bought
        purchase = {"messageCategory": NO_PAYMENT, "threeDSRequestorAuthenticationInd": ADD_CARD}
    return build(
        "AReq",
        auth.version,
        deviceChannel="02",
        threeDSServerTransID=str(auth.server_trans_id),
        threeDSServerRefNumber=identity.reference_number,
        threeDSServerURL=identity.url,
        threeDSRequestorID=acceptance.requestor_id,
        threeDSRequestorName=acceptance.merchant_name[:40],
        threeDSRequestorURL=acceptance.requestor_url,
        threeDSRequestorChallengeInd="04" if auth.challenge_requested else "01",
        threeDSCompInd=str(auth.comp_ind),
        acctNumber=card.number.digits,
        cardExpiryDate=f"{card.expiry.year % 100:02d}{card.expiry.month:02d}",
        acquirerBIN=acceptance.acquirer_bin,
        acquirerMerchantID=acceptance.acquirer_merchant_id,
        mcc=acceptance.category,
        merchantName=acceptance.merchant_name[:40],
        merchantCountryCode=country_number(acceptance.country),
        notificationURL=told.notification_url,
        cardholderName=card.holder[:45] if len(card.holder) >= 2 else "",
        **purchase,
        **payer.fields(),
        **told.browser.fields(),
        **number_of_series,
    )


def _expiry_day(card: Card) -> str:
    """A series runs as long as its card: the day before the month after, written as its 28th."""
    return f"{card.expiry.year:04d}{card.expiry.month:02d}28"


def _line(text: str, longest: int) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:longest]


def _phone(text: str) -> dict[str, str] | None:
    """A number in the international form, by country code and rest; others say too little."""
    number = re.sub(r"[\s()./-]|^00", lambda found: "+" if found.group() == "00" else "", text.strip())
    found = _PHONE.fullmatch(number)
    return {"cc": found["cc"], "subscriber": found["rest"]} if found else None


# Country codes have one digit, two or three (ITU-T E.164); codes are never the beginning of others.
_PHONE: Final = re.compile(
    r"\+(?P<cc>[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9][0-9]{2})(?P<rest>[0-9]{4,15})",
    re.ASCII,
)


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.split("%")[0]))
    except ValueError:
        return ""


def _language(text: str) -> str:
    tag = _line(text, 64).strip()
    return tag if 1 <= len(tag) <= 8 else tag.split("-")[0][:8] or "en"


def _within(number: int | None, least: int, most: int) -> int:
    return min(most, max(least, number or 0))
