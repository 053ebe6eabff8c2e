"""What every connector must satisfy; each runs against its own pretend other side."""

import time
from typing import Any

import pytest
from django.db import transaction

from paygate.acquiring.connector import (
    Approved,
    Connector,
    Declined,
    NotFound,
    NotSent,
    Operation,
    Unknown,
)
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.simulator import ledger, wire
from paygate.acquiring.simulator.faults import set_fault
from paygate.outbound import CallInsideTransaction, client
from paygate.outbound.own_hosts import host_of
from tests.acquiring.requests import (
    BY_AMOUNT,
    DECLINED,
    LOST,
    PARTIAL,
    TERMINAL,
    WRONG,
    authorize,
    batch,
    booked,
    cancel,
    capture,
    check,
    chf,
    inquire,
    refund,
    register,
    reserved,
    reverse,
    today,
)


def counted(request_id: str) -> int:
    """How often the other side was asked under this request id."""
    return sum(int(str(row["count"])) for row in ledger.listed() if row["request_id"] == request_id)


class TestAnApproval:
    def test_repeats_our_question_and_carries_a_code(self, connector):
        asked = authorize(amount=chf(4990))

        answer = connector.authorize(asked)

        assert isinstance(answer, Approved)
        assert answer.amount == chf(4990)
        assert answer.approval_code
        assert answer.reference
        assert (answer.echo.request_id, answer.echo.terminal) == (asked.request_id, TERMINAL.number)
        assert (answer.echo.amount, answer.echo.operation) == (chf(4990), Operation.AUTHORIZE)

    def test_asked_twice_is_given_once(self, connector):
        asked = authorize()

        first, second = connector.authorize(asked), connector.authorize(asked)

        assert first == second
        assert counted(asked.request_id) == 2
        assert len(ledger.listed()) == 1

    def test_asked_again_for_another_amount_is_no_answer(self, connector):
        asked = authorize(amount=chf(100))
        connector.authorize(asked)

        answer = connector.authorize(authorize(amount=chf(200), request_id=asked.request_id))

        assert isinstance(answer, Unknown)

    def test_of_less_is_taken_where_less_was_allowed(self, connector):
        answer = connector.authorize(authorize(PARTIAL, chf(10_000), allow_partial=True))

        assert isinstance(answer, Approved)
        assert answer.amount == chf(5000)

    def test_of_less_is_no_answer_where_nobody_allowed_it(self, connector):
        set_fault(Operation.AUTHORIZE, "partial_amount")

        answer = connector.authorize(authorize())

        assert isinstance(answer, Unknown)
        assert answer.cause == "partial"


class TestADecline:
    def test_says_why_in_our_words(self, connector):
        answer = connector.authorize(authorize(BY_AMOUNT, chf(151)))

        assert answer == Declined(DeclineReason.INSUFFICIENT_FUNDS, acquirer_code="51")

    def test_says_when_the_bank_wants_authentication_first(self, connector):
        set_fault(Operation.AUTHORIZE, "soft_decline")

        answer = connector.authorize(authorize())

        assert isinstance(answer, Declined)
        assert answer.soft


class TestACardCheck:
    def test_of_a_good_card_moves_nothing(self, connector):
        answer = connector.check_card(check())

        assert isinstance(answer, Approved)
        assert answer.amount == chf(0)
        assert ledger.listed() == []

    def test_of_a_bad_one_is_a_certain_no(self, connector):
        assert isinstance(connector.check_card(check(DECLINED)), Declined)

    @pytest.mark.parametrize("mode", LOST + WRONG)
    def test_that_is_not_answered_is_neither(self, connector, mode):
        set_fault(Operation.CHECK, mode)

        assert isinstance(connector.check_card(check()), Unknown)


