"""The acquirer was asked and no usable answer came: nobody calls it a no, and it is found out later (safety.md 3)."""

from collections.abc import Callable

import pytest

from paygate.acquiring.simulator import connector, ledger
from paygate.acquiring.simulator.faults import clear, set_fault
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, Buyer
from tests.make.desks import Link, desk

pytestmark = pytest.mark.django_db

WITHOUT_AN_ANSWER = [
    "drop_after_commit",
    "drop_before_read",
    "malformed",
    "truncated",
    "wrong_amount",
    "wrong_currency",
    "wrong_reference",
    "unknown_code",
    "http_500",
    "html_502",
    "duplicate_conflicting",
    "late_reply",
    "delay",
]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch) -> None:
    """The limit for an answer is a hundredth of a second here."""
    monkeypatch.setattr("paygate.acquiring.simulator.wire.READ_SECONDS", 0.01)


def pay(link: Link, number: str = MASTERCARD, *, fault: str = "", count: int = 1) -> Buyer:
    """Carla pays, and the acquirer's answer suffers."""
    if fault:
        set_fault("AUTH", fault, count, delay_s=0.01)
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(number)
    return carla


def assert_is_being_checked(buyer: Buyer) -> None:
    assert buyer.step == "wait"
    assert "We are checking your payment" in buyer.page.words
    assert "Please do not pay again, you will get a message" in buyer.page.words
    assert "fail" not in buyer.page.words.lower()
    assert not buyer.page.has("data-pay")


@pytest.mark.parametrize("fault", WITHOUT_AN_ANSWER)
def test_no_usable_answer_is_no_refusal(fault):
    """safety.md OC-1, OC-2, OC-11."""
    hotel = desk()
    link = hotel.link()

    carla = pay(link, fault=fault)

    assert_is_being_checked(carla)
    assert (link.attempt.state, link.entry.state, link.movements[0].state) == (
        "UNKNOWN",
        "PENDING",
        "UNKNOWN",
    )
    assert link.state == "OPEN"
    assert hotel.letters == []
    assert Buyer().open(link).step == "in-progress"


@pytest.mark.parametrize("fault", ["drop_after_commit", "malformed", "wrong_amount", "http_500", "delay"])
def test_an_approval_that_was_lost_is_found_and_kept(fault, later):
    hotel = desk()
    link = hotel.link()
    carla = pay(link, fault=fault)

    later(3)

    assert (link.state, link.entry.state, link.attempt.state) == ("PAID", "AUTHORIZED", "PAID")
    assert link.entry.liability_shift
    assert [letter.kind for letter in hotel.letters] == ["confirmation", "notice"]
    assert carla.reload().step == "paid"
    assert len([row for row in ledger.listed() if row["op"] == "AUTH"]) == 1


def test_a_refusal_that_was_lost_is_found(later):
    hotel = desk()
    link = hotel.link()
    carla = pay(link, DECLINED, fault="drop_after_commit")

    later(3)

    assert (link.state, link.entry.state, link.attempt.state) == ("OPEN", "DECLINED", "DECLINED")
    assert [letter.kind for letter in hotel.letters] == ["not_paid"], "the message that the page promised"
    assert carla.reload().is_declined


def test_not_found_is_proof_only_when_it_is_said_twice_and_late_enough(later):
    """safety.md OC-6."""
    link = desk().link()
    carla = pay(link, fault="drop_before_read")

    later(3)
    later(20)
    assert_is_being_checked(carla)
    assert link.attempt.state == "UNKNOWN"
    later(75)
    assert link.attempt.state == "UNKNOWN"
    later(110)
    assert link.attempt.state == "UNKNOWN"
    later(160)

    assert (link.attempt.state, link.entry.state) == ("DECLINED", "DECLINED")
    assert link.movements[0].decline_reason == "NEVER_ARRIVED"
    assert not link.offer.claim
    assert carla.reload().is_declined
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


def test_an_inquiry_without_an_answer_is_asked_again(later):
    link = desk().link()
    pay(link, fault="drop_after_commit")
    set_fault("INQUIRY", "drop_before_read", 2)

    later(3)
    assert link.attempt.state == "UNKNOWN"
    later(10)
    assert link.attempt.state == "UNKNOWN"
    later(25)

    assert link.state == "PAID"


