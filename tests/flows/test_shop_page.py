"""A program asks for a payment page, the payer pays there, and the program hears of it (behaviour.md D, E, F)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from paygate import clock
from paygate.checkout.loose_ends import expire_sessions
from paygate.checkout.models import Session
from paygate.jobs.interface import run_due
from paygate.journal.models import Entry
from paygate.webhooks.models import Delivery
from tests.api.program import Json, Program, program_of
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, Buyer
from tests.flows.page import walk
from tests.make.desks import Desk

pytestmark = pytest.mark.django_db
INITIALIZE, ASSERT = "PaymentPage/Initialize", "PaymentPage/Assert"
THANKS, SORRY, LEFT = (f"https://shop.example/{end}?order=7" for end in ("thanks", "sorry", "left"))
CALLED, FAILED = "http://127.0.0.1:9/paid?order=7", "http://127.0.0.1:9/failed?order=7"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered, as a link that a buyer opens."""

    program: Program
    body: Json

    @property
    def path(self) -> str:
        return urlsplit(self.body["RedirectUrl"]).path

    def asserted(self) -> Any:
        return self.program.call(ASSERT, {"Token": self.body["Token"]})


def wish(terminal: str, **changed: Any) -> Json:
    told: Json = {
        "TerminalId": terminal,
        "Payment": {
            "Amount": {"Value": "12000", "CurrencyCode": "CHF"},
            "OrderId": "S-7",
            "Description": "Three books",
        },
        "ReturnUrl": {"Url": THANKS},
        "Notification": {
            "SuccessNotifyUrl": CALLED,
            "FailNotifyUrl": FAILED,
            "PayerEmail": "carla@example.org",
        },
    }
    return {name: value for name, value in (told | changed).items() if value is not ...}


def ask(shop: Desk, *, version: str = "1.53", **changed: Any) -> Asked:
    program = program_of(shop.terminal.merchant)
    answer = program.call(INITIALIZE, wish(shop.terminal.number, **changed), version=version)
    assert answer.status == 200, answer
    return Asked(program, answer.body)


def opened(asked: Asked, **browser: Any) -> Buyer:
    carla = Buyer(**browser)
    carla.open(asked)
    return carla


def test_from_initialize_to_assert(shop):
    """Nothing is asked of the acquirer before the payer pays (behaviour.md D-1, D-9, F-11, F-12)."""
    asked = ask(shop)
    assert asked.body["Expiration"] > clock.now().isoformat()
    assert asked.asserted().error == "TRANSACTION_NOT_STARTED"

    carla = opened(asked)
    assert "Three books" in carla.page.words
    carla.pay_by_card(MASTERCARD)

    assert list(walk(carla.pages)) == ["choose", "card", "paid"]
    told = asked.asserted().body
    entry = Entry.objects.get()
    assert told["Transaction"]["Id"] == entry.transaction_id
    assert told["Transaction"]["OrderId"] == "S-7"
    assert told["Transaction"]["Status"] == "AUTHORIZED"
    assert told["Payer"]["BillingAddress"]["Email"] == "carla@example.org"
    assert f'href="{THANKS}"' in carla.page.html.replace("&amp;", "&")


def test_the_shops_server_is_called_with_nothing_added(shop):
    """behaviour.md E-1, E-2, E-5: its own address, not that of the settings (E-10)."""
    carla = opened(ask(shop))
    carla.pay_by_card(MASTERCARD)

    assert [call.url for call in Delivery.objects.all()] == [CALLED]


def test_a_payer_who_gives_up_is_led_back_and_the_shop_is_told(shop):
    asked = ask(shop)
    carla = opened(asked)
    carla.cancel()

    assert carla.step == "aborted"
    assert asked.asserted().error == "TRANSACTION_ABORTED"
    assert [call.url for call in Delivery.objects.all()] == [FAILED]


