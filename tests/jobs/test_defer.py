"""A job is a row in the transaction of whoever asks for it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from paygate.clock import now
from paygate.jobs.interface import run_due, tally
from paygate.jobs.models import Job
from paygate.tenants.models import Merchant


class Fell(Exception):
    """The caller fell."""


def test_a_job_runs_once_with_what_it_was_given(room, work):
    work.defer(row_id=7)

    assert tally()["QUEUED"] == 1
    assert run_due() == 1
    assert run_due() == 0
    assert room.ran == [7]


def test_a_task_can_also_be_called_directly(room, work):
    work(row_id=7)

    assert room.ran == [7]
    assert tally()["QUEUED"] == 0


def test_when_the_caller_fails_there_is_no_job(room, work):
    def caller():
        with transaction.atomic():
            work.defer(row_id=7)
            work.defer(row_id=8, unique="8")
            raise Fell

    with pytest.raises(Fell):
        caller()

    assert run_due() == 0
    assert room.ran == []


def test_a_job_runs_not_before_its_time(room, work, let_pass):
    work.defer(row_id=7, at=now() + timedelta(hours=2))

    let_pass(timedelta(hours=1, minutes=59))
    assert run_due() == 0

    let_pass(timedelta(minutes=2))
    assert run_due() == 1


def test_of_jobs_with_one_key_one_waits(room, work):
    work.defer(row_id=7, unique="seven")
    work.defer(row_id=7, unique="seven")
    work.defer(row_id=8, unique="eight")

    assert run_due() == 2
    assert sorted(room.ran) == [7, 8]


def test_a_second_job_with_the_key_leaves_the_callers_transaction_alive(room, work):
    work.defer(row_id=7, unique="seven")

    with transaction.atomic():
        work.defer(row_id=7, unique="seven")
        Merchant.objects.create(customer_id="245294", name="Hotel Alpenblick", created_at=now())

    assert Merchant.objects.filter(customer_id="245294").exists()
    assert tally()["QUEUED"] == 1


def test_a_key_is_free_again_when_its_job_is_done(room, work):
    work.defer(row_id=7, unique="seven")
    run_due()

    work.defer(row_id=7, unique="seven")

    assert run_due() == 1


@pytest.mark.parametrize("wrong", [{}, {"rowid": 7}, {"row_id": 7, "more": 1}, {"row_id": uuid4()}])
def test_arguments_that_cannot_be_right_are_refused_at_once(room, work, wrong):
    with pytest.raises(TypeError):
        work.defer(**wrong)

    assert tally()["QUEUED"] == 0


def test_the_embedded_table_stays_empty_on_postgresql_and_only_there(room, work):
    work.defer(row_id=7)

    assert Job.objects.exists() == (connection.vendor == "sqlite")
