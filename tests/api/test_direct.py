"""Payments that programs ask for without the payer (behaviour.md G-12, O-9, R)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.connector import AuthorizeRequest
from paygate.acquiring.simulator.connector import SimulatorConnector
from paygate.acquiring.simulator.faults import set_fault
from paygate.acquiring.simulator.ledger import listed
from paygate.api.models import AnsweredRequest
from paygate.checkout import authorize as walk
from paygate.checkout.loose_ends import find_out
from paygate.checkout.models import Attempt, Session
from paygate.journal.models import Entry, Movement
from paygate.mail.models import Mail
from paygate.webhooks.models import Delivery
from tests.api.direct import DIRECT, wish
from tests.api.program import Answer, Program
from tests.at_once import at_once
from tests.invariants import assert_invariants_hold
from tests.make.walk import BY_AMOUNT, GOOD_VISA

MAESTRO = "9040100052000008"


class TestWithACard:
    def test_money_is_reserved_and_the_merchant_is_liable(self, shop: Program, alpenblick):
        told = shop.call(DIRECT, wish()).body

        entry = Entry.objects.get()
        assert told["Transaction"]["Id"] == entry.transaction_id
        assert told["Transaction"]["Status"] == "AUTHORIZED"
        assert told["Transaction"]["OrderId"] == "A-1"
        assert told["PaymentMeans"]["Card"]["MaskedNumber"] == "90100031xxxx0001"
        assert told["Liability"] == {
            "LiabilityShift": False, "LiableEntity": "MERCHANT", "InPsd2Scope": "UNKNOWN"
        }  # fmt: skip
        assert entry.origin == "PROGRAM"
        assert Session.objects.get().state == "PAID"
        assert not Mail.objects.exists()
        assert not Delivery.objects.exists()
        captured = shop.call(
            "Transaction/Capture", {"TransactionReference": {"TransactionId": entry.transaction_id}}
        )
        assert captured.body["Status"] == "CAPTURED"

    def test_no_is_told_with_the_acquirers_reason(self, shop, alpenblick):
        answer = shop.call(DIRECT, wish(BY_AMOUNT, "10051"))

        assert (answer.status, answer.error) == (402, "TRANSACTION_DECLINED")
        assert answer.body["ProcessorResult"] == "51"
        assert answer.body["TransactionId"] == Entry.objects.get().transaction_id
        assert Session.objects.get().state == "FAILED"

    def test_before_1_27_nobody_knew_the_container_of_liability(self, shop, alpenblick):
        """behaviour.md B-3."""
        assert "Liability" not in shop.call(DIRECT, wish(), version="1.26").body
        assert "Liability" in shop.call(DIRECT, wish(), version="1.27").body

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"Number": "9010003150000002"}, "VALIDATION_FAILED"),  # a wrong digit
            ({"Number": "4111111111111111"}, "VALIDATION_FAILED"),  # a real card where nothing is real
            ({"ExpYear": 2020}, "VALIDATION_FAILED"),
            ({"ExpMonth": 13}, "VALIDATION_FAILED"),
            ({"Number": MAESTRO, "VerificationCode": None}, "PAYMENTMEANS_NOT_SUPPORTED"),  # behaviour.md O-9
        ],
    )
    def test_cards_that_are_none(self, shop, alpenblick, changes, error):
        body = wish()
        body["PaymentMeans"]["Card"] |= changes

        assert shop.call(DIRECT, body).error == error
        assert not Entry.objects.exists()

    def test_other_means_and_no_means(self, shop, alpenblick):
        def error(means: dict[str, Any]) -> str:
            return str(shop.call(DIRECT, wish() | {"PaymentMeans": means}).error)

        assert error({}) == "PAYMENTMEANS_INVALID"
        assert error({"BankAccount": {"IBAN": "DE17970000011234567890"}}) == "PAYMENTMEANS_NOT_SUPPORTED"
        assert error({**wish()["PaymentMeans"], "Alias": {"Id": "x"}}) == "VALIDATION_FAILED"

    def test_currency_terminal_and_nothing(self, shop, stranger, alpenblick):
        foreign = wish() | {"TerminalId": "17000099"}
        yen = wish(Amount={"Value": "100", "CurrencyCode": "JPY"})

        assert shop.call(DIRECT, foreign).error == "PERMISSION_DENIED"
        assert stranger.call(DIRECT, wish()).error == "PERMISSION_DENIED"
        assert shop.call(DIRECT, yen).error == "NO_CONTRACT"
        assert shop.call(DIRECT, wish(value="0")).error == "VALIDATION_FAILED"
        assert shop.call(DIRECT, wish() | {"Dcc": {"Token": "x", "SelectedCurrencyCode": "USD"}}).error == (
            "ACTION_NOT_SUPPORTED"
        )

    def test_a_card_that_fails_again_and_again_is_refused(self, shop, alpenblick, settings):
        """safety.md section 11: five in a day, and a success is no failure."""
        settings.PAYGATE_LIMITS = "strict"
        assert all(shop.call(DIRECT, wish()).status == 200 for _each in range(7))

        outcomes = [shop.call(DIRECT, wish(BY_AMOUNT, "10051")).error for _each in range(6)]

        assert outcomes == [*["TRANSACTION_DECLINED"] * 5, "BLOCKED_BY_RISK_MANAGEMENT"]


class TestWithProofOfThePayer:
    """A 3-D Secure server of the program's own has seen the payer (behaviour.md G-7, G-10)."""

    def pay(self, shop: Program, **told: Any) -> Answer:
        proof = {
            "Scheme": "VISA",
            "Eci": "05",
            "TransStatus": "Y",
            "AuthenticationValue": "AAABBEg0VhI0VniQEjRWAAAAAAA=",
            "AcsTransId": "13c701a3-5a88-4c45-89e9-ef65e50a8bf9",
            "DsTransId": "1ef5b3db-3b97-47df-8272-320d0bd18ab5",
            "ThreeDSServerTransId": "d2e5b3db-3b97-47df-8272-320d0bd18ab5",
            "ThreeDsFullVersion": "2.2.0",
            "AuthenticationTime": "2026-11-26T10:30:00.123+01:00",
            "AuthenticationMode": "CHALLENGE",
        }
        number = told.pop("number", GOOD_VISA)
        return shop.call(DIRECT, wish(number) | {"Authentication": {"ExternalThreeDS": proof | told}})

    @pytest.mark.parametrize(
        ("told", "shift", "authenticated", "kind"),
        [
            ({}, True, True, "STRONG_CUSTOMER_AUTHENTICATION"),
            ({"AuthenticationMode": "FRICTIONLESS"}, True, True, "FRICTIONLESS"),
            ({"TransStatus": "A", "Eci": "06"}, True, False, "ATTEMPT"),
            ({"TransStatus": "I", "Eci": "07"}, False, False, "EXEMPTION"),
            ({"Eci": "07"}, False, False, "NONE"),  # no proof of what it says
        ],
    )
    def test_it_counts_as_our_own_would(self, shop, alpenblick, told, shift, authenticated, kind):
        answer = self.pay(shop, **told)

        assert answer.body["Liability"] == {
            "LiabilityShift": shift,
            "LiableEntity": "THREEDS" if shift else "MERCHANT",
            "InPsd2Scope": "UNKNOWN",
            "ThreeDs": {
                "Authenticated": authenticated,
                "AuthenticationType": kind,
                "Version": "2",
                "Xid": "1ef5b3db-3b97-47df-8272-320d0bd18ab5",
            },
        }
        reference = {"TransactionReference": {"TransactionId": answer.body["Transaction"]["Id"]}}
        assert shop.call("Transaction/Inquire", reference).body["Liability"] == answer.body["Liability"]
        assert_invariants_hold()

    def test_who_was_not_recognised_is_charged_at_the_merchants_risk(self, shop, alpenblick):
        answer = self.pay(shop, TransStatus="U", Eci="07", AuthenticationMode="FRICTIONLESS")

        assert answer.body["Liability"]["LiabilityShift"] is False
        assert "ThreeDs" not in answer.body["Liability"]

    def test_the_acquirer_has_the_last_word(self, shop, alpenblick):
        """behaviour.md G-7: authenticated, and the shift was refused."""
        liability = self.pay(shop, number="9010100052101000").body["Liability"]

        assert (liability["LiabilityShift"], liability["ThreeDs"]["Authenticated"]) == (False, True)

    def test_a_proof_about_another_brand_proves_nothing(self, shop, alpenblick):
        answer = self.pay(shop, Scheme="AMEX")

        assert "Authentication.ExternalThreeDS.Scheme" in answer.details
        assert not Attempt.objects.exists()

    def test_the_acquirer_is_told_the_proof(self, shop, alpenblick, monkeypatch):
        """behaviour.md G-10."""
        asked: list[AuthorizeRequest] = []
        real = SimulatorConnector.authorize

        def authorize(connector: SimulatorConnector, request: AuthorizeRequest) -> object:
            asked.append(request)
            return real(connector, request)

        monkeypatch.setattr(SimulatorConnector, "authorize", authorize)
        self.pay(shop)

        proof = asked[0].three_ds
        assert proof is not None
        assert (proof.eci, proof.authentication_value) == ("05", "AAABBEg0VhI0VniQEjRWAAAAAAA=")
        assert proof.ds_trans_id == "1ef5b3db-3b97-47df-8272-320d0bd18ab5"
        assert proof.server_trans_id == "d2e5b3db-3b97-47df-8272-320d0bd18ab5"
        assert proof.version == "2.2.0"

    def test_the_value_stands_nowhere(self, shop, alpenblick):
        """safety.md CD-1."""
        self.pay(shop)

        rows = [
            str(row)
            for model in (Attempt, AnsweredRequest, Entry, Movement)
            for row in model.objects.values()
        ]
        assert rows
        assert not any("AAABBEg0VhI0VniQEjRWAAAAAAA" in row for row in rows)


