"""Nothing a program says is passed over in silence: what no call reads stands on the page "Move from Saferpay"."""

import copy
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.models import Contract
from paygate.aliases.store import AliasWish, store
from paygate.api.management.routes import RESTS
from paygate.api.payment import elsewhere
from paygate.api.payment.routes import CALLS
from paygate.api.wire.management_calls import CreateSingleUsePaymentLinkRequest
from paygate.merchants.models import Terminal
from tests.api.program import Json, Program
from tests.api.read import Read, unread, watched, whole
from tests.api.spec import SPEC, json_methods
from tests.api.test_offers import OFFERS
from tests.api.told import filled, never_told
from tests.make.books import booking
from tests.make.journal import reservation
from tests.make.money import chf
from tests.make.walk import GOOD_VISA, card

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "move-from-saferpay.md"
METHODS = json_methods()
BACK = "https://shop.example/back"
SHOP_CARD = {
    "Number": GOOD_VISA,
    "ExpMonth": 12,
    "ExpYear": 2034,
    "HolderName": "Max",
    "VerificationCode": "737",
}
JCB = "9060100052000003"
PROOF = {
    "Scheme": "VISA", "Eci": "05", "TransStatus": "Y", "AuthenticationValue": "AAABBEg0VhI0VniQEjRWAAAAAAA=",
    "AcsTransId": "a", "DsTransId": "d", "ThreeDSServerTransId": "s", "ThreeDsFullVersion": "2.2.0",
    "AuthenticationTime": "2026-11-26T10:30:00.123+01:00", "AuthenticationMode": "CHALLENGE",
}  # fmt: skip


@pytest.fixture
def town(alpenblick: Terminal, shop: Program) -> "Town":
    Contract.objects.create(
        merchant=alpenblick.merchant,
        terminal=alpenblick,
        method="BANCONTACT",
        currencies=["CHF"],
        connector="simulator",
        acquirer_merchant_id="MID-BC",
    )
    Contract.objects.create(
        merchant=alpenblick.merchant,
        terminal=alpenblick,
        method="JCB",
        currencies=["CHF"],
        connector="simulator",
        acquirer_merchant_id="MID-JCB",
    )
    return Town(alpenblick, shop)


class Town:
    """What the calls are about."""

    def __init__(self, terminal: Terminal, shop: Program) -> None:
        self.terminal, self.shop = terminal, shop

    def order(self) -> str:
        """The token of an order whose money can be taken: its brand knows no 3-D Secure."""
        body = {
            "TerminalId": self.terminal.number,
            "Payment": {"Amount": {"Value": "100", "CurrencyCode": "CHF"}},
            "ReturnUrl": {"Url": BACK},
            "PaymentMeans": {"Card": SHOP_CARD | {"Number": JCB, "VerificationCode": "123"}},
        }
        return str(self.shop.call("Transaction/Initialize", body).body["Token"])

    def reserved(self, **more: Any) -> str:
        return str(reservation(self.terminal, **more).transaction_id)

    def booked(self) -> str:
        return f"{booking(self.terminal, chf(120), now=clock.now()).transaction_id}_c"

    def alias(self) -> str:
        merchant = self.terminal.merchant_id
        return str(store(card(), AliasWish(), merchant_id=merchant, by="test", now=clock.now()).name)


def bodies(path: str, town: Town) -> Iterator[Json]:
    """Bodies that together have every member there is, each of them one that can be worked on."""
    body = whole(METHODS[path]["request"])
    body["RequestHeader"] = {"ClientInfo": {"ShopInfo": "x", "OsInfo": "x"}}
    fixed: dict[str, Any] = {
        "TerminalId": town.terminal.number,
        "ReturnUrl": {"Url": BACK},
        "RegisterAlias": {"IdGenerator": "MANUAL", "Id": "guest-7", "Lifetime": 30},
        "LanguageCode": "de",
        "TransactionReference": {"TransactionId": "nothing"},
        "PaymentMethods": ["VISA"],
    }
    body |= {name: value for name, value in fixed.items() if name in body}
    if "Payment" in body:
        body["Payment"] |= {"Amount": {"Value": "100", "CurrencyCode": "CHF"}}
        body["Payment"].pop("Recurring", None)
    if "Notification" in body:
        body["Notification"].pop("PayerDccReceiptEmail", None)
    yield from VARIANTS.get(path, lambda body, town: iter([body]))(body, town)


