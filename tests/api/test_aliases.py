"""Stored cards through the JSON API (behaviour.md O)."""

from datetime import timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.models import Contract
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.aliases import find, store
from paygate.aliases.models import Alias, VaultEntry
from paygate.audit.models import AuditLine
from paygate.merchants.models import Licence
from tests.api.program import Program

VISA, DECLINED, CODE = "9010003150000001", "9030403153150009", "917"
DIRECT = "Alias/InsertDirect"


def card(**changed: Any) -> dict[str, Any]:
    told = {
        "Number": VISA,
        "ExpMonth": 12,
        "ExpYear": 2034,
        "HolderName": "Anna Muster",
        "VerificationCode": CODE,
    }
    return {"PaymentMeans": {"Card": told | changed}}


def named(name: str = "guest-7", **more: Any) -> dict[str, Any]:
    return {"RegisterAlias": {"IdGenerator": "MANUAL", "Id": name, **more}}


def checked(terminal) -> dict[str, Any]:
    return {"Check": {"Type": "ONLINE", "TerminalId": terminal.number}}


class TestInsertDirect:
    def test_stores_the_card_and_tells_it_masked(self, shop, alpenblick):
        answer = shop.call(DIRECT, card() | named(Lifetime=30))

        assert answer.status == 200, answer
        assert answer.body["Alias"] == {"Id": "guest-7", "Lifetime": 30}
        means = answer.body["PaymentMeans"]
        assert means["Brand"]["PaymentMethod"] == "VISA"
        assert means["DisplayText"] == "xxxx xxxx xxxx 0001"
        assert means["Card"] == {
            "MaskedNumber": "90100031xxxx0001",
            "ExpMonth": 12,
            "ExpYear": 2034,
            "HolderName": "Anna Muster",
            "HolderSegment": "UNSPECIFIED",
            "FundingSource": "UNSPECIFIED",
        }
        assert "CheckResult" not in answer.body
        kept = find.card_of(find.usable(alpenblick.merchant_id, "guest-7", now=clock.now()), now=clock.now())
        assert (kept.number.digits, kept.code) == (VISA, None)

    def test_tells_older_programs_six_digits(self, shop):
        """behaviour.md P-2."""
        answer = shop.call(DIRECT, card() | named(), version="1.52")

        assert answer.body["PaymentMeans"]["Card"]["MaskedNumber"] == "901000xxxxxx0001"

    def test_asks_the_bank_where_that_is_wished(self, shop, alpenblick):
        answer = shop.call(DIRECT, card() | named() | checked(alpenblick))

        assert answer.body["CheckResult"] == {"Result": "OK"}
        assert ledger.listed() == []  # nothing is reserved

    def test_stores_nothing_that_the_bank_refuses(self, shop, alpenblick):
        answer = shop.call(DIRECT, card(Number=DECLINED) | named() | checked(alpenblick))

        assert (answer.status, answer.error) == (402, "CARD_CHECK_FAILED")
        assert not Alias.objects.exists()
        assert not VaultEntry.objects.exists()

    def test_stores_nothing_while_the_bank_is_silent(self, shop, alpenblick):
        set_fault("CHECK", "http_500")
        answer = shop.call(DIRECT, card() | named() | checked(alpenblick))

        assert (answer.error, answer.body["Behavior"]) == ("COMMUNICATION_FAILED", "RETRY")
        assert not VaultEntry.objects.exists()

    def test_whoever_tries_out_cards_is_stopped(self, shop, alpenblick, settings):
        """safety.md CT-3."""
        settings.PAYGATE_LIMITS = "strict"
        asked = card(Number=DECLINED) | checked(alpenblick)
        for number in range(10):
            assert shop.call(DIRECT, asked | named(f"guest-{number}")).error == "CARD_CHECK_FAILED"

        assert shop.call(DIRECT, asked | named()).status == 429
        assert shop.call(DIRECT, card() | checked(alpenblick) | named()).status == 429

    def test_without_a_contract_says_so(self, shop, alpenblick):
        Contract.objects.all().delete()

        assert shop.call(DIRECT, card() | named() | checked(alpenblick)).error == "NO_CONTRACT"

    @pytest.mark.parametrize(
        ("changed", "place"),
        [
            ({"Number": "9010003150000002"}, "Number"),
            ({"Number": "4111111111111111"}, "Number"),
            ({"ExpYear": 2020}, "ExpYear"),
            ({"VerificationCode": "12"}, "VerificationCode"),
            ({"HolderName": "4111 1111 1111 1111"}, "HolderName"),
        ],
    )
    def test_names_what_is_wrong_and_never_the_number(self, shop, changed, place):
        answer = shop.call(DIRECT, card(**changed) | named())

        assert (answer.status, answer.error) == (400, "VALIDATION_FAILED")
        assert f"PaymentMeans.Card.{place}" in answer.details
        assert "4111" not in answer.details
        assert not VaultEntry.objects.exists()

    @pytest.mark.parametrize(
        "means", [{"BankAccount": {"IBAN": "CH9300762011623852957"}}, {"ApplePay": {"PaymentToken": "YQ=="}}]
    )
    def test_other_means_are_not_passed_over(self, shop, means):
        assert shop.call(DIRECT, {"PaymentMeans": means} | named()).error == "PAYMENTMEANS_NOT_SUPPORTED"

    def test_a_strong_check_is_not_passed_over(self, shop, alpenblick):
        check = {"Check": {"Type": "ONLINE_STRONG", "TerminalId": alpenblick.number}}

        assert shop.call(DIRECT, card() | named() | check).error == "ACTION_NOT_SUPPORTED"

    def test_a_name_may_be_used_once_in_large_or_small_letters(self, shop):
        """behaviour.md O-2."""
        shop.call(DIRECT, card() | named("guest-7"))
        answer = shop.call(DIRECT, card() | named("GUEST-7"))

        assert (answer.status, answer.error) == (402, "ALIAS_INVALID")

    def test_the_same_request_is_done_once(self, shop):
        """safety.md ID-3."""
        asked = card() | {"RegisterAlias": {"IdGenerator": "RANDOM"}}
        first = shop.call(DIRECT, asked, RequestId="a")
        again = shop.call(DIRECT, asked, RequestId="a", RetryIndicator=1)

        assert first.body["Alias"] == again.body["Alias"]
        assert Alias.objects.count() == 1

    def test_one_number_has_one_unique_alias(self, shop):
        asked = card() | {"RegisterAlias": {"IdGenerator": "RANDOM_UNIQUE"}}

        assert shop.call(DIRECT, asked).body["Alias"] == shop.call(DIRECT, asked).body["Alias"]

    def test_it_stands_in_the_audit_log_without_the_number(self, shop):
        shop.call(DIRECT, card() | named())
        line = AuditLine.objects.get(action="card stored")

        assert (line.subject, line.detail) == ("alias:guest-7", {"card": "901000xxxxxx0001"})