class TestWishesThatChangeNothing:
    def test_less_than_was_asked_may_be_allowed_and_is_never_taken(self, shop, alpenblick):
        """behaviour.md R-3: the acquirer is asked for the whole sum and for nothing less."""
        answer = shop.call(DIRECT, wish("9010100000020013", Options={"AllowPartialAuthorization": True}))

        assert answer.body["Transaction"]["Amount"]["Value"] == "12000"


class TestOnceOnly:
    def test_the_same_request_is_one_payment(self, shop, alpenblick):
        first, again = (shop.call(DIRECT, wish(), RequestId="p") for _each in range(2))

        assert first == again
        assert Entry.objects.count() == 1

    def test_another_card_under_the_same_id_is_another_payment(self, shop, alpenblick):
        """Some shops send a constant id: one payer's yes is never the answer to another's card (safety.md ID-3)."""
        yes = shop.call(DIRECT, wish(BY_AMOUNT, "10000"), RequestId="p")
        other = shop.call(DIRECT, wish(GOOD_VISA, "10000"), RequestId="p")

        assert yes.body["Transaction"]["Id"] != other.body["Transaction"]["Id"]

    @pytest.mark.django_db(transaction=True)
    def test_many_at_once_are_one_payment(self, shop, alpenblick):
        outcomes: list[Answer] = at_once(*[lambda: shop.call(DIRECT, wish(), RequestId="p")] * 5)

        assert all(one == outcomes[0] for one in outcomes)
        assert outcomes[0].status == 200
        assert Movement.objects.count() == len(listed()) == 1

    def test_no_answer_is_not_a_no(self, shop, alpenblick):
        """safety.md OC-1, OC-2: we ask on, and the same request finds out."""
        set_fault("AUTH", "drop_after_commit")
        lost = shop.call(DIRECT, wish(), RequestId="p")
        assert (lost.error, lost.body["Behavior"]) == ("COMMUNICATION_TIMEOUT", "RETRY")
        assert shop.call(DIRECT, wish(), RequestId="p").error == "COMMUNICATION_TIMEOUT"

        find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(seconds=10))

        found = shop.call(DIRECT, wish(), RequestId="p")
        assert found.body["Transaction"]["Status"] == "AUTHORIZED"
        assert Movement.objects.count() == 1

    def test_after_five_minutes_it_is_given_back(self, shop, alpenblick):
        """safety.md OC-7."""
        set_fault("AUTH", "drop_after_commit")
        shop.call(DIRECT, wish(), RequestId="p")

        find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(minutes=6))

        assert shop.call(DIRECT, wish(), RequestId="p").error == "COMMUNICATION_FAILED"
        assert Attempt.objects.get().state == "VOIDED"

    def test_what_never_left_is_asked_anew_by_the_same_request(self, shop, alpenblick):
        set_fault("AUTH", "refuse_connect")
        lost = shop.call(DIRECT, wish(), RequestId="p")
        assert (lost.error, lost.body["Behavior"]) == ("COMMUNICATION_FAILED", "RETRY")

        assert shop.call(DIRECT, wish(), RequestId="p").status == 200
        assert len(listed()) == 1

    def test_what_never_arrived_is_asked_anew_by_the_same_request(self, shop, alpenblick):
        """Told `RETRY`, a program sent the same again, and was told `RETRY` for a whole day."""
        set_fault("AUTH", "drop_before_read")
        shop.call(DIRECT, wish(), RequestId="p")
        for seconds in (100, 200):
            find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(seconds=seconds))
        assert Movement.objects.get(kind="AUTHORIZE").decline_reason == "NEVER_ARRIVED"

        answer = shop.call(DIRECT, wish(), RequestId="p")

        assert answer.status == 200
        assert shop.call(DIRECT, wish(), RequestId="p") == answer
        assert [row["request_id"] for row in listed() if row["op"] == "AUTH"] == [
            Movement.objects.filter(kind="AUTHORIZE").latest("pk").request_id
        ]

    def test_what_was_declined_is_declined_for_the_same_request(self, shop, alpenblick):
        first, again = (shop.call(DIRECT, wish(BY_AMOUNT, "10051"), RequestId="p") for _each in range(2))

        assert (first.error, first) == ("TRANSACTION_DECLINED", again)
        assert len(listed()) == 1

    @pytest.mark.parametrize("place", ["_prepare", "put_to_acquirer", "conclude"])
    def test_whoever_died_is_followed_by_the_repeat(self, shop, alpenblick, monkeypatch, place):
        """safety.md ID-4: before money was asked for, on the way there, and before the answer was written down."""

        class Killed(BaseException): ...

        def dying(*_: object, **__: object) -> None:
            raise Killed

        with monkeypatch.context() as dies, pytest.raises(Killed):
            dies.setattr(walk, place, dying)
            shop.call(DIRECT, wish(), RequestId="p")
        moment = clock.now() + timedelta(seconds=101)
        monkeypatch.setattr(clock, "now", lambda: moment)
        for attempt in Attempt.objects.filter(state="AUTHORIZING"):
            find_out(attempt.pk, now=moment)
            find_out(attempt.pk, now=moment + timedelta(seconds=90))

        again = shop.call(DIRECT, wish(), RequestId="p")

        assert Attempt.objects.filter(state="PAID").count() == (1 if again.status == 200 else 0)
        assert len([one for one in listed() if one["op"] == "AUTH"]) <= 1


class TestNothingOfTheCardStays:
    def test_neither_number_nor_code_stands_anywhere(self, shop, alpenblick, caplog):
        """safety.md CD-1: not in an answer, not in what is remembered of the request, not in a log."""
        broken = wish()
        broken["PaymentMeans"]["Card"]["ExpMonth"] = "x"
        answers = [
            shop.call(DIRECT, body, RequestId="p") for body in (wish(), broken, wish(BY_AMOUNT, "10051"))
        ]
        everywhere = caplog.text + "".join(str(one) for one in answers)
        everywhere += "".join(str(row) for row in AnsweredRequest.objects.values())
        everywhere += "".join(str(row) for row in Attempt.objects.values())
        everywhere += "".join(str(row) for row in Session.objects.values())

        assert GOOD_VISA not in everywhere
        assert BY_AMOUNT not in everywhere
        assert not re.search(r"(?<![\w.-])737(?!\w)", everywhere)  # within an id or a moment it is chance

    def test_the_code_is_not_even_part_of_the_hash(self, shop, alpenblick):
        body = wish()
        first = shop.call(DIRECT, body, RequestId="p")
        body["PaymentMeans"]["Card"]["VerificationCode"] = "123"

        assert shop.call(DIRECT, body, RequestId="p") == first