class TestAFault:
    @pytest.mark.parametrize("mode", LOST + WRONG)
    @pytest.mark.parametrize("operation", ["authorize", "capture", "cancel", "refund", "reverse"])
    def test_never_reads_as_yes_or_no(self, connector, operation, mode):
        ask = follow_up(connector, operation)
        set_fault(NAMES[operation], mode)

        answer = ask()

        assert isinstance(answer, Unknown)
        assert answer.cause

    @pytest.mark.parametrize("mode", LOST + WRONG)
    def test_of_an_inquiry_leaves_it_open(self, connector, mode):
        asked = reserved(connector)
        set_fault(Operation.INQUIRE, mode)

        assert isinstance(connector.inquire(inquire(asked)), Unknown)

    @pytest.mark.parametrize("mode", LOST + ["unknown_code", "wrong_reference", "duplicate_conflicting"])
    def test_of_a_batch_leaves_it_open(self, connector, mode):
        asked = batch(booked(connector))
        set_fault(Operation.BATCH, mode)

        assert isinstance(connector.submit_batch(asked), Unknown)

    @pytest.mark.parametrize("operation", ["authorize", "capture", "cancel", "refund", "reverse"])
    def test_before_a_byte_left_is_told_apart(self, connector, operation):
        ask = follow_up(connector, operation)
        set_fault(NAMES[operation], "refuse_connect")

        assert isinstance(ask(), NotSent)
        assert isinstance(ask(), Approved)

    @pytest.mark.parametrize("mode", ["duplicate_reply", "delay", "slow_drip"])
    def test_that_changes_nothing_changes_nothing(self, connector, mode):
        set_fault(Operation.AUTHORIZE, mode, delay_s=0.01)

        assert isinstance(connector.authorize(authorize()), Approved)

    @pytest.mark.parametrize("mode", ["late_reply", "delay", "slow_drip"])
    @pytest.mark.parametrize("operation", ["authorize", "capture", "cancel", "refund", "reverse"])
    def test_that_takes_too_long_is_not_waited_for(self, connector, operation, mode, monkeypatch):
        ask = follow_up(connector, operation)
        monkeypatch.setattr(wire, "READ_SECONDS", 0.3)
        monkeypatch.setattr(wire, "TOTAL_SECONDS", 0.3)
        set_fault(NAMES[operation], mode, delay_s=0.6)

        assert ask() == Unknown("timeout")

    @pytest.mark.parametrize("operation", ["authorize", "capture", "refund"])
    def test_that_is_late_arrives_all_the_same(self, connector, operation, monkeypatch):
        asked, ask = asked_and_ask(connector, operation)
        with monkeypatch.context() as impatient:
            impatient.setattr(wire, "READ_SECONDS", 0.3)
            set_fault(NAMES[operation], "delay", delay_s=0.6)
            assert ask() == Unknown("timeout")

        assert isinstance(found_later(connector, asked), Approved)

    @pytest.mark.parametrize("operation", ["authorize", "capture", "refund"])
    def test_that_is_late_arrives_in_vain_after_it_was_given_back(self, connector, operation, monkeypatch):
        asked, ask = asked_and_ask(connector, operation)
        with monkeypatch.context() as impatient:
            impatient.setattr(wire, "READ_SECONDS", 0.3)
            set_fault(NAMES[operation], "delay", delay_s=2)
            assert ask() == Unknown("timeout")
        assert isinstance(connector.reverse(reverse(asked)), Approved)

        assert found_later(connector, asked) == Declined(DeclineReason.GIVEN_BACK, acquirer_code="21")

    def test_is_over_when_it_happened_often_enough(self, connector):
        set_fault(Operation.AUTHORIZE, "drop_after_commit", count=2)

        answers = [connector.authorize(authorize()) for _ in range(3)]

        assert [type(answer) for answer in answers] == [Unknown, Unknown, Approved]

    def test_happens_only_to_what_it_matches(self, connector):
        set_fault(Operation.AUTHORIZE, "drop_after_commit", match={"amount_ending": "77"})

        assert isinstance(connector.authorize(authorize(amount=chf(100))), Approved)
        assert isinstance(connector.authorize(authorize(amount=chf(177))), Unknown)

    def test_keeps_a_copy_of_the_answer_without_card_numbers(self, connector):
        set_fault(Operation.AUTHORIZE, "unknown_code")

        answer = connector.authorize(authorize())

        assert isinstance(answer, Unknown)
        assert '"ZZ"' in answer.raw
        assert "9010003150000001" not in answer.raw


