"""The Transaction interface with the payer: a token, the payer's page, the money (behaviour.md D-10 to D-12, G-2)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.aliases.models import VaultEntry
from paygate.aliases.store import AliasWish, store
from paygate.checkout import authorize as walk
from paygate.checkout.loose_ends import expire_sessions, find_out, give_up_left_behind
from paygate.checkout.models import Attempt, Session
from paygate.journal.models import Entry
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence
from paygate.tenants.context import within
from paygate.threeds.models import Authentication
from paygate.webhooks.models import Delivery
from tests.api.program import Answer, Json, Program, program_of
from tests.at_once import at_once
from tests.flows.buyer import ASKED, DECLINED, LOOKED_AT, MASTERCARD, REFUSED, VISA, Buyer
from tests.invariants import assert_invariants_hold
from tests.make.desks import Desk, desk
from tests.make.walk import card

pytestmark = pytest.mark.django_db
BACK = "https://shop.example/back?order=7"
READY, FAILED = "http://127.0.0.1:9/ready?order=7", "http://127.0.0.1:9/failed?order=7"
JCB = "9060100052000003"


@pytest.fixture
def shop() -> Iterator[Desk]:
    """A merchant with every feature, in view while the test runs."""
    shop = desk()
    merchant = shop.terminal.merchant
    with within(merchant.pk):
        Licence.objects.create(merchant=merchant, features=[feature.value for feature in Feature])
        yield shop


@dataclass(frozen=True, slots=True)
class Order:
    """What Initialize answered."""

    program: Program
    body: Json

    @property
    def path(self) -> str:
        return str(urlsplit(self.body["Redirect"]["RedirectUrl"]).path)

    def authorize(self, request: str = "", **body: Any) -> Answer:
        header = {"RequestId": request} if request else {}
        return self.program.call("Transaction/Authorize", {"Token": self.body["Token"]} | body, **header)


def order(shop: Desk, *, version: str = "1.53", **changed: Any) -> Order:
    told: Json = {
        "TerminalId": shop.terminal.number,
        "Payment": {"Amount": {"Value": "12000", "CurrencyCode": "CHF"}, "OrderId": "S-7"},
        "ReturnUrl": {"Url": BACK},
        "RedirectNotifyUrls": {"Success": READY, "Fail": FAILED},
    }
    program = program_of(shop.terminal.merchant)
    told = {name: value for name, value in (told | changed).items() if value is not ...}
    answer = program.call("Transaction/Initialize", told, version=version)
    assert answer.status == 200, answer
    return Order(program, answer.body)


def hrefs(carla: Buyer) -> list[str]:
    """Where the links of her page lead."""
    return re.findall(r'href="([^"]+)"', carla.page.html)


def means(number: str) -> Json:
    return {
        "PaymentMeans": {
            "Card": {"Number": number, "ExpYear": 2034, "ExpMonth": 12, "VerificationCode": "737"}
        }
    }


def opened(asked: Order) -> Buyer:
    carla = Buyer()
    carla.open(asked)
    return carla


def asked_for() -> list[str]:
    return [str(row["op"]) for row in ledger.listed()]


class TestThePayersPage:
    def test_the_payer_proves_it_and_the_program_takes_the_money(self, shop):
        asked = order(shop)
        assert asked.body["RedirectRequired"] is True
        assert asked.body["Redirect"]["PaymentMeansRequired"] is True
        assert asked.authorize().error == "TRANSACTION_NOT_STARTED"

        carla = opened(asked)
        carla.pay_by_card(VISA)

        assert carla.page.url == BACK
        assert asked_for() == []
        assert [(call.kind, call.url) for call in Delivery.objects.all()] == [("ready", READY)]
        told = asked.authorize().body
        entry = Entry.objects.get()
        assert told["Transaction"]["Id"] == entry.transaction_id
        assert told["Transaction"]["Status"] == "AUTHORIZED"
        assert told["Liability"]["LiabilityShift"] is True
        assert told["Liability"]["ThreeDs"]["AuthenticationType"] == "FRICTIONLESS"
        assert entry.origin == "PROGRAM"
        assert not VaultEntry.objects.exists()

    def test_the_bank_asks(self, shop):
        asked = order(shop)
        carla = opened(asked)
        carla.pay_by_card(LOOKED_AT)
        assert asked.authorize().error == "TRANSACTION_IN_WRONG_STATE"
        carla.to_bank()
        carla.press("approve")

        told = asked.authorize().body

        assert told["Liability"]["ThreeDs"]["AuthenticationType"] == "ATTEMPT"

    @pytest.mark.parametrize(
        ("number", "condition", "error"),
        [
            (VISA, "NONE", ""),
            (VISA, "THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED", ""),
            (VISA, "WITH_SUCCESSFUL_THREE_DS_CHALLENGE", "CONDITION_NOT_SATISFIED"),
            ("9010003750000005", "NONE", ""),
            (
                "9010003750000005",
                "THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED",
                "CONDITION_NOT_SATISFIED",
            ),
            (JCB, "WITH_SUCCESSFUL_THREE_DS_CHALLENGE", ""),  # the brand has no 3-D Secure
        ],
    )
    def test_the_condition_is_looked_at_when_money_is_asked_for(self, shop, number, condition, error):
        """behaviour.md G-2."""
        asked = order(shop)
        opened(asked).pay_by_card(number)

        answer = asked.authorize(Condition=condition)

        assert answer.error == error
        assert asked_for() == ([] if error else ["AUTH"])
        assert not VaultEntry.objects.exists()

    def test_after_the_bank_refused_authorize_reads_why(self, shop):
        """behaviour.md D-12, G-6."""
        asked = order(shop)
        carla = opened(asked)
        carla.pay_by_card(REFUSED)
        carla.to_bank()
        carla.press("approve")

        assert carla.step == "failed"
        assert f'href="{BACK}"' in carla.page.html.replace("&amp;", "&")
        assert [(call.kind, call.url) for call in Delivery.objects.all()] == [("failure", FAILED)]
        answer = asked.authorize()
        assert (answer.error, answer.body["OrderId"]) == ("3DS_AUTHENTICATION_FAILED", "S-7")
        assert asked_for() == []

    def test_a_payer_who_gives_up(self, shop):
        asked = order(shop)
        carla = opened(asked)
        carla.cancel()

        assert asked.authorize().error == "TRANSACTION_ABORTED"

    def test_the_call_that_comes_second_is_told_which_transaction_it_is(self, shop):
        """Shops authorize from within our call and at the payer's return: the second of them asks on by this id."""
        asked = order(shop)
        opened(asked).pay_by_card(VISA)
        first = asked.authorize().body["Transaction"]["Id"]

        second = asked.authorize()

        assert (second.error, second.body["TransactionId"]) == ("TRANSACTION_IN_WRONG_STATE", first)

    @pytest.mark.parametrize("end", ["success", "fail", "abort"])
    def test_old_programs_have_an_address_for_each_end(self, shop, end):
        """behaviour.md B-3: ReturnUrls before 1.32."""
        ways = {way: f"https://shop.example/{way}" for way in ("Success", "Fail", "Abort")}
        carla = opened(order(shop, version="1.20", ReturnUrls=ways, ReturnUrl=...))

        match end:
            case "success":
                carla.pay_by_card(VISA)
            case "fail":
                carla.pay_by_card(REFUSED)
                carla.to_bank()
                carla.press("approve")
            case _:
                carla.cancel()

        led_to = [way for way, address in ways.items() if address in (carla.page.url, *hrefs(carla))]
        assert led_to == [end.capitalize()]

    def test_the_acquirers_no(self, shop):
        asked = order(shop)
        opened(asked).pay_by_card(DECLINED)

        answer = asked.authorize()

        assert (answer.error, answer.body["ProcessorResult"]) == ("TRANSACTION_DECLINED", "05")
        assert asked.authorize().error == "TRANSACTION_DECLINED"
        assert [call.kind for call in Delivery.objects.all()] == ["ready"]

    def test_only_the_payers_browser_is_led_back(self, shop):
        asked = order(shop)
        opened(asked).pay_by_card(MASTERCARD)

        assert opened(asked).page.url != BACK

    def test_the_challenge_can_be_forced_and_a_series_forces_it(self, shop):
        """behaviour.md G-3, G-5."""
        for changed in (
            {"Authentication": {"ThreeDsChallenge": "FORCE"}},
            {"Payment": {"Amount": {"Value": "1200", "CurrencyCode": "CHF"}, "Recurring": {"Initial": True}}},
        ):
            asked = order(shop, **changed)
            carla = opened(asked)
            carla.pay_by_card(MASTERCARD)
            assert carla.step == "challenge"
            carla.to_bank()
            carla.press("approve")
            told = asked.authorize().body
            assert told["Liability"]["LiabilityShift"] is True
            assert told["Liability"]["ThreeDs"]["AuthenticationType"] == "STRONG_CUSTOMER_AUTHENTICATION"
        body = {
            "TerminalId": shop.terminal.number,
            "Payment": {"Amount": {"Value": "990", "CurrencyCode": "CHF"}},
            "TransactionReference": {"TransactionId": told["Transaction"]["Id"]},
        }
        assert asked.program.call("Transaction/AuthorizeReferenced", body).status == 200
        assert Authentication.objects.filter(challenge_requested=True).count() == 2


