"""An alarm is raised once, stands until it is cleared, and is seen by whom it concerns (safety.md LG-6)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from paygate.alarms.kinds import WHAT_TO_DO, AlarmKind
from paygate.alarms.models import Alarm
from paygate.alarms.raising import alarms_of, clear, operators_alarms, raise_alarm
from paygate.tenants.context import within
from tests.at_once import at_once

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def test_an_alarm_is_raised_once_and_seen_again(anna, caplog):
    assert raise_alarm(AlarmKind.BOOKS, "INV-03", merchant_id=anna.merchant.pk, now=NOON, detail="entry 1")
    assert not raise_alarm(
        AlarmKind.BOOKS, "INV-03", merchant_id=anna.merchant.pk, now=LATER, detail="entry 2"
    )

    (alarm,) = alarms_of(anna.merchant.pk)
    assert (alarm.since, alarm.last_seen_at, alarm.detail) == (NOON, LATER, "entry 2")
    assert len([line for line in caplog.records if line.levelname == "ERROR"]) == 1


def test_a_cleared_alarm_is_raised_anew(anna):
    facts = {"merchant_id": anna.merchant.pk}
    raise_alarm(AlarmKind.BOOKS, "INV-03", now=NOON, **facts)

    assert clear(AlarmKind.BOOKS, "INV-03", now=LATER, **facts)
    assert not clear(AlarmKind.BOOKS, "INV-03", now=LATER, **facts)
    assert alarms_of(anna.merchant.pk) == []

    assert raise_alarm(AlarmKind.BOOKS, "INV-03", now=LATER, **facts)
    assert [alarm.since for alarm in alarms_of(anna.merchant.pk)] == [LATER]
    assert Alarm.objects.count() == 2


def test_each_merchant_sees_its_own_and_the_operators_theirs(anna, carla):
    raise_alarm(AlarmKind.BOOKS, "INV-03", merchant_id=anna.merchant.pk, now=NOON)
    raise_alarm(AlarmKind.WAITING, "INV-06", merchant_id=carla.merchant.pk, now=NOON)
    raise_alarm(AlarmKind.BOOKS, "INV-03", merchant_id=None, now=NOON)

    assert [alarm.subject for alarm in alarms_of(anna.merchant.pk)] == ["INV-03"]
    assert [alarm.subject for alarm in alarms_of(carla.merchant.pk)] == ["INV-06"]
    assert [alarm.subject for alarm in operators_alarms()] == ["INV-03"]
    assert clear(AlarmKind.BOOKS, "INV-03", merchant_id=None, now=LATER)
    assert operators_alarms() == []


def test_an_alarm_belongs_to_the_transaction_of_whoever_raises_it(anna):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise_alarm(AlarmKind.BOOKS, "INV-03", merchant_id=anna.merchant.pk, now=NOON)
        raise ZeroDivisionError

    assert alarms_of(anna.merchant.pk) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_see_the_same_at_once_raise_one(anna):
    def see() -> bool:
        with within(anna.merchant.pk), transaction.atomic():
            return raise_alarm(AlarmKind.BOOKS, "INV-03", merchant_id=anna.merchant.pk, now=NOON)

    assert sorted(at_once(see, see)) == [False, True]
    assert len(alarms_of(anna.merchant.pk)) == 1


def test_each_kind_says_what_to_do():
    assert set(WHAT_TO_DO) == set(AlarmKind)
