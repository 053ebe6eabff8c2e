"""Once a minute somebody looks around, and whoever is concerned is told until it is well again (safety.md LG-6)."""

from collections import namedtuple
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from paygate import clock
from paygate.acquiring.connector import Declined
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.simulator.faults import clear, set_fault
from paygate.alarms.raising import alarms_of, operators_alarms
from paygate.checkout.decide import confirm
from paygate.checkout.models import Attempt
from paygate.jobs.interface import run_due
from paygate.jobs.registry import PERIODIC
from paygate.journal.models import BookingPeriod, Entry, Movement
from paygate.journal.reconcile import look_after_held_back
from paygate.journal.review import propose
from paygate.journal.settling import settle
from paygate.mail.models import Mail
from paygate.merchants.models import Preferences, Role
from paygate.operations.check import findings
from paygate.operations.tasks import look_around
from paygate.operations.watch import look
from paygate.webhooks.models import Delivery
from paygate.webhooks.outbox import call_again
from tests.backoffice.reading import words
from tests.cast import somebody
from tests.faults.counter import in_seconds, run_on
from tests.make.desks import Desk, desk
from tests.operations.shop import booked, filed, paid, silent, unfiled

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = 60, 3600, 86400
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _from_the_beginning(settings) -> None:
    settings.PAYGATE_CLOCK_OFFSET = "0"


def told(hotel: Desk) -> list[tuple[str, str]]:
    """What the merchant is told after a look around."""
    look_around()
    return [(alarm.kind, alarm.subject) for alarm in alarms_of(hotel.merchant.pk)]


def operators_told() -> list[str]:
    look_around()
    return [alarm.kind for alarm in operators_alarms()]


def home(hotel: Desk) -> str:
    with hotel.in_view():
        return words(somebody(hotel.terminal, "Emma", Role.MANAGER).browser().get("/backoffice/"))


def test_it_happens_once_a_minute():
    periodic = PERIODIC["operations.watch"]
    assert (periodic.minutes, periodic.function) == (1, look_around)


def test_a_healthy_shop_is_told_nothing():
    hotel = desk()
    filed(hotel)
    run_due()

    assert told(hotel) == []
    assert operators_told() == []


def test_a_give_back_that_fails_six_times_is_told_until_it_is_given_back():
    """safety.md OC-8."""
    hotel = desk()
    set_fault("AUTH", "partial_amount")
    set_fault("REVERSAL", "drop_before_read", 6)
    link = paid(hotel)
    run_due()
    for seconds in (20, 80, 7 * MINUTE, 40 * MINUTE):
        in_seconds(seconds)
    assert told(hotel) == []
    in_seconds(3 * HOUR)

    assert told(hotel) == [("GIVE_BACK", link.movements[0].request_id)]
    assert "Money that must not be kept is not given back yet." in home(hotel)
    in_seconds(9 * HOUR)
    assert told(hotel) == []


def test_what_people_must_decide_is_told_until_they_have():
    hotel, flowers = desk(), desk("200002", "17000099", name="Carla's Flowers")
    set_fault("REVERSAL", "drop_before_read", 100)
    set_fault("AUTH", "partial_amount")
    link = paid(hotel)
    run_on()

    assert told(hotel) == [("REVIEW", "REVIEW")]
    assert told(flowers) == []
    with hotel.in_view():
        (case,) = Movement.objects.filter(review_since__isnull=False)
        assert alarms_of(hotel.merchant.pk)[0].detail == f"1: {case.request_id}"
        assert home(hotel).count("Two people must decide") == 1, "one banner, with the way there"
        anna, dora = (somebody(hotel.terminal, name, Role.MANAGER).actor for name in ("Anna", "Dora"))
        said = propose(
            movement_id=case.pk, verdict="HAPPENED", reason="Called them", by=anna, now=clock.now()
        )
        confirm(said.pk, by=dora, now=clock.now())
    assert told(hotel) == []
    assert link.entry.state == "CANCELED"


def test_a_batch_that_the_acquirer_does_not_take_is_told():
    hotel = desk()
    set_fault("BATCH", "drop_before_read", 100)
    filed(hotel)
    assert told(hotel) == []
    in_seconds(HOUR + MINUTE)

    assert told(hotel) == [("BATCH", "17000011-1")]
    clear()
    in_seconds(3 * HOUR)
    assert told(hotel) == []


def test_a_batch_that_nobody_closed_at_its_time_is_told():
    hotel = desk()
    booked(hotel)
    with hotel.in_view():
        BookingPeriod.objects.update(business_day_from=clock.now() - timedelta(days=2))

    assert told(hotel) == [("BATCH", "17000011-1")]
    with hotel.in_view():
        hotel.terminal.automatic_closing = False
        hotel.terminal.save()
    assert told(hotel) == [], "who closes by hand closes when they like"


def test_a_payment_that_the_acquirer_lost_is_told_until_it_is_found():
    """safety.md OC-12."""
    hotel = desk()
    link = paid(hotel)
    with hotel.in_view():
        Entry.objects.update(held_back_since=clock.now())

    assert told(hotel) == [("MISSING", link.entry.transaction_id)]
    with hotel.in_view():
        assert look_after_held_back(hotel.terminal) == 1
    assert told(hotel) == []