class TestACardThatCameAlong:
    def test_the_page_does_3d_secure_only(self, shop):
        asked = order(shop, **means(VISA))
        assert asked.body["Redirect"]["PaymentMeansRequired"] is False

        carla = opened(asked)
        assert carla.step == "confirm"
        carla.send(carla.page.form("data-pay"))
        carla.carry_on()

        assert carla.page.url == BACK
        assert asked.authorize().body["PaymentMeans"]["Card"]["MaskedNumber"] == "90104031xxxx0000"
        assert not VaultEntry.objects.exists()

    def test_a_stored_card_too(self, shop):
        alias = store(card(), AliasWish(), merchant_id=shop.merchant.pk, by="test", now=clock.now())
        asked = order(shop, PaymentMeans={"Alias": {"Id": alias.name}})
        carla = opened(asked)
        carla.send(carla.page.form("data-pay"))
        carla.carry_on()

        assert asked.authorize().status == 200

    def test_without_3d_secure_nobody_is_sent_anywhere(self, shop):
        """behaviour.md D-11."""
        asked = order(shop, **means(JCB))

        assert asked.body["RedirectRequired"] is False
        assert "Redirect" not in asked.body
        assert asked.authorize().body["Transaction"]["Status"] == "AUTHORIZED"

    def test_the_card_may_be_stored_with_the_money(self, shop):
        """behaviour.md O-4: RegisterAlias is told to Authorize."""
        asked = order(shop, **means(JCB))

        told = asked.authorize(RegisterAlias={"IdGenerator": "RANDOM"}).body

        assert told["RegistrationResult"]["Success"] is True

    def test_a_card_that_the_terminal_does_not_take(self, shop):
        shop.terminal.contracts.filter(method="JCB").delete()
        body = {
            "TerminalId": shop.terminal.number,
            "Payment": {"Amount": {"Value": "12000", "CurrencyCode": "CHF"}},
            "ReturnUrl": {"Url": BACK},
        } | means(JCB)

        assert program_of(shop.merchant).call("Transaction/Initialize", body).error == "NO_CONTRACT"
        assert not VaultEntry.objects.exists()


