"""A payer lets TWINT or PostFinance Pay be charged later, and the program charges it (behaviour.md O-5, O-9)."""

from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.models import Contract
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.aliases import find
from paygate.aliases.models import Alias, VaultEntry
from paygate.audit.models import AuditLine
from paygate.checkout.models import CardPage
from paygate.checkout.tasks import forget_card_pages
from paygate.journal.models import Entry
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence
from paygate.webhooks.models import Delivery
from tests.flows.buyer import VISA, Buyer
from tests.flows.wallets import (
    BACK,
    HERE,
    INSERT,
    WALLETS,
    anew,
    asserted,
    at_the_wallet,
    opened,
    stored,
    wish,
)

pytestmark = pytest.mark.django_db


class TestThePage:
    @WALLETS
    def test_leads_to_the_wallet_and_stores_what_its_payer_agreed_to(self, hotel, program, carla, wallet):
        token = opened(program, carla, wallet)
        assert asserted(program, token).error == "TRANSACTION_NOT_STARTED"
        assert "for your later purchases, without asking you each time" in carla.page.words
        carla.send(carla.page.form("data-pay"))
        carla.to_wallet()
        assert asserted(program, token).error == "TRANSACTION_IN_WRONG_STATE"
        assert not VaultEntry.objects.exists()
        carla.press("approve")

        assert carla.step == "stored"
        assert BACK in carla.page.html
        told = asserted(program, token).body
        assert told["Alias"] == {"Id": "guest-7", "Lifetime": 30}
        assert told["PaymentMeans"]["Brand"]["PaymentMethod"] == wallet
        assert ("Card" in told["PaymentMeans"], "Twint" in told["PaymentMeans"]) == (False, wallet == "TWINT")
        kept = find.wallet_of(find.usable(hotel.merchant.pk, "guest-7", now=clock.now()), now=clock.now())
        assert kept.token == ledger.listed()[-1]["token"]
        assert kept.token not in carla.page.html
        assert not Entry.objects.exists()  # nothing was reserved

    @WALLETS
    @pytest.mark.parametrize(
        ("action", "step", "error"),
        [("refuse", "failed", "TRANSACTION_DECLINED"), ("cancel", "aborted", "TRANSACTION_ABORTED")],
    )
    def test_stores_nothing_where_the_payer_says_no(self, program, carla, wallet, action, step, error):
        token = at_the_wallet(program, carla, wallet)
        carla.press(action)

        assert carla.step == step
        assert BACK in carla.page.html
        assert asserted(program, token).error == error
        assert not Alias.objects.exists()

    def test_can_be_left_before_the_wallet_and_is_the_wallets_afterwards(self, program, carla):
        token = opened(program, carla)
        leave = carla.page
        carla.cancel()
        assert carla.step == "aborted"
        assert asserted(program, token).error == "TRANSACTION_ABORTED"

        other = opened(program, carla, RegisterAlias={"IdGenerator": "RANDOM"})
        leave = carla.page
        carla.send(leave.form("data-pay"))
        carla.pages.append(leave)
        carla.cancel()
        assert asserted(program, other).error == "TRANSACTION_IN_WRONG_STATE"

    def test_waits_for_a_payer_who_left_the_wallet_without_an_answer(self, program, carla, settings):
        token = at_the_wallet(program, carla)
        wallets = carla.page
        carla.open(page_of(token))
        assert carla.step == "wait"
        carla.send(carla.page.form("data-answered"))
        assert carla.step == "wait"
        assert not carla.page.refresh

        carla.pages.append(wallets)
        settings.PAYGATE_CLOCK_OFFSET = "5"
        carla.press("approve")
        assert carla.step == "stored"
        assert asserted(program, token).status == 200

    def test_is_told_when_a_payer_agrees_and_never_comes_back(self, program, carla, settings):
        """behaviour.md E-1."""
        token = at_the_wallet(program, carla, Notification={"NotifyUrl": HERE})
        carla.press("approve", come_back=False)
        assert asserted(program, token).error == "TRANSACTION_IN_WRONG_STATE"
        anew(61, settings)

        assert asserted(program, token).status == 200
        assert Delivery.objects.get().url == HERE

    def test_is_told_when_a_payer_never_answers(self, program, carla, settings):
        token = at_the_wallet(program, carla, Notification={"NotifyUrl": HERE})
        anew(61, settings)
        assert asserted(program, token).error == "TRANSACTION_IN_WRONG_STATE"
        anew(31 * 60, settings)

        assert asserted(program, token).error == "TRANSACTION_ABORTED"
        assert Delivery.objects.get().url == HERE

    def test_belongs_to_the_browser_that_went_to_the_wallet(self, program, carla):
        token = at_the_wallet(program, carla)
        somebody = Buyer()
        somebody.open(page_of(token))

        assert somebody.page.status == 404
        assert "wallet" not in somebody.page.html

    def test_sent_twice_asks_and_stores_once(self, program, carla):
        opened(program, carla, RegisterAlias={"IdGenerator": "RANDOM"})
        form = carla.page.form("data-pay")
        for _time in range(2):
            carla.send(form)
        carla.to_wallet()
        carla.press("approve")
        carla.send_again()

        assert len(ledger.listed()) == 1
        assert Alias.objects.count() == 1

    def test_speaks_the_payers_language(self, program, carla):
        opened(program, carla, LanguageCode="fr")

        assert "TWINT" in carla.page.words
        assert "Nothing is charged" not in carla.page.words


