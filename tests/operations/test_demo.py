"""The demo merchant: what its past says, the pretend acquirer says too."""

import json

import pytest
from django.conf import settings

from paygate import clock
from paygate.alarms.models import Alarm
from paygate.alarms.raising import operators_alarms
from paygate.jobs.interface import run_due
from paygate.journal.models import BookingPeriod, Entry, ReconciledDay
from paygate.journal.reconcile import days_to_compare, reconcile
from paygate.journal.states import PeriodState
from paygate.journal.tasks import close_due
from paygate.merchants.models import Terminal, TermsFile
from paygate.operations.demo import make_demo
from paygate.operations.tasks import check_invariants, look_around
from paygate.tenants.context import across_tenants, within
from tests.invariants import broken
from tests.mail.scanners import FINDS_EVIL

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_acquirers_list_of_each_day_of_the_demos_past_agrees_with_its_books():
    now = clock.now()
    make_demo(now=now)

    with across_tenants():
        terminals = list(Terminal.objects.all())
    for terminal in terminals:
        with within(terminal.merchant_id):
            for day in days_to_compare(terminal, now=now):
                assert reconcile(terminal, day, now=now)

    with across_tenants():
        compared = ReconciledDay.objects.all()
        assert compared.exists()
        assert sum(day.missing + day.orphans for day in compared) == 0
        assert not Entry.objects.filter(held_back_since__isnull=False).exists()


def test_nothing_in_it_is_broken():
    now = clock.now()
    make_demo(now=now)
    run_due()

    assert broken(now=clock.now()) == {}


def test_its_first_visitor_finds_no_alarm():
    make_demo(now=clock.now())
    look_around()
    check_invariants()
    assert alarms() == []

    run_due()
    close_due()
    run_due()
    look_around()
    check_invariants()

    assert alarms() == []


def test_what_its_reception_has_booked_today_waits_for_the_evening_and_all_else_is_filed():
    make_demo(now=clock.now())

    with across_tenants():
        waiting = Entry.objects.filter(movements__period__state=PeriodState.OPEN)
        assert [entry.reference for entry in waiting] == ["2026-1047"]
        filed = BookingPeriod.objects.exclude(state=PeriodState.OPEN)
        assert {period.state for period in filed} == {PeriodState.CLOSED}


def alarms() -> list[tuple[str, str, str]]:
    with across_tenants():
        raised = [*Alarm.objects.filter(cleared_at=None), *operators_alarms()]
    return [(alarm.kind, alarm.subject, alarm.detail) for alarm in raised]


def test_where_a_virus_scanner_is_set_it_looks_at_the_terms_first(settings):
    settings.PAYGATE_VIRUS_SCANNER = FINDS_EVIL

    make_demo(now=clock.now())

    with across_tenants():
        assert TermsFile.objects.count() == 4


def test_made_again_it_is_the_same_merchant_with_the_same_offers():
    first = make_demo(now=clock.now())
    with across_tenants():
        entries = Entry.objects.count()

    assert make_demo(now=clock.now()) == first
    assert json.loads((settings.PAYGATE_DATA / "demo.json").read_text()) == first
    with across_tenants():
        assert Entry.objects.count() == entries