class TestTheShopsOwnForm:
    """behaviour.md D-10: a form of the shop's, posted to RedirectUrl."""

    FIELDS = {
        "CardNumber": VISA,
        "ExpMonth": "12",
        "ExpYear": "2034",
        "HolderName": "C",
        "VerificationCode": "737",
    }

    def post(self, asked: Order, **fields: str) -> Any:
        return Buyer().client.post(asked.path, self.FIELDS | fields)

    def test_the_browser_goes_on_to_the_page(self, shop):
        asked = order(shop)
        carla = Buyer()
        carla.post(asked.path, self.FIELDS)

        assert carla.step == "confirm"
        carla.send(carla.page.form("data-pay"))
        carla.carry_on()
        assert asked.authorize().status == 200

    def test_a_script_is_told_the_address(self, shop):
        asked = order(shop)

        answer = self.post(asked, FromAjax="true")

        assert json.loads(answer.content) == {"RedirectUrl": asked.body["Redirect"]["RedirectUrl"]}
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert opened(asked).step == "confirm"

    def test_and_what_is_wrong_by_the_names_of_the_inputs(self, shop):
        asked = order(shop)

        answer = self.post(
            asked, FromAjax="true", CardNumber="9010003150000002", ExpMonth="13", VerificationCode="x"
        )

        assert answer.status_code == 400
        assert json.loads(answer.content) == {
            "ErrorName": "VALIDATION_FAILED",
            "Behavior": "DO_NOT_RETRY",
            "ErrorDetail": ["CardNumber", "ExpMonth", "VerificationCode"],
        }
        assert "9010003150000002" not in answer.content.decode()

    def test_without_a_script_our_own_form_is_shown(self, shop):
        asked = order(shop)

        assert self.post(asked, CardNumber="1")["Location"].endswith(asked.path)
        assert opened(asked).step in ("card", "choose")

    def test_nothing_is_taken_once_a_card_is_under_way(self, shop):
        asked = order(shop)
        opened(asked).pay_by_card(ASKED)

        answer = self.post(asked, FromAjax="true")

        assert json.loads(answer.content)["ErrorName"] == "TRANSACTION_IN_WRONG_STATE"

    def test_a_payment_page_takes_none(self, shop):
        body = {
            "TerminalId": shop.terminal.number,
            "Payment": {"Amount": {"Value": "100", "CurrencyCode": "CHF"}, "Description": "x"},
            "ReturnUrl": {"Url": BACK},
        }
        told = program_of(shop.merchant).call("PaymentPage/Initialize", body).body

        assert Buyer().client.post(urlsplit(told["RedirectUrl"]).path, self.FIELDS).status_code == 404