def test_an_answer_that_contradicts_the_one_before_is_told_for_a_week(settings):
    """safety.md OC-9."""
    hotel = desk()
    link = paid(hotel)
    (movement,) = link.movements
    with hotel.in_view(), transaction.atomic():
        settle(movement, Declined(DeclineReason.DO_NOT_HONOR), now=clock.now())

    assert told(hotel) == [("CONTRADICTION", movement.request_id)]
    assert "The acquirer has answered twice, and not the same." in home(hotel)
    settings.PAYGATE_CLOCK_OFFSET = str(6 * DAY)
    assert told(hotel) == [("CONTRADICTION", movement.request_id)]
    settings.PAYGATE_CLOCK_OFFSET = str(7 * DAY + HOUR)
    assert told(hotel) == []
    assert link.entry.state == "AUTHORIZED"


@pytest.mark.parametrize(
    ("declined", "paid_", "before", "alarm"),
    [(15, 5, 0, True), (10, 10, 0, False), (15, 4, 0, False), (15, 5, 30, False), (15, 5, 5, True)],
)
def test_a_jump_of_the_rate_of_declines_is_told(declined, paid_, before, alarm):
    """More than half of at least twenty within an hour, and twice as many as usual: `before` of 40 in the week."""
    hotel = desk()
    link = paid(hotel)
    with hotel.in_view():
        Attempt.objects.update(ended_at=clock.now() - timedelta(days=8))
        one, hour = link.attempt, clock.now() - timedelta(minutes=30)
        visit = one.session
        week = clock.now() - timedelta(days=2)
        ends = [("DECLINED", hour)] * declined + [("PAID", hour)] * paid_
        ends += [("DECLINED", week)] * before + [("PAID", week)] * (40 - before)
        for state, ended_at in ends:
            visit.pk, visit.token = None, uuid4().hex
            visit.save(force_insert=True)
            one.session = visit
            one.pk, one.form_id, one.entry, one.authentication, one.held_card = (
                None,
                uuid4(),
                None,
                None,
                None,
            )
            one.state, one.ended_at = state, ended_at
            one.save(force_insert=True)

    assert told(hotel) == ([("DECLINES", "declines")] if alarm else [])


def test_a_repair_that_does_not_run_is_told_to_the_operators(settings):
    hotel = desk()
    silent(hotel)
    unfiled(hotel)
    settings.PAYGATE_CLOCK_OFFSET = str(4 * MINUTE)
    assert operators_told() == []
    settings.PAYGATE_CLOCK_OFFSET = str(6 * MINUTE)

    assert operators_told() == ["REPAIR"]
    assert operators_alarms()[0].detail == "2 questions are overdue"
    assert any("REPAIR repair" in finding for finding in findings())
    run_on()
    assert operators_told() == []


def test_letters_that_wait_for_an_hour_are_told_to_the_operators(settings):
    hotel = desk()
    paid(hotel)
    settings.PAYGATE_CLOCK_OFFSET = str(59 * MINUTE)
    assert operators_told() == []
    settings.PAYGATE_CLOCK_OFFSET = str(61 * MINUTE)

    assert operators_told() == ["MAIL"]
    run_due()
    with hotel.in_view():
        assert Mail.objects.filter(state="QUEUED").count() == 0
    assert operators_told() == []


def test_a_server_that_takes_no_call_for_a_quarter_of_an_hour_is_told_to_its_merchant():
    """safety.md LG-6; one alarm for each server, however many payments wait."""
    hotel, flowers = desk(), desk("200002", "17000099", name="Carla's Flowers")
    with hotel.in_view():
        Preferences.objects.update(notify_url="https://shop.example/paid?t={{{PAYMENTPAGETOKEN}}}")
    paid(hotel)
    paid(hotel)
    with hotel.in_view():
        made_at = Delivery.objects.latest("created_at").created_at

    def told_after(minutes: float) -> list[tuple[str, str, str]]:
        look(now=made_at + timedelta(minutes=minutes))
        return [(alarm.kind, alarm.subject, alarm.detail) for alarm in alarms_of(hotel.merchant.pk)]

    assert told_after(14) == []
    assert told_after(15) == [("CALLS", "https://shop.example", "2 calls")]
    assert "Your server has not taken our calls for more than 15 minutes." in home(hotel)
    assert alarms_of(flowers.merchant.pk) == []

    with hotel.in_view():
        first, second = Delivery.objects.order_by("pk")
        Delivery.objects.filter(pk=first.pk).update(state="DONE")
        Delivery.objects.filter(pk=second.pk).update(state="GIVEN_UP")
        assert told_after(72 * 60) == []
        call_again(Delivery.objects.get(pk=second.pk), by="member:1", now=made_at + timedelta(days=4))
    assert told_after(4 * 24 * 60 + 14) == [], "it was asked for again a moment ago"
    assert told_after(4 * 24 * 60 + 15) == [("CALLS", "https://shop.example", "1 calls")]


def test_a_full_disk_and_a_wrong_clock_are_told_to_the_operators(monkeypatch):
    with monkeypatch.context() as machine:
        machine.setattr("paygate.operations.watch.shutil.disk_usage", lambda _: Usage(1000, 901, 99))
        machine.setattr("paygate.operations.watch.seconds_apart", lambda: 3.0)
        assert operators_told() == ["DISK", "CLOCK"]
    assert operators_told() == []
