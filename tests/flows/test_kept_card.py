"""A card is stored with the payment that is made with it, or not at all (behaviour.md O-4, SPG-FRM-37 to 39)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.aliases import find, store
from paygate.aliases.models import Alias, Generator, VaultEntry, VaultKey
from paygate.aliases.store import AliasWish
from paygate.checkout.models import Registration
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence
from paygate.tenants.context import within
from tests.api.program import Program, program_of
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, VISA
from tests.flows.test_shop_page import ask, wish
from tests.make.desks import Desk, desk
from tests.make.walk import card
from tests.operations.shop import in_minutes

pytestmark = pytest.mark.django_db
STORED = "stores this card for your later purchases"


@pytest.fixture
def hotel(settings) -> Iterator[Desk]:
    """A merchant with every feature, in view while the test runs."""
    settings.PAYGATE_CLOCK_OFFSET = ""
    hotel = desk()
    with within(hotel.merchant.pk):
        Licence.objects.create(merchant=hotel.merchant, features=[feature.value for feature in Feature])
        yield hotel


@pytest.fixture
def program(hotel: Desk) -> Program:
    return program_of(hotel.merchant)


class TestAnOffer:
    def test_that_stores_the_card_says_so_and_the_api_tells_its_alias(self, hotel, program, carla):
        """SPG-FRM-37, 39: stored after the payment, told where it is of use."""
        link = hotel.link(save_means=True)
        carla.open(link)
        assert STORED in carla.to_card_form().words
        assert not VaultEntry.objects.exists()
        carla.pay_by_card(MASTERCARD)

        told = program.call("PaymentPage/Assert", {"Token": link.sessions[0].token}).body[
            "RegistrationResult"
        ]
        assert (told["Success"], told["Alias"]["Lifetime"]) == (True, 1096)
        alias = find.usable(hotel.merchant.pk, told["Alias"]["Id"], now=clock.now())
        kept = find.card_of(alias, now=clock.now())
        assert (kept.number.digits, kept.code) == (MASTERCARD, None)

    def test_that_does_not_says_nothing_and_stores_nothing(self, hotel, program, carla):
        link = hotel.link()
        carla.open(link)
        assert STORED not in carla.to_card_form().words
        carla.pay_by_card(MASTERCARD)

        assert (
            "RegistrationResult"
            not in program.call("PaymentPage/Assert", {"Token": link.sessions[0].token}).body
        )
        assert not VaultEntry.objects.exists()

    def test_stores_the_card_that_paid_and_not_the_one_that_was_declined(self, hotel, carla):
        link = hotel.link(save_means=True)
        carla.open(link)
        carla.pay_by_card(DECLINED)
        assert not VaultEntry.objects.exists()
        assert not Alias.objects.exists()

        carla.pay_by_card(VISA)
        assert find.card_of(Alias.objects.get(), now=clock.now()).number.digits == VISA
        assert VaultEntry.objects.count() == 1

    def test_stores_nothing_while_the_bank_asks(self, hotel, carla):
        carla.open(hotel.link(save_means=True))
        carla.pay_by_card(ASKED)
        assert not VaultEntry.objects.exists()

        carla.to_bank()
        carla.press("approve")
        assert VaultEntry.objects.count() == 1

    @pytest.mark.parametrize("wallet", ["TWINT", "POSTFINANCEPAY"])
    def test_paid_by_wallet_stores_the_wallet_and_says_so(self, hotel, program, carla, wallet):
        link = hotel.link(save_means=True)
        carla.open(link)
        carla.choose(wallet)
        assert "for your later purchases, and can charge it then" in carla.page.words
        carla.send(carla.page.form("data-pay"))
        carla.to_wallet()
        assert "may charge your wallet later, too" in carla.page.words
        carla.press("approve")

        told = program.call("PaymentPage/Assert", {"Token": link.sessions[0].token}).body[
            "RegistrationResult"
        ]
        assert (told["Success"], told["Alias"]["Lifetime"]) == (True, 1096)
        kept = find.wallet_of(
            find.usable(hotel.merchant.pk, told["Alias"]["Id"], now=clock.now()), now=clock.now()
        )
        assert kept.method == wallet
        assert kept.token not in carla.page.html

    def test_paid_by_wallet_and_stored_charges_it_later(self, hotel, program, carla):
        """behaviour.md O-9."""
        carla.open(hotel.link(save_means=True))
        carla.pay_by("TWINT")
        carla.press("approve")
        asked = {
            "TerminalId": hotel.terminal.number,
            "Payment": {"Amount": {"Value": "990", "CurrencyCode": "CHF"}},
            "PaymentMeans": {"Alias": {"Id": Alias.objects.get().name}},
            "RegisterAlias": {"IdGenerator": "RANDOM_UNIQUE"},
        }
        answer = program.call("Transaction/AuthorizeDirect", asked)

        assert answer.body["Transaction"]["Status"] == "AUTHORIZED"
        assert answer.body["RegistrationResult"]["Alias"]["Id"] == Alias.objects.get().name  # the same token

    def test_that_does_not_store_says_nothing_at_the_wallet_either(self, hotel, carla):
        carla.open(hotel.link())
        carla.choose("TWINT")
        assert "later purchases" not in carla.page.words
        carla.send(carla.page.form("data-pay"))
        carla.to_wallet()
        assert "later" not in carla.page.words
        carla.press("approve")

        assert not VaultEntry.objects.exists()

    @pytest.mark.parametrize("action", ["refuse", "cancel"])
    def test_refused_at_the_wallet_stores_nothing(self, hotel, carla, action):
        carla.open(hotel.link(save_means=True))
        carla.pay_by("TWINT")
        carla.press(action)

        assert not Alias.objects.exists()
        assert not Registration.objects.exists()

    def test_paid_by_a_wallet_that_brings_no_token_says_that_nothing_was_stored(self, hotel, program, carla):
        link = hotel.link(save_means=True)
        carla.open(link)
        carla.pay_by("TWINT")
        carla.press("approve", come_back=False)
        with ledger.opened() as book:
            (record,) = book.everything()
            book.write(replace(record, token=""))
        in_minutes(1)

        told = program.call("PaymentPage/Assert", {"Token": link.sessions[0].token}).body[
            "RegistrationResult"
        ]
        assert (link.state, told["Success"]) == ("PAID", False)
        assert told["Error"]["ErrorName"] == "PAYMENTMEANS_NOT_SUPPORTED"

    def test_paid_by_wallet_and_never_come_back_stores_it_when_the_answer_is_known(self, hotel, carla):
        carla.open(hotel.link(save_means=True))
        carla.pay_by("TWINT")
        carla.press("approve", come_back=False)
        assert not Alias.objects.exists()

        in_minutes(1)
        alias = find.usable(hotel.merchant.pk, Alias.objects.get().name, now=clock.now())
        assert find.wallet_of(alias, now=clock.now()).method == "TWINT"

    def test_whose_answer_comes_late_stores_the_card_then(self, hotel, carla):
        set_fault("AUTH", "drop_after_commit")
        carla.open(hotel.link(save_means=True))
        carla.pay_by_card(MASTERCARD)
        assert Alias.objects.get().name == ""

        in_minutes(1)
        named = Alias.objects.get()
        assert find.usable(hotel.merchant.pk, named.name, now=clock.now()) == named


class TestAPageOfAProgram:
    def test_stores_under_the_name_it_was_told(self, hotel, carla):
        asked = ask(hotel, RegisterAlias={"IdGenerator": "MANUAL", "Id": "guest-7", "Lifetime": 30})
        carla.open(asked)
        assert STORED in carla.to_card_form().words
        carla.pay_by_card(MASTERCARD)

        told = asked.asserted().body["RegistrationResult"]
        assert told == {"Success": True, "Alias": {"Id": "guest-7", "Lifetime": 30}}

    def test_a_name_that_is_taken_stops_no_payment(self, hotel, carla):
        """safety.md CD-13."""
        self._stored(hotel, Generator.MANUAL, "guest-7")
        asked = ask(hotel, RegisterAlias={"IdGenerator": "MANUAL", "Id": "GUEST-7"})
        carla.open(asked)
        carla.pay_by_card(MASTERCARD)

        told = asked.asserted()
        assert (told.status, told.body["Transaction"]["Status"]) == (200, "AUTHORIZED")
        assert told.body["RegistrationResult"] == {
            "Success": False,
            "Error": {"ErrorName": "ALIAS_INVALID", "ErrorMessage": "Alias is invalid"},
        }
        assert VaultEntry.objects.count() == 1

    def test_a_vault_that_does_not_open_stops_no_payment(self, hotel, carla):
        """safety.md CD-13."""
        self._stored(hotel)
        VaultKey.objects.update(wrapped=b"gone")
        asked = ask(hotel, RegisterAlias={"IdGenerator": "RANDOM"})
        carla.open(asked)
        carla.pay_by_card(MASTERCARD)

        told = asked.asserted().body["RegistrationResult"]
        assert (told["Success"], told["Error"]["ErrorName"]) == (False, "INTERNAL_ERROR")
        VaultEntry.objects.all().delete()

    def test_the_same_number_again_has_the_same_alias(self, hotel, carla):
        first = self._stored(hotel, Generator.RANDOM_UNIQUE)
        asked = ask(hotel, RegisterAlias={"IdGenerator": "RANDOM_UNIQUE"})
        carla.open(asked)
        carla.pay_by_card(MASTERCARD)

        assert asked.asserted().body["RegistrationResult"]["Alias"]["Id"] == first.name
        assert VaultEntry.objects.count() == 1

    def test_a_forgotten_card_is_still_told_as_it_was(self, hotel, carla):
        asked = ask(hotel, RegisterAlias={"IdGenerator": "MANUAL", "Id": "guest-7"})
        carla.open(asked)
        carla.pay_by_card(MASTERCARD)
        store.remove(Alias.objects.get())

        assert asked.asserted().body["RegistrationResult"]["Success"] is True
        assert Registration.objects.get().alias is None

    @pytest.mark.parametrize(
        "told",
        [
            {"IdGenerator": "MANUAL"},
            {"IdGenerator": "MANUAL", "Id": VISA},
            {"IdGenerator": "MANUAL", "Id": "a b"},
        ],
    )
    def test_a_name_that_cannot_be_is_refused_at_once(self, hotel, program, told):
        answer = program.call("PaymentPage/Initialize", wish(hotel.terminal.number, RegisterAlias=told))

        assert (answer.status, answer.error) == (400, "VALIDATION_FAILED")
        assert "RegisterAlias.Id" in answer.details

    def test_without_the_licence_nothing_is_stored(self, hotel, program):
        Licence.objects.update(features=["PAYMENT_API"])
        answer = program.call(
            "PaymentPage/Initialize", wish(hotel.terminal.number, RegisterAlias={"IdGenerator": "RANDOM"})
        )

        assert (answer.status, answer.error) == (403, "PERMISSION_DENIED")

    def _stored(self, hotel, generator=Generator.RANDOM, name: str = "") -> Alias:
        wished = AliasWish(generator, name)
        return store.store(
            card(MASTERCARD), wished, merchant_id=hotel.merchant.pk, by="api:shop", now=clock.now()
        )