class TestTokens:
    def test_unknown_foreign_and_other_ones_are_the_same(self, shop):
        asked = order(shop)
        program = asked.program
        page = {
            "TerminalId": shop.terminal.number,
            "Payment": {"Amount": {"Value": "100", "CurrencyCode": "CHF"}, "Description": "x"},
            "ReturnUrl": {"Url": BACK},
        }
        token = program.call("PaymentPage/Initialize", page).body["Token"]

        assert program.call("Transaction/Authorize", {"Token": "nothing"}).error == "TOKEN_INVALID"
        assert program.call("Transaction/Authorize", {"Token": token}).error == "TOKEN_INVALID"

    def test_a_card_waits_for_twenty_minutes(self, shop, monkeypatch):
        """behaviour.md D-13; a job destroys it, and Authorize does not find it before either."""
        asked = order(shop)
        opened(asked).pay_by_card(MASTERCARD)
        moment = clock.now() + timedelta(minutes=20, seconds=1)
        monkeypatch.setattr(clock, "now", lambda: moment)

        assert asked.authorize().error == "TOKEN_EXPIRED"
        give_up_left_behind(now=moment)
        assert Attempt.objects.get().state == "ABANDONED"
        assert asked.authorize().error == "TOKEN_EXPIRED"
        assert asked_for() == []

    def test_a_payer_who_never_came(self, shop, monkeypatch):
        asked = order(shop)
        moment = clock.now() + timedelta(hours=1, seconds=1)
        monkeypatch.setattr(clock, "now", lambda: moment)
        expire_sessions(now=moment)

        assert asked.authorize().error == "TOKEN_EXPIRED"
        assert opened(asked).step not in ("card", "choose")


