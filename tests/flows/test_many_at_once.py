"""Many payers press at the same moment, in real threads on a real database: one of them pays (safety.md ID-5, LK-4)."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.jobs.interface import run_due
from tests.flows.buyer import AMEX, ASKED, DECLINED, MASTERCARD, Buyer
from tests.make.desks import Link, desk

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 12
DINERS = "9050100352000002"
TRUTHS = {"paid", "in-progress", "wait"}  # of whoever did not get to pay


def all_at_once(deeds: Iterable[Callable[[], Any]]) -> list[Any]:
    """Let each deed begin in the same moment, each in a thread with a connection of its own."""
    deeds = list(deeds)
    barrier = Barrier(len(deeds), timeout=60)

    def do(deed: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return [future.result(timeout=90) for future in [threads.submit(do, deed) for deed in deeds]]


def crowd(link: Link, size: int = CROWD) -> list[Buyer]:
    """As many browsers, each before the card form."""
    buyers = [Buyer(address=f"192.0.2.{number + 1}") for number in range(size)]
    for buyer in buyers:
        buyer.open(link)
        buyer.to_card_form()
    return buyers


def assert_one_paid(link: Link, buyers: list[Buyer]) -> None:
    assert [entry.state for entry in link.entries if entry.succeeded] == ["AUTHORIZED"]
    assert link.state == "PAID"
    assert len([row for row in ledger.listed() if row["op"] == "AUTH" and row["code"] == "00"]) == 1
    receipts = [buyer for buyer in buyers if link.entries[0].transaction_id in buyer.page.html]
    assert len(receipts) == 1
    assert {buyer.step for buyer in buyers} <= TRUTHS
    assert not any(buyer.page.has("data-pay") for buyer in buyers)
    assert Counter(letter.kind for letter in link.desk.letters) == {"confirmation": 1, "notice": 1}


@pytest.mark.parametrize("same", [True, False], ids=["the same card", "different cards"])
def test_twelve_payers_on_one_link_and_one_of_them_pays(same):
    link = desk().link()
    buyers = crowd(link)
    cards = [MASTERCARD] * CROWD if same else [MASTERCARD, AMEX, DINERS] * (CROWD // 3)

    all_at_once(partial(buyer.pay_by_card, card) for buyer, card in zip(buyers, cards, strict=True))

    assert_one_paid(link, buyers)
    assert all(attempt.state in {"PAID", "ABANDONED", "DECLINED"} for attempt in link.attempts)


def test_one_form_sent_twelve_times_at_once_is_one_payment():
    """safety.md ID-6."""
    link = desk().link()
    (carla,) = crowd(link, 1)
    windows = [carla.clone() for _ in range(CROWD)]
    form = carla.page.form("data-pay")
    typed = {"number": MASTERCARD, "expiry": "12/30", "code": "573"}

    pages = all_at_once(partial(window.post, form.action, form.values | typed) for window in windows)

    assert {page.status for page in pages} == {200}
    carla.open(link)
    assert carla.step == "paid"
    assert (len(link.attempts), len(link.entries), len(ledger.listed())) == (1, 1, 1)
    assert link.offer.attempts == 1


def test_the_way_back_from_the_bank_pressed_twelve_times_at_once_asks_once():
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    carla.to_bank()
    carla.press("approve", come_back=False)
    cres = carla.page.forms[0]
    carla._at_the_bank(cres, {})
    (form,) = carla.page.forms
    windows = [carla.clone() for _ in range(CROWD)]

    all_at_once(partial(window.post, form.action, form.values) for window in windows)

    assert carla.open(link).step == "paid"
    assert (len(link.entries), len(ledger.listed())) == (1, 1)
    assert link.attempt.state == "PAID"


def test_twelve_payers_back_from_the_wallet_at_once_are_paid_once():
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by("TWINT")
    carla.client.post(carla.page.url, {"choice": "approve"})
    carla.open(f"/vt2/api/PaymentPage/100001/17000011/{link.attempt.session.token}/return")
    (form,) = carla.page.forms
    windows = [carla.clone() for _ in range(6)]

    all_at_once(
        [
            *(partial(window.post, form.action, form.values) for window in windows),
            run_due,
            run_due,
        ]
    )

    carla.reload()
    assert link.state == "PAID"
    assert Counter(letter.kind for letter in link.desk.letters) == {"confirmation": 1, "notice": 1}


def test_the_payer_and_the_job_find_the_lost_answer_at_the_same_moment(settings):
    set_fault("AUTH", "drop_after_commit")
    link = desk().link()
    (carla,) = crowd(link, 1)
    carla.pay_by_card(MASTERCARD)
    settings.PAYGATE_CLOCK_OFFSET = "3"

    all_at_once([run_due, run_due, run_due, lambda: carla.clone().open(link)])

    assert link.state == "PAID"
    assert len([step for step in link.movements if step.state == "APPROVED"]) == 1
    assert Counter(letter.kind for letter in link.desk.letters) == {"confirmation": 1, "notice": 1}


def test_the_last_try_is_given_once():
    """safety.md INV-17: attempts never exceed their maximum."""
    link = desk().link(max_attempts=1)
    buyers = crowd(link)

    all_at_once(partial(buyer.pay_by_card, DECLINED) for buyer in buyers)

    assert link.offer.attempts == 1
    assert (len(link.attempts), link.state) == (1, "DISABLED")
    assert {buyer.step for buyer in buyers} <= {"failed", "disabled", "in-progress"}


@pytest.mark.parametrize("turn", range(6))
def test_paying_in_one_window_and_giving_up_in_another_never_strands_a_payment(turn):
    """Whichever is first: the visit takes the payment, or nothing was asked for."""
    link = desk().link()
    (carla,) = crowd(link, 1)
    carla.pay_by_card(DECLINED)
    carla.to_card_form()
    paying, leaving = carla.clone(), carla.clone()
    pay, cancel = carla.page.form("data-pay"), carla.page.form("data-cancel")
    typed = {"number": MASTERCARD, "expiry": "12/30", "code": "573"}

    all_at_once(
        [
            lambda: paying.post(pay.action, pay.values | typed),
            lambda: leaving.post(cancel.action, cancel.values),
        ]
    )

    ends = {attempt.state for attempt in link.attempts[1:]}
    assert ends <= {"PAID", "ABANDONED"}
    assert (link.state == "PAID") == ("PAID" in ends)
    assert len([row for row in ledger.listed() if row["code"] == "00"]) == ("PAID" in ends)