def test_an_acquirer_that_stays_silent_keeps_the_link_closed_and_the_payer_informed(later):
    link = desk().link()
    carla = pay(link, fault="drop_after_commit")
    set_fault("INQUIRY", "http_500", 100)

    for seconds in (3, 10, 20, 40, 150):
        later(seconds)
        assert link.attempt.state == "UNKNOWN"
    assert_is_being_checked(carla)
    assert Buyer().open(link).step == "in-progress"
    clear()
    later(290)

    assert link.state == "PAID", "before the five minutes are over it is kept (OC-7)"


def test_whoever_reloads_while_it_is_checked_asks_for_nothing():
    link = desk().link()
    carla = pay(link, fault="drop_after_commit")

    for _ in range(3):
        assert_is_being_checked_again(carla)
    carla.send_again(carla.sent[0])

    assert_is_being_checked(carla)
    assert len(link.movements) == 1
    assert len(ledger.listed()) == 1


def assert_is_being_checked_again(carla: Buyer) -> None:
    carla.reload()
    assert_is_being_checked(carla)


def test_a_connection_that_was_never_made_is_a_failure_and_frees_the_link():
    """safety.md 2.1: provably not sent."""
    hotel = desk()
    link = hotel.link()

    carla = pay(link, fault="refuse_connect")

    assert carla.step == "choose"
    assert "Nothing has been charged" in carla.page.words
    assert (link.attempt.state, link.entry.state) == ("FAILED", "FAILED")
    assert link.movements[0].state == "NOT_SENT"
    assert not link.offer.claim
    assert hotel.letters == []
    assert ledger.listed() == []
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


def test_after_the_challenge_too_the_answer_may_be_lost_and_found(later):
    link = desk().link()
    set_fault("AUTH", "drop_after_commit")
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    carla.to_bank()
    carla.press("approve")
    assert_is_being_checked(carla)

    later(3)

    assert carla.reload().step == "paid"
    assert link.entry.authentication_type == "STRONG_CUSTOMER_AUTHENTICATION"


class Died(BaseException):
    """The process is gone in this moment: nothing catches it, and nothing is tidied up."""


@pytest.mark.parametrize(("op", "end"), [("asked", "FAILED"), ("sent", "PAID")])
def test_a_process_that_died_in_the_middle_is_followed_up(op, end, later, monkeypatch):
    """Before the question left, nothing happened; after that, the acquirer is asked what did (safety.md 2.1)."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    where = {
        "asked": "paygate.checkout.authorize.mark_sent",
        "sent": "paygate.acquiring.simulator.connector._ask",
    }[op]
    real_answer = {"sent": ledger_writes_then_dies(), "asked": dies}[op]
    with monkeypatch.context() as moment, pytest.raises(Died):
        moment.setattr(where, real_answer)
        carla.pay_by_card(MASTERCARD)
    assert link.attempt.state == "AUTHORIZING"
    assert carla.open(link).step == "wait"

    later(10)
    assert link.attempt.state == "AUTHORIZING"
    later(70)

    assert link.attempt.state == end
    assert link.state == ("PAID" if end == "PAID" else "OPEN")


def dies(*_: object, **__: object) -> None:
    raise Died


def ledger_writes_then_dies() -> Callable[..., None]:
    real = connector._ask

    def asked(*values: object) -> None:
        real(*values)  # type: ignore[arg-type]  # whatever it is called with
        raise Died

    return asked


def test_an_inquiry_that_could_not_be_sent_says_nothing_about_the_question(later, monkeypatch):
    """safety.md OC-1: the process died after the question left, and then the line to the acquirer is down."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    with monkeypatch.context() as moment, pytest.raises(Died):
        moment.setattr("paygate.acquiring.simulator.connector._ask", ledger_writes_then_dies())
        carla.pay_by_card(MASTERCARD)
    set_fault("INQUIRY", "refuse_connect")

    later(70)
    assert link.attempt.state in {"AUTHORIZING", "UNKNOWN"}
    later(200)

    assert (link.state, link.entry.state) == ("PAID", "AUTHORIZED")