class TestAnAlias:
    @pytest.fixture(autouse=True)
    def stored(self, shop) -> None:
        assert shop.call(DIRECT, card() | named(Lifetime=30)).status == 200

    def test_is_told_to_whoever_owns_it(self, shop):
        answer = shop.call("Alias/Inquire", {"AliasId": "GUEST-7"})

        assert answer.body["Alias"] == {"Id": "guest-7", "Lifetime": 30}
        assert answer.body["PaymentMeans"]["Card"]["HolderName"] == "Anna Muster"

    def test_of_another_merchant_and_an_unknown_one_answer_the_same(self, stranger, shop):
        foreign = stranger.call("Alias/Inquire", {"AliasId": "guest-7"}, RequestId="a")
        unknown = stranger.call("Alias/Inquire", {"AliasId": "nobody"}, RequestId="a")

        assert foreign == unknown
        assert foreign.error == "ALIAS_INVALID"
        assert stranger.call("Alias/Delete", {"AliasId": "guest-7"}).error == "ALIAS_INVALID"
        assert shop.call("Alias/Inquire", {"AliasId": "guest-7"}).status == 200

    def test_changes_its_days_and_the_end_of_its_card(self, shop):
        """behaviour.md O-8."""
        change = {
            "UpdateAlias": {"Id": "guest-7", "Lifetime": 100},
            "UpdatePaymentMeans": {"Card": {"ExpMonth": 1, "ExpYear": 2036}},
        }
        answer = shop.call("Alias/Update", change)

        assert answer.body["Alias"]["Lifetime"] == 100
        assert (answer.body["PaymentMeans"]["Card"]["ExpMonth"], Alias.objects.get().expiry_year) == (1, 2036)

    def test_does_not_become_a_card_that_is_over(self, shop):
        change = {
            "UpdateAlias": {"Id": "guest-7"},
            "UpdatePaymentMeans": {"Card": {"ExpMonth": 1, "ExpYear": 2020}},
        }

        assert "UpdatePaymentMeans.Card.ExpYear" in shop.call("Alias/Update", change).details

    def test_is_forgotten_for_good(self, shop):
        assert shop.call("Alias/Delete", {"AliasId": "guest-7"}, RequestId="a").status == 200
        assert not VaultEntry.objects.exists()
        assert shop.call("Alias/Inquire", {"AliasId": "guest-7"}).error == "ALIAS_INVALID"
        assert (
            shop.call("Alias/Delete", {"AliasId": "guest-7"}, RequestId="a").status == 200
        )  # the same request
        assert shop.call("Alias/Delete", {"AliasId": "guest-7"}, RequestId="b").error == "ALIAS_INVALID"

    def test_is_over_with_its_lifetime(self, shop):
        Alias.objects.update(expires_at=clock.now() - timedelta(seconds=1))

        assert shop.call("Alias/Inquire", {"AliasId": "guest-7"}).error == "ALIAS_INVALID"

    def test_needs_the_licence(self, shop: Program):
        """behaviour.md B-9."""
        Licence.objects.update(features=["PAYMENT_API"])
        assert shop.call("Alias/Inquire", {"AliasId": "guest-7"}).error == "PERMISSION_DENIED"
        Licence.objects.update(features=["SECURE_CARD_DATA"])
        assert shop.call("Alias/Inquire", {"AliasId": "guest-7"}).error == "PERMISSION_DENIED"

    def test_that_was_just_removed_is_unknown(self, shop):
        store.remove(Alias.objects.get())

        assert shop.call("Alias/Inquire", {"AliasId": "guest-7"}).error == "ALIAS_INVALID"
