"""What must not be kept is given back, and the payer and the merchant are told the truth meanwhile (safety.md 3)."""

from typing import Any

import pytest

from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import clear, set_fault
from paygate.jobs.interface import run_due
from paygate.journal.models import Entry, Movement
from paygate.lifecycle.models import Step
from paygate.merchants.models import Terminal
from paygate.offers.models import AskEmail
from paygate.threeds.liability import Condition
from tests.flows.buyer import MASTERCARD, Buyer
from tests.make.desks import Desk, Link, desk
from tests.make.offers import offer
from tests.make.walk import pay as walk

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = 60, 3600, 86400
BY_AMOUNT_VISA = "9010403153900001"  # with an amount that ends in 01 the issuer takes the shift back


def pay(link: Link, number: str = MASTERCARD) -> Buyer:
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(number)
    return carla


def silent_acquirer(link: Link) -> Buyer:
    """The authorization is done there, its answer is lost, and nobody there answers inquiries."""
    set_fault("AUTH", "drop_after_commit")
    set_fault("INQUIRY", "drop_before_read", 100)
    return pay(link)


def kinds(link: Link) -> list[tuple[str, str]]:
    return [(movement.kind, movement.state) for movement in link.movements]


def standing() -> list[dict[str, Any]]:
    """What the acquirer holds for us."""
    return [
        row for row in ledger.listed() if row["op"] == "AUTH" and row["code"] == "00" and not row["undone"]
    ]


def test_a_card_nobody_answered_for_in_five_minutes_is_given_back(later):
    """safety.md OC-7, OC-8, OC-11."""
    hotel = desk()
    link = hotel.link()
    carla = silent_acquirer(link)

    later(4 * MINUTE)
    assert (link.attempt.state, link.offer.claim != "") == ("UNKNOWN", True)
    later(5 * MINUTE)

    assert (link.attempt.state, link.entry.state, link.state) == ("VOIDED", "CANCELED", "OPEN")
    assert ("REVERSAL", "APPROVED") in kinds(link)
    assert not standing()
    assert [letter.kind for letter in hotel.letters] == ["not_paid"], "the message that the page promised"
    assert carla.reload().step == "choose"
    assert "Nothing has been charged" in carla.page.words


def test_while_it_is_given_back_the_payer_reads_that_we_are_checking_and_others_can_pay(later):
    """safety.md OC-8, OC-11: the offer is free as soon as the giving up is committed."""
    link = desk().link()
    set_fault("REVERSAL", "drop_before_read", 3)
    carla = silent_acquirer(link)

    later(5 * MINUTE)

    assert (link.attempt.state, link.entry.state) == ("VOIDED", "PENDING")
    assert carla.reload().step == "wait"
    assert "We are checking your payment" in carla.page.words
    beat = pay(link)
    assert beat.step == "paid"
    assert link.state == "PAID"

    clear()
    later(HOUR)
    first, second = link.entries
    assert (first.state, second.state) == ("CANCELED", "AUTHORIZED")
    assert len(standing()) == 1


def test_who_pays_again_without_an_address_still_gets_the_message_that_was_promised(later):
    """safety.md OC-11: it goes to the address that was typed with the payment it is about."""
    hotel = desk()
    link = hotel.link(payer_email="", ask_email=AskEmail.OPTIONAL)
    set_fault("AUTH", "drop_after_commit")
    set_fault("INQUIRY", "drop_before_read", 100)
    set_fault("REVERSAL", "drop_before_read", 3)
    carla = Buyer()
    carla.open(link)
    carla.enter_details(email="carla@example.org")
    carla.pay_by_card(MASTERCARD)
    assert "you will get a message" in carla.page.words

    later(5 * MINUTE)
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    clear()
    later(HOUR)

    sent = [(letter.kind, letter.recipient) for letter in hotel.letters]
    assert ("not_paid", "carla@example.org") in sent


def test_a_late_approval_is_never_kept_once_it_was_given_up(later):
    """safety.md OC-7: the acquirer says so only after the acknowledgement (OC-8: one more look)."""
    link = desk().link()
    set_fault("AUTH", "drop_before_read")
    set_fault("INQUIRY", "drop_before_read", 100)
    pay(link)
    later(5 * MINUTE)
    assert link.entry.state == "CANCELED"
    the_question_arrives_after_all(link)
    clear()

    later(2 * HOUR)
    later(4 * HOUR)

    assert link.entry.state == "CANCELED"
    assert [kind for kind, _ in kinds(link)] == ["AUTHORIZE", "REVERSAL", "REVERSAL"]
    assert not standing()