def test_after_a_refusal_the_payer_may_try_another_card(shop):
    asked = ask(shop)
    carla = opened(asked)
    carla.pay_by_card(DECLINED)
    declined = asked.asserted()
    carla.pay_by_card(MASTERCARD)

    assert declined.error == "TRANSACTION_DECLINED"
    assert declined.body["OrderId"] == "S-7"
    assert asked.asserted().body["Transaction"]["Status"] == "AUTHORIZED"


def test_old_programs_have_three_addresses_and_hear_of_success_only(shop):
    """behaviour.md B-3: ReturnUrls before 1.32, NotifyUrl before 1.24."""
    old = {"ReturnUrls": {"Success": THANKS, "Fail": SORRY, "Abort": LEFT}, "ReturnUrl": ...}
    asked = ask(shop, version="1.20", Notification={"NotifyUrl": CALLED}, **old)
    carla = opened(asked)
    carla.cancel()
    paid = ask(shop, version="1.20", Notification={"NotifyUrl": CALLED}, **old)
    max_ = opened(paid)
    max_.pay_by_card(MASTERCARD)

    assert f'href="{LEFT}"' in carla.page.html.replace("&amp;", "&")
    assert f'href="{THANKS}"' in max_.page.html.replace("&amp;", "&")
    assert [call.url for call in Delivery.objects.all()] == [CALLED]


def test_newer_programs_have_one_address_whatever_else_they_still_send(shop):
    """behaviour.md B-3, B-8: nobody knows ReturnUrls any more."""
    both = {"ReturnUrls": {"Success": SORRY, "Fail": SORRY, "Abort": "none at all"}}
    carla = opened(ask(shop, version="1.32", **both))
    carla.cancel()

    assert f'href="{THANKS}"' in carla.page.html.replace("&amp;", "&")


@pytest.mark.parametrize(
    ("methods", "steps"),
    [
        (["TWINT"], ["wallet"]),
        (["VISA"], ["card"]),
        (["CARD"], ["card"]),
        (["PAYPAL", "NONSENSE"], ["choose"]),
    ],
)
def test_only_the_named_methods_are_offered(shop, methods, steps):
    """behaviour.md F-1, F-3: one skips the choice; what is unknown is ignored, and if nothing is left, the list too."""
    carla = opened(ask(shop, PaymentMethods=methods))

    assert list(walk(carla.pages))[-1:] in (steps, ["choose"] if steps == ["wallet"] else steps)


def test_a_method_that_was_not_named_cannot_be_paid_with(shop):
    asked = ask(shop, PaymentMethods=["VISA"])
    carla = opened(asked)
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "card"
    assert not Entry.objects.exists()


def test_the_page_asks_for_what_the_shop_wants_to_know(shop):
    """behaviour.md F-5: given addresses stand in the form, and are overwritten by what the payer enters."""
    asked = ask(
        shop,
        BillingAddressForm={"AddressSource": "SAFERPAY"},
        Payer={"LanguageCode": "en", "BillingAddress": {"FirstName": "Carla", "City": "Bern"}},
    )
    carla = opened(asked)

    assert carla.step == "address"
    assert 'value="Bern"' in carla.page.html


def test_the_payers_language_is_the_shops_word(shop):
    """behaviour.md F-8: well-formed and unknown is the default."""
    assert 'lang="de"' in opened(ask(shop, Payer={"LanguageCode": "de-CH"}), language="").page.html
    assert 'lang="en"' in opened(ask(shop, Payer={"LanguageCode": "xx"}), language="").page.html


def test_with_the_bank_asking_it_is_paid_all_the_same(shop):
    asked = ask(shop)
    carla = opened(asked)
    carla.pay_by_card(ASKED)
    carla.to_bank()
    carla.press("approve")

    assert carla.step == "paid"
    assert (
        asked.asserted().body["Liability"]["ThreeDs"]["AuthenticationType"]
        == "STRONG_CUSTOMER_AUTHENTICATION"
    )


