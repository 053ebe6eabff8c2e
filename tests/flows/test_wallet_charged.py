"""A wallet that was stored is charged without its payer, until it is forgotten (behaviour.md O-9)."""

import pytest

from paygate.acquiring.models import Contract
from paygate.acquiring.simulator.faults import set_fault
from paygate.aliases.models import VaultEntry
from paygate.journal.models import Entry
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence, Terminal
from paygate.tenants.context import within
from tests.api.program import program_of
from tests.flows.wallets import BACK, WALLETS, anew, charge, stored
from tests.make.desks import Desk, desk

pytestmark = pytest.mark.django_db


class TestAStoredWallet:
    @WALLETS
    def test_is_charged_without_its_payer(self, hotel, program, carla, wallet):
        """behaviour.md O-9."""
        stored(program, carla, wallet)
        answer = charge(program, hotel, "GUEST-7")

        assert answer.status == 200, answer
        assert answer.body["Transaction"]["Status"] == "AUTHORIZED"
        assert answer.body["PaymentMeans"]["Brand"]["PaymentMethod"] == wallet
        assert "Card" not in answer.body["PaymentMeans"]
        assert "Liability" not in answer.body
        entry = Entry.objects.get()
        assert (entry.state, entry.method, entry.means, entry.liability_shift) == (
            "AUTHORIZED",
            wallet,
            "",
            False,
        )
        booked = program.call(
            "Transaction/Capture", {"TransactionReference": {"TransactionId": entry.transaction_id}}
        )
        assert booked.body["Status"] == "CAPTURED"

    def test_is_charged_once_for_the_same_request(self, hotel, program, carla):
        """safety.md ID-3."""
        stored(program, carla)
        first, again = (charge(program, hotel, RequestId="a", RetryIndicator=n) for n in (0, 1))

        assert first.body["Transaction"]["Id"] == again.body["Transaction"]["Id"]
        assert Entry.objects.count() == 1

    def test_says_why_its_acquirer_refused(self, hotel, program, carla):
        stored(program, carla)
        assert charge(program, hotel, value=6651).error == "TRANSACTION_DECLINED"

    def test_whose_answer_is_lost_is_asked_about_and_never_charged_twice(
        self, hotel, program, carla, settings
    ):
        stored(program, carla)
        set_fault("AUTH", "drop_after_commit")
        unknown = charge(program, hotel, RequestId="a")
        assert (unknown.error, unknown.body["Behavior"]) == ("COMMUNICATION_TIMEOUT", "RETRY")
        anew(10, settings)

        found = charge(program, hotel, RequestId="a", RetryIndicator=1)
        assert found.body["Transaction"]["Status"] == "AUTHORIZED"
        assert Entry.objects.count() == 1

    def test_whose_certificate_has_ended_is_refused(self, hotel, program, carla, settings):
        """behaviour.md K."""
        stored(program, carla, RegisterAlias={"IdGenerator": "MANUAL", "Id": "guest-7", "Lifetime": 1000})
        settings.PAYGATE_CLOCK_OFFSET = str(396 * 24 * 3600)

        assert charge(program, hotel).error == "PAYMENTMEANS_INVALID"

    def test_is_charged_on_each_terminal_of_the_merchant_whose_acquirer_knows_it(self, hotel, program, carla):
        """behaviour.md O-7."""
        stored(program, carla)
        second = Terminal.objects.get(pk=hotel.terminal.pk)
        second.pk, second.number = None, "17700999"
        second.save(force_insert=True)
        contract = Contract.objects.get(terminal=hotel.terminal, method="TWINT")
        contract.pk, contract.terminal = None, second
        contract.save(force_insert=True)
        other = Desk(second)
        assert charge(program, other).status == 200

        Contract.objects.filter(pk=contract.pk).update(acquirer_merchant_id="another")
        assert charge(program, other).error == "NO_CONTRACT"
        Contract.objects.filter(pk=contract.pk).update(active=False)
        assert charge(program, other).error == "NO_CONTRACT"

    def test_is_no_card_where_a_card_is_needed(self, hotel, program, carla):
        """behaviour.md O-9: TWINT goes by AuthorizeDirect only."""
        stored(program, carla)
        order = {
            "TerminalId": hotel.terminal.number,
            "Payment": {"Amount": {"Value": "100", "CurrencyCode": "CHF"}},
            "PaymentMeans": {"Alias": {"Id": "guest-7"}},
            "ReturnUrl": {"Url": BACK},
        }
        credit = {
            "TerminalId": hotel.terminal.number,
            "Refund": {"Amount": {"Value": "100", "CurrencyCode": "CHF"}},
            "PaymentMeans": {"Alias": {"Id": "guest-7"}},
        }

        assert program.call("Transaction/Initialize", order).error == "PAYMENTMEANS_NOT_SUPPORTED"
        assert program.call("Transaction/RefundDirect", credit).error == "PAYMENTMEANS_NOT_SUPPORTED"
        code = charge(program, hotel, PaymentMeans={"Alias": {"Id": "guest-7", "VerificationCode": "123"}})
        assert (code.error, "Alias.VerificationCode" in code.details) == ("VALIDATION_FAILED", True)

    def test_is_told_changed_and_forgotten_by_its_name(self, hotel, program, carla):
        """behaviour.md O-8."""
        stored(program, carla)
        told = program.call("Alias/Inquire", {"AliasId": "GUEST-7"}).body
        assert told["PaymentMeans"]["DisplayText"] == "TWINT"
        assert told["PaymentMeans"]["Twint"]["CertificateExpirationDate"].startswith("2027-")
        change = {
            "UpdateAlias": {"Id": "guest-7", "Lifetime": 100},
            "UpdatePaymentMeans": {"Card": {"ExpMonth": 1, "ExpYear": 2033}},
        }
        assert program.call("Alias/Update", change).error == "PAYMENTMEANS_NOT_SUPPORTED"
        assert program.call("Alias/Delete", {"AliasId": "guest-7"}).status == 200

        assert not VaultEntry.objects.exists()
        assert charge(program, hotel).error == "ALIAS_INVALID"

    def test_of_another_merchant_and_an_unknown_one_answer_the_same(self, hotel, program, carla):
        """safety.md TN-4."""
        stored(program, carla)
        other = desk("100777", "17000077")
        with within(other.merchant.pk):
            Licence.objects.create(merchant=other.merchant, features=[one.value for one in Feature])
            stranger = program_of(other.merchant)
            foreign, unknown = (
                charge(stranger, other, name, RequestId="a") for name in ("guest-7", "nobody")
            )
            assert foreign == unknown
            assert foreign.error == "ALIAS_INVALID"
            told = [
                stranger.call("Alias/Inquire", {"AliasId": name}, RequestId="b")
                for name in ("guest-7", "nobody")
            ]
            assert told[0] == told[1]

    def test_is_forgotten_after_its_days(self, hotel, program, carla, settings):
        stored(program, carla)
        settings.PAYGATE_CLOCK_OFFSET = str(30 * 24 * 3600 + 1)

        assert charge(program, hotel).error == "ALIAS_INVALID"

    @pytest.mark.parametrize("generator", ["RANDOM", "RANDOM_UNIQUE"])
    def test_may_have_a_name_that_is_made(self, hotel, program, carla, generator):
        """behaviour.md O-1."""
        name = stored(program, carla, RegisterAlias={"IdGenerator": generator})

        assert len(name) == 32
        assert charge(program, hotel, name).status == 200
