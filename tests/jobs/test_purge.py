"""Rows of jobs are kept for a while, and those given up longer."""

from datetime import timedelta

import pytest
from django.db import connection

from paygate.clock import now
from paygate.jobs.engine import engine
from paygate.jobs.interface import run_due, tally
from paygate.jobs.models import Job
from tests.jobs.queue import spend_tries


def age(by: timedelta) -> None:
    """Everything happened so much earlier."""
    for job in Job.objects.exclude(finished_at=None):
        assert job.finished_at is not None
        Job.objects.filter(pk=job.pk).update(finished_at=job.finished_at - by)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_events SET at = at - make_interval(secs => %s)", [by.total_seconds()]
            )


def rows() -> int:
    """How many jobs there are, done ones included."""
    if connection.vendor != "postgresql":
        return Job.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(("days", "left"), [(6, 1), (8, 0)])
def test_done_jobs_are_kept_for_a_week(room, work, days, left):
    work.defer(row_id=7)
    run_due()
    age(timedelta(days=days))

    engine().purge(now())

    assert rows() == left


def test_jobs_that_wait_or_were_given_up_stay(room, work):
    def then(row_id):
        raise ValueError

    room.then = then
    work.defer(row_id=7)
    spend_tries(19)
    run_due()
    work.defer(row_id=8, at=now() + timedelta(days=30))
    age(timedelta(days=100))

    engine().purge(now())

    assert tally() == {"QUEUED": 1, "RUNNING": 0, "FAILED": 1}