def test_after_an_hour_nothing_can_be_begun(shop, monkeypatch):
    """behaviour.md D-2, E-5: the payer is led back, and the shop is told once."""
    asked = ask(shop)
    late = clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: late)

    carla = opened(asked)
    assert carla.step == "failed"
    assert expire_sessions(now=late) == 1
    assert expire_sessions(now=late) == 0
    carla.open(asked)

    assert carla.step == "failed"
    assert [call.url for call in Delivery.objects.all()] == [FAILED]


def test_another_browser_does_not_take_over_what_one_has_begun(shop):
    asked = ask(shop)
    opened(asked).pay_by_card(ASKED)

    other = opened(asked, address="192.0.2.9")

    assert other.step not in ("card", "choose", "paid")
    assert Session.objects.get().browser


@pytest.mark.parametrize(
    ("changed", "error", "place"),
    [
        ({"ReturnUrl": ...}, "VALIDATION_FAILED", "ReturnUrl"),
        ({"ReturnUrl": {"Url": "javascript:alert(1)"}}, "VALIDATION_FAILED", "ReturnUrl.Url"),
        ({"Payment": ...}, "VALIDATION_FAILED", "Payment"),
        ({"TerminalId": "17"}, "VALIDATION_FAILED", "TerminalId"),
        ({"TerminalId": "17999999"}, "PERMISSION_DENIED", "Invalid terminal"),
        ({"Condition": "PERHAPS"}, "VALIDATION_FAILED", "Condition"),
        ({"Notification": {"PayerEmail": "nobody"}}, "VALIDATION_FAILED", "Notification.PayerEmail"),
        ({"Notification": {"MerchantEmails": ["a@b.example"] * 11}}, "VALIDATION_FAILED", "MerchantEmails"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_opened(shop, changed, error, place):
    answer = program_of(shop.terminal.merchant).call(INITIALIZE, wish(shop.terminal.number, **changed))

    assert answer.error == error
    assert place in answer.details
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"Authentication": {"ThreeDsChallenge": "FORCE"}},
        {
            "Payment": {
                "Amount": {"Value": "12000", "CurrencyCode": "CHF"},
                "Description": "Three books, one each month",
                "Installment": {"Initial": True},
            }
        },
    ],
)
def test_the_bank_asks_where_that_is_wished_or_a_series_begins(shop, changed):
    """behaviour.md G-3, G-5, R-1."""
    asked = ask(shop, **changed)
    carla = opened(asked)
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "challenge"
    carla.to_bank()
    carla.press("approve")

    told = asked.asserted().body

    assert told["Liability"]["LiabilityShift"] is True
    again = {
        "TerminalId": shop.terminal.number,
        "Payment": {"Amount": {"Value": "990", "CurrencyCode": "CHF"}},
        "TransactionReference": {"TransactionId": told["Transaction"]["Id"]},
    }
    charged = asked.program.call("Transaction/AuthorizeReferenced", again)
    assert charged.error == ("ACTION_NOT_SUPPORTED" if "Authentication" in changed else "")


def test_a_currency_the_terminal_lacks(shop):
    payment = {"Amount": {"Value": "100", "CurrencyCode": "BHD"}, "Description": "x"}

    answer = program_of(shop.terminal.merchant).call(INITIALIZE, wish(shop.terminal.number, Payment=payment))

    assert answer.error == "NO_CONTRACT"


def test_the_shop_asserts_and_captures_from_within_our_call(shop):
    """Both at once must work, and one booking comes of it."""
    asked = ask(shop)
    opened(asked).pay_by_card(MASTERCARD)
    run_due()

    told = asked.asserted().body["Transaction"]
    capture = {"TransactionReference": {"TransactionId": told["Id"]}}
    first, second = (asked.program.call("Transaction/Capture", capture) for _each in range(2))

    assert (first.status, second.error) == (200, "TRANSACTION_ALREADY_CAPTURED")
    assert asked.asserted().body["Transaction"]["Status"] == "CAPTURED"