class TestOnceOnly:
    def ready(self, shop: Desk) -> Order:
        asked = order(shop)
        opened(asked).pay_by_card(MASTERCARD)
        return asked

    def test_the_same_request_and_another_one(self, shop):
        asked = self.ready(shop)

        first, again, other = asked.authorize("a"), asked.authorize("a"), asked.authorize("b")

        assert first == again
        assert other.error == "TRANSACTION_IN_WRONG_STATE"
        assert asked_for() == ["AUTH"]

    @pytest.mark.parametrize("lost", ["refuse_connect", "drop_before_read"])
    def test_what_never_reached_the_acquirer_needs_a_new_order(self, shop, lost):
        """The card is gone: told `RETRY`, a program sent the same again and was told `RETRY` for ever."""
        asked = self.ready(shop)
        set_fault("AUTH", lost)
        asked.authorize("a")
        for seconds in (100, 200):
            find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(seconds=seconds))

        again = asked.authorize("a")

        assert (again.error, again.body["Behavior"]) == ("COMMUNICATION_FAILED", "RETRY_LATER")
        assert asked.authorize("a") == again

    def test_no_answer_is_not_a_no(self, shop):
        asked = self.ready(shop)
        set_fault("AUTH", "drop_after_commit")
        lost = asked.authorize("a")
        assert (lost.error, lost.body["Behavior"]) == ("COMMUNICATION_TIMEOUT", "RETRY")
        assert asked.authorize("b").error == "TRANSACTION_IN_WRONG_STATE"

        find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(seconds=10))

        assert asked.authorize("a").body["Transaction"]["Status"] == "AUTHORIZED"
        assert asked_for() == ["AUTH"]

    @pytest.mark.parametrize("place", ["_prepare", "conclude"])
    def test_whoever_died_is_followed_by_the_repeat(self, shop, monkeypatch, place):
        class Killed(BaseException): ...

        def dying(*_: object, **__: object) -> None:
            raise Killed

        asked = self.ready(shop)
        with monkeypatch.context() as dies, pytest.raises(Killed):
            dies.setattr(walk, place, dying)
            asked.authorize("a")
        moment = clock.now() + timedelta(seconds=101)
        monkeypatch.setattr(clock, "now", lambda: moment)
        for attempt in Attempt.objects.filter(state="AUTHORIZING"):
            find_out(attempt.pk, now=moment)

        assert asked.authorize("a").body["Transaction"]["Status"] == "AUTHORIZED"
        assert asked_for() == ["AUTH"]
        assert Session.objects.get().state == "PAID"


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    """Real threads, on both databases (safety.md ID-5)."""

    def ready(self, shop: Desk) -> Order:
        asked = order(shop)
        opened(asked).pay_by_card(VISA)
        return asked

    def test_of_several_requests_one_takes_the_money(self, shop):
        asked = self.ready(shop)

        outcomes = at_once(*[partial(asked.authorize, f"r{number}") for number in range(4)])

        assert asked_for() == ["AUTH"]
        entry = Entry.objects.get()
        assert entry.state == "AUTHORIZED"
        taken = [one for one in outcomes if one.status == 200]
        assert {one.body["Transaction"]["Id"] for one in taken} == {entry.transaction_id}
        assert all(one.status < 500 for one in outcomes)
        assert_invariants_hold()

    def test_the_same_request_is_answered_alike(self, shop):
        asked = self.ready(shop)

        outcomes = at_once(*[partial(asked.authorize, "same")] * 4)

        assert asked_for() == ["AUTH"]
        assert {one.body["Transaction"]["Id"] for one in outcomes} == {Entry.objects.get().transaction_id}


def test_foreign_tokens_are_unknown(shop, carla):
    asked = order(shop)
    opened(asked).pay_by_card(VISA)
    stranger = program_of(carla.merchant)

    foreign = stranger.call("Transaction/Authorize", {"Token": asked.body["Token"]}, RequestId="a")
    unknown = stranger.call("Transaction/Authorize", {"Token": "nothing"}, RequestId="a")

    assert foreign == unknown
    assert foreign.error == "TOKEN_INVALID"
    assert asked_for() == []
