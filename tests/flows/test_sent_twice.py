"""The same form twice, by whatever accident: one attempt, one question to the acquirer (safety.md ID-6)."""

from collections.abc import Callable

import pytest

from paygate import checkpoints
from paygate.acquiring.simulator import ledger
from tests.flows.buyer import ASKED, DECLINED, LOOKED_AT, MASTERCARD, VISA, Buyer
from tests.make.desks import Link, desk

pytestmark = pytest.mark.django_db


def asked_for() -> list[str]:
    return [str(row["op"]) for row in ledger.listed()]


def dies_at(checkpoint: str) -> Callable[[str], None]:
    """The end of the process, as far as one process can play it."""

    def at(name: str) -> None:
        if name == checkpoint:
            raise KeyboardInterrupt

    return at


def paid_by(number: str) -> tuple[Link, Buyer]:
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(number)
    return link, carla


def test_a_form_sent_again_after_the_payment_shows_the_receipt():
    link, carla = paid_by(MASTERCARD)

    carla.send_again()

    assert carla.step == "paid"
    assert link.entry.transaction_id in carla.page.html
    assert (len(link.attempts), asked_for()) == (1, ["AUTH"])


def test_a_form_sent_again_after_a_decline_shows_the_decline():
    link, carla = paid_by(DECLINED)

    carla.send_again()

    assert carla.page.is_declined
    assert (len(link.attempts), asked_for(), link.offer.attempts) == (1, ["AUTH"], 1)


def test_a_form_sent_again_while_the_bank_asks_shows_the_way_to_the_bank():
    link, carla = paid_by(ASKED)

    carla.send_again(carla.sent[0])

    assert carla.step == "challenge"
    carla.to_bank()
    carla.press("approve")
    assert carla.step == "paid"
    assert (len(link.attempts), asked_for()) == (1, ["AUTH"])


def test_a_form_sent_again_while_the_bank_looks_at_the_browser_goes_on_as_before():
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(VISA, carry_on=False)

    carla.send_again()
    carla.carry_on()

    assert carla.step == "paid"
    assert (len(link.attempts), asked_for()) == (1, ["AUTH"])


def test_a_double_click_whose_first_answer_was_lost_goes_on():
    """A browser may drop the first answer, and with it the card: the second press seals it anew."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED, carry_on=False)
    for name in [name for name in carla.client.cookies if "card" in name]:
        del carla.client.cookies[name]

    carla.send_again()
    carla.carry_on()
    carla.to_bank()
    carla.press("approve")

    assert carla.step == "paid"
    assert (len(link.attempts), asked_for()) == (1, ["AUTH"])


def test_a_browser_that_lost_its_half_of_the_card_is_told_so_and_may_try_again():
    """The accepted price of CD-3: without the packet no authorization happens."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(LOOKED_AT, carry_on=False)
    for name in [name for name in carla.client.cookies if "card" in name]:
        del carla.client.cookies[name]

    carla.carry_on()

    assert carla.step == "choose"
    assert "Nothing has been charged" in carla.page.words
    assert asked_for() == []
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"
    assert [attempt.state for attempt in link.attempts] == ["FAILED", "PAID"]


def test_a_payer_whose_press_was_never_worked_on_may_choose_a_card_again(settings, monkeypatch):
    """The process died of it. After a minute the page offers the choice again, and the choice leads on."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(checkpoints, "hook", dies_at("attempt.created"))
        carla.pay_by_card(MASTERCARD)

    assert carla.open(link).step == "wait"
    settings.PAYGATE_CLOCK_OFFSET = "61"
    assert carla.open(link).step == "choose"
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert [attempt.state for attempt in link.attempts] == ["ABANDONED", "PAID"]


def test_the_button_of_the_returning_page_pressed_twice_asks_once():
    link, carla = paid_by(ASKED)
    carla.to_bank()
    carla.press("approve")
    continued = carla.sent[-1]
    assert continued.url.endswith("/continue")

    for _ in range(3):
        carla.send_again(continued)

    assert carla.step == "paid"
    assert asked_for() == ["AUTH"]


def test_every_recorded_request_sent_once_more_changes_nothing():
    link, carla = paid_by(LOOKED_AT)
    carla.to_bank()
    carla.press("approve")
    recorded = list(carla.sent)
    assert len(recorded) >= 3

    for sent in recorded:
        carla.send_again(sent)

    assert carla.step == "paid"
    assert (len(link.attempts), asked_for(), link.offer.attempts) == (1, ["AUTH"], 1)


def test_a_recorded_request_from_another_browser_is_not_taken():
    link, carla = paid_by(ASKED)

    thief = Buyer(address="203.0.113.9")
    thief.open(link)
    thief.send_again(carla.sent[0])

    assert thief.page.status == 403
    assert len(link.attempts) == 1


def test_the_id_of_somebody_elses_form_does_not_lead_to_their_payment():
    link, carla = paid_by(MASTERCARD)
    first_id = carla.sent[0].fields["attempt_id"]
    other = link.desk.link()
    thief = Buyer(address="203.0.113.9")
    thief.open(other)
    thief.to_card_form()
    form = thief.page.form("data-pay")

    thief.send(form, number=MASTERCARD, expiry="12/30", code="123", attempt_id=first_id)

    assert link.attempt.session.token not in thief.page.url
    assert link.entry.transaction_id not in thief.page.html
    assert thief.page.status < 500
    assert (other.attempts, other.offer.attempts) == ([], 0)


def test_the_same_card_in_a_new_form_is_a_new_try():
    link, carla = paid_by(DECLINED)

    carla.pay_by_card(DECLINED)

    assert (len(link.attempts), asked_for()) == (2, ["AUTH", "AUTH"])


@pytest.mark.parametrize("attempt_id", ["", "x", "4e848bba-60b7-4dd7-adc3-c9aaace6ea1", "0" * 5000, "\x00"])
def test_a_form_without_a_proper_id_begins_nothing(attempt_id):
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    form = carla.to_card_form().form("data-pay")

    carla.send(form, number=MASTERCARD, expiry="12/30", code="123", attempt_id=attempt_id)

    assert carla.step == "choose"
    assert link.attempts == []
