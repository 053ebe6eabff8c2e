"""The table of payment methods: what each one needs, and what may be done with it.

The facts are those published for the wire (behaviour list, section K). Where nothing is published a method is taken as
single-message: the money moves at once, nothing is captured, nothing is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Refund(Enum):
    """How money goes back to the payer."""

    DIRECT = "with or without reference to a payment"
    REFERENCED = "only with reference to the payment"
    EXPORT = "collected in a file for the merchant's bank"
    NONE = "not at all"


@dataclass(frozen=True, slots=True)
class Method:
    """One way to pay. The defaults are those of a single-message method."""

    name: str  # on the wire, in addresses, in `data-method`
    label: str  # for people; a brand, so it is not translated
    is_card: bool = False
    needs_capture: bool = False  # reserved first, booked later
    in_batch: bool = False  # booked money is submitted with the daily closing
    multipart: bool = False  # may be booked in parts
    three_ds: bool = False
    pre_authorization: bool = False  # SPG-SET-09; elsewhere the wish is treated as a normal authorization
    storable: bool = False  # may become an alias
    recurring: bool = False  # may be charged again with reference to a first payment
    refund: Refund = Refund.DIRECT
    currencies: frozenset[str] = frozenset()  # empty: any the contract has
    guarantee_days: int = 10  # how long a reservation is good for
    pre_authorization_days: int = 10  # the same for a pre-authorization
    wire: str = ""  # the name on the wire, where it is another's

    @property
    def wire_name(self) -> str:
        """The name that shops send and receive."""
        return self.wire or self.name

    @property
    def refundable(self) -> bool:
        """Can we give money back ourselves?"""
        return self.refund in {Refund.DIRECT, Refund.REFERENCED}

    @property
    def creditable(self) -> bool:
        """May money be sent to it that paid nothing before (RefundDirect)?"""
        return self.is_card and self.needs_capture and self.refund is Refund.DIRECT

    def takes(self, currency: str) -> bool:
        """Is this a currency the method can be paid in at all?"""
        return not self.currencies or currency in self.currencies

    def days_guaranteed(self, *, pre_authorization: bool) -> int:
        """How many days the money of a reservation is held for the merchant."""
        held_longer = pre_authorization and self.pre_authorization
        return self.pre_authorization_days if held_longer else self.guarantee_days


_TABLE: Final = (
    Method(
        "VISA",
        "Visa",
        is_card=True,
        needs_capture=True,
        in_batch=True,
        multipart=True,
        three_ds=True,
        pre_authorization=True,
        storable=True,
        recurring=True,
        pre_authorization_days=30,
    ),
    Method(
        "VPAY",
        "V PAY",
        is_card=True,
        needs_capture=True,
        in_batch=True,
        multipart=True,
        three_ds=True,
        pre_authorization=True,
        storable=True,
        recurring=True,
        pre_authorization_days=30,
        wire="VISA",
    ),
    Method(
        "MASTERCARD",
        "Mastercard",
        is_card=True,
        needs_capture=True,
        in_batch=True,
        multipart=True,
        three_ds=True,
        pre_authorization=True,
        storable=True,
        recurring=True,
        pre_authorization_days=30,
    ),
    Method(
        "MAESTRO",
        "Maestro",
        is_card=True,
        needs_capture=True,
        in_batch=True,
        multipart=True,
        three_ds=True,
        pre_authorization=True,
        storable=True,
        pre_authorization_days=30,
    ),
    Method(
        "AMEX",
        "American Express",
        is_card=True,
        needs_capture=True,
        in_batch=True,
        multipart=True,
        three_ds=True,
        storable=True,
        recurring=True,
    ),
    Method(
        "DINERS",
        "Diners Club",
        is_card=True,
        needs_capture=True,
        in_batch=True,
        multipart=True,
        three_ds=True,
        storable=True,
        recurring=True,
    ),
    Method(
        "JCB",
        "JCB",
        is_card=True,
        needs_capture=True,
        in_batch=True,
        multipart=True,
        storable=True,
        recurring=True,
    ),
    # Filed with the capture itself, and never paid without the issuer's full authentication.
    Method(
        "BANCONTACT",
        "Bancontact",
        is_card=True,
        needs_capture=True,
        three_ds=True,
        storable=True,
        refund=Refund.REFERENCED,
    ),
    # Paid on UnionPay's own page, although its number is that of a card.
    Method("UNIONPAY", "UnionPay", is_card=True),
    Method(
        "TWINT",
        "TWINT",
        needs_capture=True,
        in_batch=True,
        storable=True,
        currencies=frozenset({"CHF"}),
        guarantee_days=7,
    ),
    Method("POSTFINANCEPAY", "PostFinance Pay", needs_capture=True, storable=True, guarantee_days=30),
    Method("PAYPAL", "PayPal", needs_capture=True, multipart=True, storable=True, guarantee_days=2),
    Method("KLARNA", "Klarna", needs_capture=True, multipart=True),
    Method(
        "DIRECTDEBIT",
        "SEPA Direct Debit",
        needs_capture=True,
        storable=True,
        recurring=True,
        refund=Refund.EXPORT,
        currencies=frozenset({"EUR"}),
    ),
    Method("IDEAL", "iDEAL", refund=Refund.EXPORT, currencies=frozenset({"EUR"})),
    Method("EPS", "eps", refund=Refund.REFERENCED, currencies=frozenset({"EUR"})),
    Method("EPRZELEWY", "Przelewy24", refund=Refund.NONE),
    Method("ALIPAY", "Alipay+"),
    Method("ACCOUNTTOACCOUNT", "Account-to-Account"),
    Method("BLIK", "BLIK"),
    Method("GIFTCARD", "Gift card"),
    Method("PAYCONIQ", "Payconiq"),
    Method("REKA", "Reka"),
    Method("WECHATPAY", "WeChat Pay"),
    Method("WERO", "Wero"),
)

METHODS: Final[Mapping[str, Method]] = {row.name: row for row in _TABLE}

ALL_CARDS: Final = (
    "CARD"  # stands for every card brand where a list of methods is given (behaviour list, F-3)
)


def is_method(name: str) -> bool:
    """Is there a method of this name? `CARD` is a group and no method."""
    return name in METHODS


def method(name: str) -> Method:
    """The method of this name. Raises `KeyError`: entrances ask `is_method` first, so that is a defect."""
    return METHODS[name]
