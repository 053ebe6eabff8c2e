"""A payer stores a card without paying, on a page that a program asks for (behaviour.md O-5, O-6, D-16)."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.aliases import find, store
from paygate.aliases.models import Alias, VaultEntry
from paygate.checkout.models import CardPage
from paygate.checkout.tasks import forget_card_pages
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence
from paygate.paypage import trying_out
from paygate.tenants.context import within
from paygate.threeds.models import MessageLine
from paygate.webhooks.models import Delivery
from tests.api.program import Answer, Program, program_of
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, VISA, Buyer
from tests.invariants import assert_invariants_hold
from tests.make.desks import Desk, desk

pytestmark = pytest.mark.django_db
INSERT, ASSERT = "Alias/Insert", "Alias/AssertInsert"
BACK = "https://shop.example/wallet?guest=7"


def wish(**changed: Any) -> dict[str, Any]:
    told = {
        "RegisterAlias": {"IdGenerator": "MANUAL", "Id": "guest-7", "Lifetime": 30},
        "Type": "CARD",
        "ReturnUrl": {"Url": BACK},
        "LanguageCode": "en",
    }
    return told | changed


def online(hotel: Desk) -> dict[str, Any]:
    return {"Check": {"Type": "ONLINE", "TerminalId": hotel.terminal.number}}


def opened(program: Program, carla: Buyer, *, version: str = "1.53", **changed: Any) -> str:
    """The token of a page that Carla looks at."""
    told = {name: value for name, value in wish(**changed).items() if value is not ...}
    answer = program.call(INSERT, told, version=version)
    assert answer.status == 200, answer
    assert answer.body["RedirectRequired"] is True
    carla.open(urlsplit(answer.body["Redirect"]["RedirectUrl"]).path)
    return str(answer.body["Token"])


def enter(carla: Buyer, number: str = MASTERCARD, holder: str = "Carla Muster") -> None:
    form = carla.page.form("data-pay")
    typed = {"number": number, "expiry": "12/34", "holder": holder}
    carla.send(form, **{name: typed[name] for name in typed if name in form.values or name != "holder"})


def asserted(program: Program, token: str) -> Answer:
    return program.call(ASSERT, {"Token": token})


class TestThePage:
    def test_asks_for_the_card_without_its_code_and_stores_it(self, hotel, program, carla):
        """behaviour.md D-16."""
        token = opened(program, carla)
        assert asserted(program, token).error == "TRANSACTION_NOT_STARTED"
        assert carla.page.form("data-pay").field("cc-csc") is None
        assert "stores this card for your later purchases" in carla.page.words
        enter(carla)

        assert carla.step == "stored"
        assert BACK.replace("&", "&amp;") in carla.page.html
        told = asserted(program, token).body
        assert told["Alias"] == {"Id": "guest-7", "Lifetime": 30}
        assert told["PaymentMeans"]["Card"]["MaskedNumber"] == "90300031xxxx0007"
        assert "CheckResult" not in told
        alias = find.usable(hotel.merchant.pk, "guest-7", now=clock.now())
        assert find.card_of(alias, now=clock.now()).number.digits == MASTERCARD
        assert MASTERCARD not in carla.page.html

    def test_asks_the_bank_where_that_is_wished(self, hotel, program, carla):
        token = opened(program, carla, **online(hotel))
        enter(carla)

        assert asserted(program, token).body["CheckResult"] == {"Result": "OK"}
        assert ledger.listed() == []

    def test_stores_nothing_that_the_bank_refuses_and_takes_no_second_card(self, hotel, program, carla):
        """behaviour.md O-6, safety.md CT-3."""
        token = opened(program, carla, **online(hotel))
        form = carla.page.form("data-pay")
        enter(carla, DECLINED)
        assert carla.step == "failed"
        carla.send(form, number=MASTERCARD, expiry="12/34")

        assert (asserted(program, token).status, asserted(program, token).error) == (402, "CARD_CHECK_FAILED")
        assert not VaultEntry.objects.exists()

    def test_stays_open_while_the_bank_is_silent(self, hotel, program, carla):
        token = opened(program, carla, **online(hotel))
        set_fault("CHECK", "http_500")
        enter(carla)
        assert "The bank could not be reached." in carla.page.words
        enter(carla)

        assert asserted(program, token).status == 200

    def test_sent_twice_stores_once(self, program, carla):
        opened(program, carla, RegisterAlias={"IdGenerator": "RANDOM"})
        form = carla.page.form("data-pay")
        for _time in range(2):
            carla.send(form, number=MASTERCARD, expiry="12/34")

        assert Alias.objects.count() == 1

    def test_says_what_is_wrong_and_shows_no_number_again(self, program, carla):
        opened(program, carla)
        enter(carla, "9030003150000008")

        assert carla.page.status == 422
        assert "Check the card number" in carla.page.words
        assert "9030003150000008" not in carla.page.html
        assert not VaultEntry.objects.exists()

    def test_takes_the_named_brands_only(self, program, carla):
        opened(program, carla, PaymentMethods=["VISA", "NOBODYS"])
        enter(carla)
        assert "not accepted here" in carla.page.words

        enter(carla, VISA)
        assert carla.step == "stored"

    def test_asks_for_the_name_where_that_is_wished(self, program, carla):
        token = opened(program, carla, CardForm={"HolderName": "MANDATORY"})
        enter(carla, holder="")
        assert "Enter the name on the card." in carla.page.words
        enter(carla)

        assert asserted(program, token).body["PaymentMeans"]["Card"]["HolderName"] == "Carla Muster"

    def test_can_be_left(self, program, carla):
        token = opened(program, carla)
        carla.cancel()

        assert carla.step == "aborted"
        assert BACK in carla.page.html
        assert asserted(program, token).error == "TRANSACTION_ABORTED"

    def test_of_an_old_program_leads_back_by_how_it_ended(self, program, carla):
        """behaviour.md B-3: ReturnUrls before 1.32. Such a shop takes "success" for a stored card."""
        ways = {way: f"https://shop.example/{way}" for way in ("Success", "Fail", "Abort")}
        opened(program, carla, version="1.20", ReturnUrls=ways, ReturnUrl=...)
        carla.cancel()
        max_ = Buyer()
        opened(program, max_, version="1.20", ReturnUrls=ways, ReturnUrl=...)
        enter(max_)

        assert 'href="https://shop.example/Abort"' in carla.page.html
        assert 'href="https://shop.example/Success"' in max_.page.html

    def test_belongs_to_the_browser_that_sent_a_card(self, program, carla):
        opened(program, carla)
        enter(carla)
        somebody = Buyer()
        somebody.open(carla.page.url)

        assert BACK not in somebody.page.html

    def test_ends_after_an_hour(self, program, carla):
        token = opened(program, carla)
        CardPage.objects.update(expires_at=clock.now())
        enter(carla)

        assert carla.step == "expired"
        assert not VaultEntry.objects.exists()
        assert asserted(program, token).error == "TRANSACTION_NOT_STARTED"

    def test_counts_with_all_other_card_forms(self, program, carla, settings, monkeypatch):
        """safety.md CT-3."""
        settings.PAYGATE_LIMITS = "strict"
        monkeypatch.setattr(trying_out, "CARDS", ((1, timedelta(days=1)),))
        opened(program, carla)
        enter(carla, "9030003150000008")
        enter(carla)

        assert carla.page.status == 429

    def test_tells_the_program_when_it_has_ended(self, program, carla):
        """behaviour.md E-1."""
        opened(program, carla, Notification={"NotifyUrl": "http://127.0.0.1:9/stored?guest=7"})
        assert not Delivery.objects.exists()
        enter(carla)

        assert Delivery.objects.get().url == "http://127.0.0.1:9/stored?guest=7"


class TestTheProgram:
    def test_may_ask_for_a_day(self, program, carla):
        """behaviour.md D-3."""
        token = opened(program, carla)
        enter(carla)
        CardPage.objects.update(opened_at=clock.now() - timedelta(hours=24, seconds=1))

        assert asserted(program, token).error == "TOKEN_EXPIRED"
        CardPage.objects.update(opened_at=clock.now() - timedelta(days=2))
        forget_card_pages()
        assert asserted(program, token).error == "TOKEN_INVALID"
        assert Alias.objects.exists()

    def test_of_another_merchant_learns_nothing(self, program, carla):
        token = opened(program, carla)
        enter(carla)
        stranger = desk("200002", "17000099", name="Carla's Flowers").merchant
        with within(stranger.pk):
            Licence.objects.create(merchant=stranger, features=[feature.value for feature in Feature])

        assert asserted(program_of(stranger), token).error == "TOKEN_INVALID"

    def test_is_told_at_once_that_a_name_is_taken(self, program, carla):
        """behaviour.md O-2."""
        opened(program, carla)
        enter(carla)

        assert program.call(INSERT, wish()).error == "ALIAS_INVALID"

    def test_is_told_later_where_it_was_taken_meanwhile(self, program, carla):
        first, second = opened(program, Buyer()), opened(program, carla)
        enter(carla)
        other = Buyer()
        page = CardPage.objects.select_related("merchant").get(token=first)
        other.open(f"/vt2/api/Alias/{page.merchant.customer_id}/{first}")
        enter(other)

        assert asserted(program, second).status == 200
        assert asserted(program, first).error == "ALIAS_INVALID"
        assert VaultEntry.objects.count() == 1

    def test_of_a_card_that_was_deleted_since_is_told_so(self, program, carla):
        token = opened(program, carla)
        enter(carla)
        store.remove(Alias.objects.get())

        assert asserted(program, token).error == "ALIAS_INVALID"

    @pytest.mark.parametrize("kind", ["BANK_ACCOUNT", "PAYPAL"])
    def test_is_told_what_is_not_served(self, program, kind):
        """No connector takes them: nothing could be charged by such an alias."""
        assert program.call(INSERT, wish(Type=kind)).error == "ACTION_NOT_SUPPORTED"
        assert not CardPage.objects.exists()

    def test_names_its_own_terminal(self, program):
        check = {"Check": {"Type": "ONLINE", "TerminalId": "99999999"}}

        assert program.call(INSERT, wish(**check)).error == "PERMISSION_DENIED"


class TestWithTheBank:
    """3-D Secure before the card is stored (behaviour.md O-6, G-1)."""

    def strong(self, hotel: Desk, kind: str = "ONLINE_STRONG") -> dict[str, Any]:
        return {"Check": {"Type": kind, "TerminalId": hotel.terminal.number}}

    @pytest.mark.parametrize("kind", ["ONLINE_STRONG", "ONLINE_CHALLENGED"])
    def test_the_payer_confirms_at_the_bank(self, hotel, program, carla, kind):
        token = opened(program, carla, **self.strong(hotel, kind))
        enter(carla, ASKED)
        assert carla.step == "challenge"
        assert not VaultEntry.objects.exists()
        carla.to_bank()
        assert "Is this card to be stored?" in carla.page.words
        carla.press("approve")

        assert carla.step == "stored"
        assert asserted(program, token).body["CheckResult"] == {
            "Result": "OK",
            "Authentication": {
                "Authenticated": True,
                "AuthenticationType": "STRONG_CUSTOMER_AUTHENTICATION",
            },
        }
        areq = MessageLine.objects.get(message_type="AReq").body
        assert areq["messageCategory"] == "02"
        assert areq["threeDSRequestorChallengeInd"] == "04"
        assert "purchaseAmount" not in areq
        assert ledger.listed() == []
        assert find.card_of(Alias.objects.get(), now=clock.now()).number.digits == ASKED

    @pytest.mark.parametrize("choice", ["refuse", "cancel"])
    def test_who_does_not_confirm_stores_nothing(self, hotel, program, carla, choice):
        token = opened(program, carla, **self.strong(hotel))
        enter(carla, ASKED)
        carla.to_bank()
        carla.press(choice)

        assert carla.step == "failed"
        assert asserted(program, token).error == "CARD_CHECK_FAILED"
        assert not VaultEntry.objects.exists()

    def test_a_bank_that_recognises_the_payer_is_enough_for_the_lesser_check(self, hotel, program, carla):
        token = opened(program, carla, **self.strong(hotel))
        enter(carla, MASTERCARD)
        if carla.step == "challenge":
            carla.to_bank()
            carla.press("approve")

        assert asserted(program, token).body["CheckResult"]["Result"] == "OK"

    def test_a_card_without_its_half_is_not_stored(self, hotel, program, carla):
        """safety.md CD-3."""
        token = opened(program, carla, **self.strong(hotel))
        enter(carla, ASKED)
        for name in [name for name in carla.client.cookies if "store-" in name]:
            del carla.client.cookies[name]
        carla.to_bank()
        carla.press("approve")

        assert asserted(program, token).error == "CARD_CHECK_FAILED"
        assert not VaultEntry.objects.exists()

    def test_the_bank_is_asked_about_the_card_afterwards(self, hotel, program, carla):
        token = opened(program, carla, **self.strong(hotel))
        enter(carla, ASKED)
        carla.to_bank()
        set_fault("CHECK", "http_500")
        carla.press("approve")

        assert asserted(program, token).error == "COMMUNICATION_FAILED"
        assert not VaultEntry.objects.exists()

    def test_whoever_reloads_goes_to_the_bank_again(self, hotel, program, carla):
        token = opened(program, carla, **self.strong(hotel))
        enter(carla, ASKED)
        carla.reload()
        assert carla.step == "challenge"
        carla.to_bank()
        carla.press("approve")

        assert asserted(program, token).status == 200

    def test_another_browser_sees_nothing_of_it(self, hotel, program, carla):
        opened(program, carla, **self.strong(hotel))
        enter(carla, ASKED)
        somebody = Buyer()
        somebody.open(carla.page.url)

        assert somebody.page.status == 404

    def test_can_be_left_before_the_bank(self, hotel, program, carla):
        token = opened(program, carla, **self.strong(hotel))
        enter(carla, ASKED)
        carla.cancel()

        assert asserted(program, token).error == "TRANSACTION_ABORTED"

    def test_the_books_hold_together(self, hotel, program, carla):
        opened(program, carla, **self.strong(hotel))
        enter(carla, ASKED)
        assert_invariants_hold()
        carla.to_bank()
        carla.press("approve")
        assert_invariants_hold()
