"""The program tells the card that is to be stored, or has it posted from a form of its own (behaviour.md D-10, O-5)."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.aliases import find
from paygate.aliases.models import Alias, VaultEntry
from tests.api.program import Json
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, Buyer
from tests.flows.test_card_page import INSERT, asserted, enter, online, opened, wish
from tests.invariants import assert_invariants_hold
from tests.make.desks import Desk

pytestmark = pytest.mark.django_db


def told(number: str = MASTERCARD, **more: Any) -> Json:
    return {"PaymentMeans": {"Card": {"Number": number, "ExpMonth": 12, "ExpYear": 2034} | more}}


def strong(hotel: Desk) -> Json:
    return {"Check": {"Type": "ONLINE_STRONG", "TerminalId": hotel.terminal.number}}


def go_on(carla: Buyer) -> None:
    """The browser presses the button by itself."""
    assert carla.step == "confirm"
    carla.send(carla.page.form("data-pay"))


class TestInTheCall:
    def test_a_card_that_nobody_has_to_be_asked_about_is_stored_at_once(self, hotel, program):
        answer = program.call(INSERT, wish(**told(HolderName="Carla Muster")))

        assert (answer.body["RedirectRequired"], "Redirect" in answer.body) == (False, False)
        stored = asserted(program, answer.body["Token"]).body
        assert stored["Alias"] == {"Id": "guest-7", "Lifetime": 30}
        assert stored["PaymentMeans"]["Card"]["HolderName"] == "Carla Muster"
        assert find.card_of(Alias.objects.get(), now=clock.now()).number.digits == MASTERCARD
        assert_invariants_hold()

    def test_its_bank_is_asked_where_that_is_wished(self, hotel, program):
        good = program.call(INSERT, wish(**told(), **online(hotel)))
        bad = program.call(
            INSERT, wish(**told(DECLINED), **online(hotel), RegisterAlias={"IdGenerator": "RANDOM"})
        )

        assert asserted(program, good.body["Token"]).body["CheckResult"] == {"Result": "OK"}
        assert asserted(program, bad.body["Token"]).error == "CARD_CHECK_FAILED"
        assert Alias.objects.count() == 1
        assert ledger.listed() == []

    def test_the_payer_goes_to_the_bank_and_types_nothing_again(self, hotel, program, carla):
        answer = program.call(INSERT, wish(**told(ASKED), **strong(hotel)))
        redirect = answer.body["Redirect"]
        assert redirect["PaymentMeansRequired"] is False
        carla.open(urlsplit(redirect["RedirectUrl"]).path)

        go_on(carla)
        carla.to_bank()
        carla.press("approve")

        assert carla.step == "stored"
        assert asserted(program, answer.body["Token"]).body["CheckResult"]["Result"] == "OK"
        assert VaultEntry.objects.count() == 1  # what waited is gone
        assert ASKED not in "".join(page.html for page in carla.pages)
        assert_invariants_hold()

    @pytest.mark.parametrize("ending", ["refuse", "leave"])
    def test_what_waited_is_gone_with_every_other_end(self, hotel, program, carla, ending):
        answer = program.call(INSERT, wish(**told(ASKED), **strong(hotel)))
        carla.open(urlsplit(answer.body["Redirect"]["RedirectUrl"]).path)
        assert VaultEntry.objects.count() == 1

        if ending == "leave":
            carla.cancel()
        else:
            go_on(carla)
            carla.to_bank()
            carla.press("refuse")

        assert not VaultEntry.objects.exists()

    @pytest.mark.parametrize(
        ("means", "error"),
        [
            ({"Card": {"Number": "9010003150000002", "ExpMonth": 12, "ExpYear": 2034}}, "VALIDATION_FAILED"),
            ({"SaferpayFields": {"Token": "x"}}, "PAYMENTMEANS_NOT_SUPPORTED"),
        ],
    )
    def test_what_cannot_be_stored(self, hotel, program, means, error):
        answer = program.call(INSERT, wish(PaymentMeans=means))

        assert answer.error == error
        assert "9010003150000002" not in str(answer)

    def test_no_means_at_all_is_a_page(self, hotel, program):
        assert program.call(INSERT, wish(PaymentMeans={})).body["RedirectRequired"] is True

    def test_who_tries_out_cards_is_stopped(self, hotel, program, settings):
        """safety.md CT-3: ten in ten minutes, by whichever of the two calls."""
        settings.PAYGATE_LIMITS = "strict"
        body = wish(**told(DECLINED), **online(hotel), RegisterAlias={"IdGenerator": "RANDOM"})

        answers = [program.call(INSERT, body) for _each in range(11)]

        assert [one.status for one in answers] == [200] * 10 + [429]


class TestFromAFormOfTheShops:
    FIELDS = {"CardNumber": MASTERCARD, "ExpMonth": "12", "ExpYear": "2034", "HolderName": "Carla Muster"}

    def post(self, carla: Buyer, **changed: str) -> Any:
        return Buyer().client.post(urlsplit(carla.page.url).path, self.FIELDS | changed)

    @pytest.mark.parametrize("checked", [False, True])
    def test_the_card_waits_for_its_payer(self, hotel, program, carla, checked):
        token = opened(program, carla, **(strong(hotel) if checked else {}))
        answer = self.post(carla, FromAjax="true", CardNumber=ASKED if checked else MASTERCARD)
        carla.open(urlsplit(json.loads(answer.content)["RedirectUrl"]).path)

        go_on(carla)
        if checked:
            carla.to_bank()
            carla.press("approve")

        assert carla.step == "stored"
        assert asserted(program, token).body["PaymentMeans"]["Card"]["HolderName"] == "Carla Muster"
        assert VaultEntry.objects.count() == 1

    def test_what_is_wrong_is_told_by_the_names_of_the_inputs(self, hotel, program, carla):
        opened(program, carla)

        answer = self.post(carla, FromAjax="true", CardNumber="1", VerificationCode="x")

        assert json.loads(answer.content)["ErrorDetail"] == ["CardNumber", "VerificationCode"]

    def test_not_after_the_end(self, hotel, program, carla):
        opened(program, carla)
        enter(carla)

        answer = self.post(carla, FromAjax="true")

        assert json.loads(answer.content)["ErrorName"] == "TRANSACTION_IN_WRONG_STATE"
        assert VaultEntry.objects.count() == 1

    def test_a_brand_that_is_not_taken(self, hotel, program, carla):
        opened(program, carla, PaymentMethods=["VISA"])

        assert json.loads(self.post(carla, FromAjax="true").content)["ErrorName"] == "NO_CONTRACT"