class TestALostAnswer:
    """safety.md OC-1: no answer is not a no, and not a yes."""

    @pytest.mark.parametrize("mode", ["drop_before_read", "drop_after_commit", "http_500", "malformed"])
    def test_to_the_question_is_asked_for_again_as_the_same_question(self, program, carla, mode):
        token = opened(program, carla)
        set_fault("REGISTER", mode)
        carla.send(carla.page.form("data-pay"))
        assert "could not be reached" in carla.page.words
        assert asserted(program, token).error == "TRANSACTION_NOT_STARTED"
        carla.send(carla.page.form("data-pay"))
        carla.to_wallet()
        carla.press("approve")

        assert asserted(program, token).status == 200
        assert len(ledger.listed()) == 1

    @pytest.mark.parametrize("mode", ["drop_after_commit", "http_500", "wrong_reference", "truncated"])
    def test_about_what_was_agreed_is_asked_about_again(self, program, carla, settings, mode):
        token = at_the_wallet(program, carla)
        set_fault("INQUIRY", mode, count=2)
        settings.PAYGATE_CLOCK_OFFSET = "5"
        carla.press("approve")
        assert carla.step == "wait"
        assert asserted(program, token).error == "TRANSACTION_IN_WRONG_STATE"
        assert not Alias.objects.exists()

        anew(70, settings)
        assert asserted(program, token).error == "TRANSACTION_IN_WRONG_STATE"
        anew(140, settings)
        assert asserted(program, token).status == 200
        assert carla.reload().step == "stored"

    def test_is_asked_about_after_the_pages_hour_too(self, program, carla, settings):
        token = at_the_wallet(program, carla)
        carla.press("approve", come_back=False)
        set_fault("INQUIRY", "http_500")
        anew(61, settings)
        anew(3700, settings)

        assert asserted(program, token).status == 200

    def test_ends_with_the_page_that_nobody_asks_about_any_more(self, program, carla, settings):
        at_the_wallet(program, carla)
        settings.PAYGATE_CLOCK_OFFSET = str(3 * 24 * 3600)
        forget_card_pages()

        assert not CardPage.objects.exists()
        anew(3 * 24 * 3600, settings)
        assert not Alias.objects.exists()


class TestTheProgram:
    def test_is_told_that_a_wallet_is_not_checked_as_a_card_is(self, hotel, program):
        check: dict[str, Any] = {"Check": {"Type": "ONLINE", "TerminalId": hotel.terminal.number}}
        assert program.call(INSERT, wish(**check)).error == "ACTION_NOT_SUPPORTED"
        card: dict[str, Any] = {"PaymentMeans": {"Card": {"Number": VISA, "ExpMonth": 12, "ExpYear": 2034}}}
        assert program.call(INSERT, wish(**card)).error == "VALIDATION_FAILED"
        assert not CardPage.objects.exists()

    def test_needs_a_contract_and_the_licence(self, program):
        Contract.objects.filter(method="TWINT").update(active=False)
        assert program.call(INSERT, wish()).error == "NO_CONTRACT"
        Licence.objects.update(features=[Feature.SECURE_PAYGATE.value])
        assert program.call(INSERT, wish()).error == "PERMISSION_DENIED"

    def test_learns_at_once_and_in_the_end_that_a_name_is_taken(self, program, carla):
        """behaviour.md O-2."""
        first = at_the_wallet(program, carla)
        second = Buyer()
        later = at_the_wallet(program, second)
        carla.press("approve")
        second.press("approve")

        assert asserted(program, first).status == 200
        assert asserted(program, later).error == "ALIAS_INVALID"
        assert program.call(INSERT, wish()).error == "ALIAS_INVALID"
        assert VaultEntry.objects.count() == 1

    def test_posts_no_card_to_the_page_of_a_wallet(self, program, carla):
        opened(program, carla)
        carla.post(carla.page.url, {"CardNumber": VISA, "ExpMonth": "12", "ExpYear": "2034"})

        assert not VaultEntry.objects.exists()


def page_of(token: str) -> str:
    """The address of the page behind a token."""
    page = CardPage.objects.select_related("merchant").get(token=token)
    return f"/vt2/api/Alias/{page.merchant.customer_id}/{token}"


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "TWINT für später speichern"), ("fr", "Enregistrer TWINT"), ("it", "Salvare TWINT")],
)
def test_the_page_speaks_the_language_that_the_program_names(program, carla, language, said):
    opened(program, carla, LanguageCode=language)

    assert said in carla.page.words


def test_a_deleted_wallet_stands_in_the_audit_log_without_its_token(program, carla):
    stored(program, carla)
    program.call("Alias/Delete", {"AliasId": "guest-7"})
    line = AuditLine.objects.get(action="card forgotten")

    assert (line.subject, line.detail) == ("alias:guest-7", {"wallet": "TWINT"})