def _direct(body: Json, town: Town) -> Iterator[Json]:
    del body["Dcc"]
    body["Authentication"]["ExternalThreeDS"] = PROOF
    yield body | {"PaymentMeans": {"Card": SHOP_CARD}}
    body["RegisterAlias"] = {"IdGenerator": "RANDOM"}
    alias = {"Alias": {"Id": town.alias(), "VerificationCode": "737"}}
    yield body | {"PaymentMeans": alias, "Dcc": {"SelectedCurrencyCode": "EUR", "Token": "x"}}
    payment = {name: value for name, value in body["Payment"].items() if name != "Installment"}
    yield body | {"PaymentMeans": alias, "Payment": payment | {"Recurring": {"Initial": True}}}


def _of_older_programs(body: Json) -> Iterator[Json]:
    header = body["RequestHeader"] | {"SpecVersion": "1.31"}
    for others in ({"Fail": BACK}, {"Fail": BACK, "Abort": BACK}):
        yield body | {"RequestHeader": header, "ReturnUrls": {"Success": BACK} | others}


def _payment_page(body: Json, town: Town) -> Iterator[Json]:
    forms = ("BillingAddressForm", "DeliveryAddressForm")
    yield body | {name: {"AddressSource": "SAFERPAY", "MandatoryFields": ["CITY"]} for name in forms}
    yield from _of_older_programs(body)
    payment = {name: value for name, value in body["Payment"].items() if name != "Installment"}
    yield body | {"Payment": payment | {"Recurring": {"Initial": True}}}
    known = {"PayerDccReceiptEmail": "max@example.org", "MerchantEmails": ["max@example.org"]}
    yield body | {"Notification": known}


def _order(body: Json, town: Town) -> Iterator[Json]:
    alias = {"Alias": {"Id": town.alias(), "VerificationCode": "737"}}
    for means in ({"Card": SHOP_CARD}, alias):
        yield body | {"PaymentMeans": means}
    yield from _of_older_programs(body | {"PaymentMeans": alias})
    payment = {name: value for name, value in body["Payment"].items() if name != "Installment"}
    yield body | {"PaymentMeans": alias, "Payment": payment | {"Recurring": {"Initial": True}}}


def _in_app(body: Json, town: Town) -> Iterator[Json]:
    payment = {name: value for name, value in body["Payment"].items() if name != "Installment"}
    yield body | {"Payment": payment}
    back = {"Bancontact": {"AppDefaultRedirectUrl": BACK}}
    note = {"StateNotificationUrl": BACK}
    yield body | {"Payment": payment, "PaymentMethodOptions": back, "Notification": note}
    yield body | {"Payment": payment | {"Recurring": {"Initial": True}}}
    yield body | {"Payment": payment | {"Installment": {"Initial": True}}}


def _referenced(body: Json, town: Town) -> Iterator[Json]:
    for name, value in (("TransactionId", town.reserved(initial=True)), ("OrderId", "nothing")):
        yield body | {"TransactionReference": {name: value}}


def _about(*values: Callable[[Town], tuple[str, str]]) -> Callable[[Json, Town], Iterator[Json]]:
    def about(body: Json, town: Town) -> Iterator[Json]:
        reference = next(name for name in body if name.endswith("Reference"))
        for value in values:
            name, told = value(town)
            yield body | {reference: {name: told}}

    return about