def the_question_arrives_after_all(link: Link) -> None:
    """The acquirer forgot that it was given back, and takes the old question for a new one."""
    movement = link.movements[0]
    with ledger.opened() as book:
        book.write(
            ledger.Record(
                request_id=movement.request_id,
                op="AUTH",
                terminal=link.desk.terminal.number,
                amount=movement.amount_minor,
                currency=movement.currency,
                reference="late",
                code="00",
                at="2026-11-25T12:00:00+00:00",
                approved=movement.amount_minor,
                approval_code="LATE",
                method="MASTERCARD",
            )
        )


def test_an_approval_for_less_than_asked_is_given_back_at_once(later):
    """safety.md OC-2."""
    hotel = desk()
    link = hotel.link()
    set_fault("AUTH", "partial_amount")

    carla = pay(link)
    assert carla.step == "wait"
    assert (link.attempt.state, link.entry.state, link.offer.claim) == ("VOIDED", "PENDING", "")
    later(1)

    assert link.entry.state == "CANCELED"
    assert not standing()
    assert carla.reload().step == "choose"
    assert [letter.kind for letter in hotel.letters] == ["not_paid"]


def without_shift(hotel: Desk) -> None:
    with hotel.in_view():
        Terminal.objects.filter(pk=hotel.terminal.pk).update(cancel_without_shift=True)


def test_a_lost_shift_is_given_back_where_the_terminal_wants_that(later):
    """safety.md 3D-9."""
    hotel = desk()
    without_shift(hotel)
    link = hotel.link(condition=Condition.ATTEMPTED)
    set_fault("AUTH", "shift_refused")

    pay(link)
    later(1)

    assert (link.attempt.state, link.entry.state, link.state) == ("VOIDED", "CANCELED", "OPEN")
    assert link.attempt.refused_because == "liability shift lost"
    assert not standing()


def test_without_that_wish_or_without_a_condition_a_lost_shift_is_kept_and_shown():
    """safety.md 3D-9: off by default, and no question where the offer asks for no condition."""
    hotel = desk()
    kept = hotel.link(condition=Condition.ATTEMPTED)
    set_fault("AUTH", "shift_refused", 2)
    assert pay(kept).step == "paid"
    without_shift(hotel)
    unconditional = hotel.link()
    assert pay(unconditional).step == "paid"

    assert not kept.entry.liability_shift
    assert kept.entry.liable_entity == "MERCHANT"


def test_a_wallet_is_not_given_up_like_a_card(later):
    """safety.md OC-7: who pays at a wallet has as long as the wallet gives."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by("TWINT")

    later(6 * MINUTE)

    assert (link.attempt.state, link.movements[0].state) == ("AUTHORIZING", "ELSEWHERE")


def test_moves_that_a_job_makes_are_noted_as_the_jobs(later):
    """safety.md ST-1."""
    link = desk().link()
    silent_acquirer(link)
    later(5 * MINUTE)

    with link.desk.in_view():
        steps = list(Step.objects.filter(subject="checkout.Attempt").values_list("new", "by"))
        entry = list(Step.objects.filter(subject="journal.Entry").values_list("new", "by"))

    assert steps[-2:] == [("UNKNOWN", "payer"), ("VOIDED", "system")]
    assert entry == [("PENDING", "payer"), ("CANCELED", "system")]


def test_a_give_back_that_is_never_acknowledged_ends_with_a_person(later):
    """safety.md OC-8: repeated for seven days under one name, an alarm after the sixth failure, then REVIEW."""
    link = desk().link()
    set_fault("REVERSAL", "drop_before_read", 100)
    silent_acquirer(link)

    later(5 * MINUTE)
    for minutes in (6, 7, 12, 40, 3 * 60, 7 * 60):
        later(minutes * MINUTE)
    for day in range(1, 12):
        later(day * DAY + 8 * HOUR)

    give_back = link.movements[1]
    assert (give_back.kind, give_back.state) == ("REVERSAL", "UNKNOWN")
    assert give_back.is_under_review
    assert link.entry.state == "PENDING"
    with link.desk.in_view():
        assert Movement.objects.filter(kind="REVERSAL").count() == 1


def test_the_merchant_sees_the_giving_back_in_the_journal(later, anna):
    """In words, on the payment's page."""
    made = offer(anna.terminal)
    set_fault("AUTH", "partial_amount")
    walk(made, now=made.created_at)
    run_due()

    entry = Entry.objects.get(single_use_of=str(made.pk))
    page = anna.browser().get(f"/backoffice/journal/{entry.transaction_id}/").content.decode()
    assert "Give-back" in page
    assert "Canceled" in page
