"""The Transaction interface with the payer: a token, the payer's page, the money (behaviour.md D-10 to D-12, G-2)."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from paygate import clock
from paygate.aliases.models import VaultEntry
from paygate.aliases.store import AliasWish, store
from paygate.checkout.loose_ends import expire_sessions, give_up_left_behind
from paygate.checkout.models import Attempt
from paygate.journal.models import Entry
from paygate.threeds.models import Authentication
from paygate.webhooks.models import Delivery
from tests.api.program import program_of
from tests.flows.buyer import ASKED, DECLINED, LOOKED_AT, MASTERCARD, REFUSED, VISA, Buyer
from tests.flows.orders import BACK, FAILED, READY, Order, asked_for, means, opened, order
from tests.make.walk import card

pytestmark = pytest.mark.django_db
JCB = "9060100052000003"


def hrefs(carla: Buyer) -> list[str]:
    """Where the links of her page lead."""
    return re.findall(r'href="([^"]+)"', carla.page.html)


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