class TestAnInquiry:
    def test_finds_what_was_done_although_the_answer_was_lost(self, connector):
        asked = authorize()
        set_fault(Operation.AUTHORIZE, "drop_after_commit")
        assert isinstance(connector.authorize(asked), Unknown)

        answer = connector.inquire(inquire(asked))

        assert isinstance(answer, Approved)
        assert answer.echo.operation is Operation.AUTHORIZE

    def test_does_not_find_what_never_arrived(self, connector):
        asked = authorize()
        set_fault(Operation.AUTHORIZE, "drop_before_read")
        connector.authorize(asked)

        assert connector.inquire(inquire(asked)) == NotFound()

    def test_tells_a_decline(self, connector):
        asked = authorize(BY_AMOUNT, chf(105))
        connector.authorize(asked)

        assert isinstance(connector.inquire(inquire(asked)), Declined)

    def test_about_another_amount_is_no_answer(self, connector):
        asked = reserved(connector)

        answer = connector.inquire(inquire(asked, amount=chf(1)))

        assert isinstance(answer, Unknown)
        assert answer.cause == "amount"

    def test_about_another_kind_of_operation_is_no_answer(self, connector):
        asked = reserved(connector)

        assert isinstance(connector.inquire(inquire(asked, operation=Operation.REFUND)), Unknown)

    def test_finds_follow_ups_too(self, connector):
        asked = booked(connector)

        assert isinstance(connector.inquire(inquire(asked)), Approved)


ASKS = [name for name in vars(Connector) if not name.startswith("_") and name != "hosts"]


@pytest.mark.django_db
class TestAnOpenTransaction:
    @pytest.mark.parametrize("method", ASKS)
    def test_stops_every_call_before_it_leaves(self, connector, method):
        first = authorize()
        calls: dict[str, tuple[Any, ...]] = {
            "authorize": (first,),
            "check_card": (check(),),
            "register": (register(),),
            "capture": (capture(first),),
            "cancel": (cancel(first),),
            "refund": (refund(first),),
            "reverse": (reverse(first),),
            "inquire": (inquire(first),),
            "submit_batch": (batch(capture(first)),),
            "list_day": (TERMINAL, today()),
        }

        with transaction.atomic(), pytest.raises(CallInsideTransaction):
            getattr(connector, method)(*calls[method])

        assert ledger.listed() == []


NAMES = {
    "authorize": Operation.AUTHORIZE,
    "capture": Operation.CAPTURE,
    "cancel": Operation.CANCEL,
    "refund": Operation.REFUND,
    "reverse": Operation.REVERSE,
}


def follow_up(connector: Connector, operation: str) -> Any:
    """A call of this kind that would be approved, ready to be made."""
    return asked_and_ask(connector, operation)[1]


def asked_and_ask(connector: Connector, operation: str) -> tuple[Any, Any]:
    """What would be approved, and the call that asks for it."""
    match operation:
        case "authorize":
            asked: Any = authorize()
        case "capture":
            asked = capture(reserved(connector))
        case "cancel":
            asked = cancel(reserved(connector))
        case "refund":
            asked = refund(booked(connector))
        case _:
            asked = reverse(reserved(connector))
    return asked, lambda: getattr(connector, operation)(asked)


def found_later(connector: Connector, asked: Any) -> Any:
    """What an inquiry says of it, once it has arrived."""
    deadline = time.monotonic() + 30
    while (answer := connector.inquire(inquire(asked))) == NotFound():
        assert time.monotonic() < deadline, "it never arrived"
        time.sleep(0.05)
    return answer


def test_it_speaks_to_the_hosts_that_it_names_and_to_no_other(connector, way, monkeypatch):
    """safety.md SS-5: no merchant's address may lead to them."""
    spoken_to: list[str] = []
    real = client._call

    def call(method: str, url: str, *more: Any) -> tuple[int, bytes]:
        spoken_to.append(host_of(url))
        return real(method, url, *more)

    monkeypatch.setattr(client, "_call", call)
    connector.authorize(authorize())
    connector.list_day(TERMINAL, today())

    assert bool(spoken_to) is (way == "over HTTP")
    assert set(spoken_to) <= set(connector.hosts())
