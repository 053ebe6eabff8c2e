"""Once an hour the invariants are looked at, and whoever is concerned is told (safety.md 23, LG-6)."""

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.alarms.kinds import AlarmKind
from paygate.alarms.raising import alarms_of, operators_alarms, raise_alarm
from paygate.jobs.registry import PERIODIC
from paygate.journal.models import Entry
from paygate.lifecycle.models import Step
from paygate.operations.check import findings
from paygate.operations.tasks import check_invariants
from tests.backoffice.reading import words
from tests.make.desks import desk
from tests.operations.shop import paid

pytestmark = pytest.mark.django_db


def test_it_runs_once_an_hour():
    periodic = PERIODIC["operations.invariants"]
    assert (periodic.minutes, periodic.function) == (60, check_invariants)


def test_a_healthy_shop_is_told_nothing():
    hotel = desk()
    paid(hotel)

    check_invariants()

    assert alarms_of(hotel.merchant.pk) == []
    assert operators_alarms() == []


def test_the_merchant_concerned_is_told_once_and_until_it_is_well(caplog):
    hotel, flowers = desk(), desk("200002", "17000099", name="Carla's Flowers")
    link = paid(hotel)
    entry = link.entry
    with hotel.in_view():
        Entry.objects.update(booked_minor=1)

    check_invariants()
    check_invariants()

    (alarm,) = alarms_of(hotel.merchant.pk)
    assert (alarm.kind, alarm.subject) == ("BOOKS", "INV-01")
    assert f"entry {entry.pk}" in alarm.detail
    assert alarms_of(flowers.merchant.pk) == []
    assert len([one for one in caplog.records if one.levelname == "ERROR"]) == 1
    assert any("BOOKS INV-01" in finding for finding in findings())

    with hotel.in_view():
        Entry.objects.update(booked_minor=0)
    check_invariants()
    assert alarms_of(hotel.merchant.pk) == []


def test_what_concerns_nobody_in_particular_is_told_to_the_operators():
    hotel = desk()
    paid(hotel)
    with hotel.in_view():
        Step.objects.create(
            merchant=hotel.merchant,
            subject="nobody.Nothing",
            subject_id="1",
            new="X",
            cause="",
            by="",
            at=clock.now(),
        )

    check_invariants()

    assert alarms_of(hotel.merchant.pk) == []
    assert [alarm.subject for alarm in operators_alarms()] == ["INV-10"]
    assert any("HISTORY INV-10" in finding for finding in findings())


def test_an_acquirer_that_lost_its_book_is_told_to_the_merchant():
    hotel = desk()
    paid(hotel)
    ledger.reset()

    check_invariants()

    assert [alarm.subject for alarm in alarms_of(hotel.merchant.pk)] == ["INV-04"]


@pytest.mark.parametrize(
    ("language", "what"),
    [
        ("en", "Your journal and the acquirer's books do not agree."),
        ("de", "Ihr Journal und die Bücher des Acquirers stimmen nicht überein."),
        ("fr", "Votre journal et les livres de l’acquéreur ne concordent pas."),
        ("it", "Il suo giornale e i libri dell’acquirer non concordano."),
    ],
)
def test_the_dashboard_says_what_is_wrong_since_when_and_what_to_do(anna, carla, language, what):
    raise_alarm(AlarmKind.BOOKS, "INV-03", merchant_id=anna.merchant.pk, now=clock.now())
    anna.user.language = language
    anna.user.save()

    page = words(anna.browser().get("/backoffice/"))

    assert what in page
    assert "INV-03" in page
    assert what not in words(carla.browser().get("/backoffice/"))