def _insert(body: Json, town: Town) -> Iterator[Json]:
    check = {"Type": "ONLINE", "TerminalId": town.terminal.number}
    yield body | {"Type": "CARD", "Check": check, "PaymentMeans": {"Card": SHOP_CARD}}
    yield body | {"Type": "CARD", "Check": check, "PaymentMeans": {"SaferpayFields": {"Token": "x"}}}
    another = {
        "Type": "CARD",
        "RegisterAlias": {"IdGenerator": "RANDOM"},
        "PaymentMeans": {"Card": SHOP_CARD},
    }
    yield from _of_older_programs(body | another)
    yield {name: value for name, value in body.items() if name not in ("Check", "PaymentMeans")} | {
        "Type": "TWINT"
    }


def _insert_direct(body: Json, town: Town) -> Iterator[Json]:
    strong = {"Type": "ONLINE_STRONG", "TerminalId": town.terminal.number}
    body |= {"ExternalThreeDS": PROOF, "Check": strong, "PaymentMeans": {"Card": SHOP_CARD}}
    yield body  # the issuer's reference is refused
    yield {name: value for name, value in body.items() if name != "IssuerReference"}


def _capture(body: Json, town: Town) -> Iterator[Json]:
    del body["Marketplace"]["FeeRefund"]
    yield body  # is refused
    del body["Marketplace"]
    yield from _BY_BOTH(body, town)


def _part(body: Json, town: Town) -> Iterator[Json]:
    body |= {"OrderPartId": "1", "Type": "PARTIAL"}
    yield from _capture(body, town)


def _credit(body: Json, town: Town) -> Iterator[Json]:
    body["Refund"] |= {"Amount": {"Value": "100", "CurrencyCode": "CHF"}}
    body |= {"PaymentMeans": {"Card": SHOP_CARD}}
    yield body  # is refused
    del body["OriginalCreditTransfer"]
    yield body
    alias = {"Alias": {"Id": town.alias(), "VerificationCode": "737"}}
    yield body | {"PaymentMeans": alias}
    yield body | {"PaymentMeans": {"BankAccount": {"IBAN": "DE89370400440532013000"}}}  # is refused


_BY_BOTH = _about(lambda town: ("TransactionId", town.reserved()), lambda town: ("OrderId", "nothing"))
_BY_CAPTURE = _about(
    lambda town: ("CaptureId", town.booked()),
    lambda town: ("TransactionId", "x"),
    lambda town: ("OrderId", "x"),
)


def _of_capture(body: Json, town: Town) -> Iterator[Json]:
    yield from _BY_CAPTURE(body, town)
    yield body | {"CaptureReference": {"TransactionId": town.reserved(), "OrderPartId": "1"}}


VARIANTS: dict[str, Callable[[Json, Town], Iterator[Json]]] = {
    "PaymentPage/Initialize": _payment_page,
    "Transaction/Initialize": _order,
    "Transaction/AuthorizeDirect": _direct,
    "Transaction/AuthorizeReferenced": _referenced,
    "Transaction/AlternativePayment": _in_app,
    "Transaction/Inquire": _BY_BOTH,
    "Transaction/Capture": _capture,
    "Transaction/MultipartCapture": _part,
    "Transaction/MultipartFinalize": _BY_BOTH,
    "Transaction/RefundDirect": _credit,
    "Transaction/Authorize": lambda body, town: iter([body | {"Token": town.order()}]),
    "Transaction/Cancel": _BY_BOTH,
    "Transaction/AssertRefund": _BY_BOTH,
    "Transaction/Refund": _of_capture,
    "Transaction/AssertCapture": _of_capture,
    "Alias/Insert": _insert,
    "Alias/InsertDirect": _insert_direct,
    "Alias/Update": lambda body, town: iter(
        [
            body
            | {
                "UpdateAlias": {"Id": town.alias(), "Lifetime": 30},
                "UpdatePaymentMeans": {"Card": {"ExpMonth": 12, "ExpYear": 2034}},
            }
        ]
    ),
}


# Of calls that are always refused nothing is read on purpose (paygate/api/payment/elsewhere.py).
SERVED = [call for call in CALLS if call.work.__module__ != elsewhere.__name__]


def documented() -> dict[str, set[str]]:
    """Each member on the list, and the calls it stands there for; "all": none in particular.

    The Management API's payment links are called by the end of their address, `spg-offers`.
    """
    section = PAGE.read_text().partition("## Taken, and without effect")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+ \|$", section, re.MULTILINE)
    listed: dict[str, set[str]] = {}
    for members, calls in rows:
        for member in re.findall(r"`(.+?)`", members):
            listed.setdefault(member, set()).update(re.findall(r"`(.+?)`", calls))
    return listed


def named_as_never_told() -> set[str]:
    """The members of the page's other list; a call has a stroke in its name, and is none."""
    section = PAGE.read_text().partition("## Never told")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| .+ \|$", section, re.MULTILINE)
    return {member for row in rows for member in re.findall(r"`([A-Za-z.]+)`", row)}


def read_of(path: str, shop: Program, town: Town) -> Read:
    seen: Read = set()
    for body in bodies(path, town):
        header = shop.header()["RequestHeader"] | body["RequestHeader"]
        with watched() as read:
            answer = shop.call(path, copy.deepcopy(body) | {"RequestHeader": header})
        assert answer.error not in ("VALIDATION_FAILED", "INTERNAL_ERROR"), answer
        seen |= read
    return seen


@pytest.mark.parametrize("call", SERVED, ids=[call.path for call in SERVED])
def test_what_no_call_reads_is_on_the_list(shop, town, call):
    unheard = set(unread(call.asked, read_of(call.path, shop, town)))

    listed = {name for name, calls in documented().items() if not calls or call.path in calls}
    named_here = {name for name, calls in documented().items() if call.path in calls}
    assert " ".join(sorted(unheard - listed)) == "", "neither read nor listed"
    assert " ".join(sorted(named_here - unheard)) == "", "read after all"


def test_what_no_answer_tells_is_on_the_list():
    known = filled()
    answers = [call.told for call in SERVED] + [rest.told for rest in RESTS if rest.told]
    untold = {path for told in answers for path in never_told(told, known)}

    listed = named_as_never_told()
    assert " ".join(sorted(untold - listed)) == "", "neither told nor listed"
    assert " ".join(sorted(listed - untold)) == "", "told after all"


def test_what_the_management_api_does_not_read_is_on_its_list(shop, town):
    """The one call that takes more than a few members: a payment link."""
    method = next(one for one in SPEC["methods"] if one["path"].endswith("/spg-offers"))
    expires = (clock.now() + timedelta(days=3)).isoformat(timespec="seconds")
    own = {"ExpirationDate": expires, "MaxPaymentAttempts": 3, "RegisterAlias": {"IdGenerator": "RANDOM"}}
    body = whole(method["request"]) | own
    body["Payment"]["Amount"] = {"Value": "100", "CurrencyCode": "CHF"}
    body["BillingAddressForm"] = {"AddressSource": "SAFERPAY", "MandatoryFields": ["CITY"]}
    body["Payer"]["BillingAddress"] |= {"Email": "max@example.org", "CountryCode": "CH"}

    with watched() as read:
        answer = shop.rest("POST", OFFERS, body)

    assert answer.status == 200, answer
    unheard = set(unread(CreateSingleUsePaymentLinkRequest, read))
    listed = {name for name, calls in documented().items() if not calls or "spg-offers" in calls}
    named_here = {name for name, calls in documented().items() if "spg-offers" in calls}
    assert " ".join(sorted(unheard - listed)) == "", "neither read nor listed"
    assert " ".join(sorted(named_here - unheard)) == "", "read after all"
