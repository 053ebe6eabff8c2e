"""What becomes of a job that fails, waits, or loses its worker."""

import logging
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import transaction
from django.utils import translation

from paygate.clock import now
from paygate.jobs.attempt import BACK_OFF, BACK_OFF_LATER, MOST_TRIES, back_off
from paygate.jobs.interface import TryAgainAt, run_due, tally, task
from paygate.jobs.registry import TASKS
from paygate.tenants.context import current, within
from tests.jobs.queue import lose_all_workers, spend_tries


class Killed(BaseException):
    """The process dies in the middle of a job."""


def raising(error: BaseException):
    def then(row_id):
        raise error

    return then


def test_a_job_that_fails_runs_again_after_a_pause(room, work, let_pass):
    room.then = raising(ValueError("4111 1111 1111 1111"))
    work.defer(row_id=7)

    assert run_due() == 1
    let_pass(timedelta(seconds=7))
    assert run_due() == 0
    let_pass(timedelta(seconds=6))
    assert run_due() == 1
    let_pass(timedelta(seconds=13))
    assert run_due() == 0
    let_pass(timedelta(minutes=1))
    assert run_due() == 1
    assert tally() == {"QUEUED": 1, "RUNNING": 0, "FAILED": 0}


@pytest.mark.parametrize(
    ("defects", "wait"),
    [
        (1, BACK_OFF[0]),
        (2, BACK_OFF[1]),
        (3, BACK_OFF[2]),
        (4, BACK_OFF[3]),
        (5, BACK_OFF_LATER),
        (19, BACK_OFF_LATER),
    ],
)
def test_pauses_grow_and_spread_by_a_fifth(defects, wait):
    waits = {back_off(defects) for _ in range(100)}

    assert wait * 0.8 <= min(waits) < max(waits) <= wait * 1.2


def test_after_twenty_defects_in_a_row_a_job_is_given_up_and_stays_visible(room, work, let_pass):
    room.then = raising(ValueError())
    work.defer(row_id=7)
    spend_tries(MOST_TRIES - 2)

    run_due()
    assert tally()["FAILED"] == 0
    let_pass(timedelta(hours=2))
    run_due()

    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 1}
    let_pass(timedelta(days=1))
    assert run_due() == 0


def test_a_job_may_ask_to_be_run_again_at_a_time(room, work, let_pass, caplog):
    room.then = raising(TryAgainAt(now() + timedelta(hours=1)))
    work.defer(row_id=7)

    with caplog.at_level(logging.INFO, logger="paygate"):
        assert run_due() == 1
        assert run_due() == 0
    assert not caplog.records

    let_pass(timedelta(minutes=61))
    room.then = lambda row_id: None
    assert run_due() == 1
    assert tally()["QUEUED"] == 0


def test_asking_to_be_run_again_forgets_earlier_defects(room, work, let_pass):
    work.defer(row_id=7)
    spend_tries(MOST_TRIES - 1)
    room.then = raising(TryAgainAt(now()))
    run_due(limit=1)

    room.then = raising(ValueError())
    run_due(limit=1)

    assert tally()["FAILED"] == 0


def test_the_log_names_the_job_and_its_ids_but_not_what_the_error_said(room, let_pass, caplog):
    @task("pretend.letter")
    def letter(*, mail_id: int, address: str) -> None:
        raise ValueError(f"nobody at {address}")

    letter.defer(mail_id=12, address="anna@example.org")
    with caplog.at_level(logging.INFO, logger="paygate"):
        run_due()

    assert "pretend.letter#" in caplog.text
    assert "mail_id=12" in caplog.text
    assert "ValueError" in caplog.text
    assert "anna@example.org" not in caplog.text


def test_a_job_without_a_function_waits_for_a_version_that_has_it(room, work, let_pass):
    work.defer(row_id=7)
    function = TASKS.pop("pretend.work")
    assert run_due() == 1

    TASKS["pretend.work"] = function
    let_pass(timedelta(minutes=1))

    assert run_due() == 1
    assert room.ran == [7]


def test_jobs_that_jobs_ask_for_run_too(room, work):
    room.then = lambda row_id: work.defer(row_id=row_id - 1) if row_id else None
    work.defer(row_id=3)

    assert run_due(limit=2) == 2
    assert run_due() == 2
    assert room.ran == [3, 2, 1, 0]


def test_what_a_failing_job_asked_for_in_its_transaction_is_gone(room, work):
    def then(row_id):
        with transaction.atomic():
            work.defer(row_id=row_id - 1)
            raise ValueError

    room.then = then
    work.defer(row_id=3)

    assert run_due() == 1


def test_a_job_runs_with_no_merchant_and_no_language_of_its_caller(room, work):
    seen = []
    room.then = lambda row_id: seen.append((current(), translation.get_language()))
    work.defer(row_id=7)

    with within(1), translation.override("fr"):
        run_due()
        assert current() == 1

    assert seen == [(None, "en")]


def test_jobs_are_not_run_inside_a_transaction(room, work):
    work.defer(row_id=7)

    with pytest.raises(RuntimeError), transaction.atomic():
        run_due()

    assert room.ran == []


def test_a_killed_workers_job_is_taken_over_when_the_lease_ends(room, work):
    room.then = raising(Killed())
    work.defer(row_id=7, unique="seven")
    with pytest.raises(Killed):
        run_due()
    room.then = lambda row_id: None

    assert tally()["RUNNING"] == 1
    assert run_due() == 0
    lose_all_workers()

    assert run_due() == 1
    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0}


def test_a_job_that_kills_its_workers_is_given_up(room, work):
    room.then = raising(Killed())
    work.defer(row_id=7)
    spend_tries(MOST_TRIES - 1)
    with pytest.raises(Killed):
        run_due()
    lose_all_workers()

    assert run_due() == 0
    assert tally()["FAILED"] == 1


def test_a_late_finisher_is_refused(room, work, caplog):
    def then(row_id):
        if len(room.ran) == 1:  # thought lost; another worker takes the job up, and it has to wait
            lose_all_workers()
            assert run_due(limit=1) == 1
        else:
            raise TryAgainAt(now() + timedelta(hours=1))

    room.then = then
    work.defer(row_id=7)
    with caplog.at_level(logging.INFO, logger="paygate"):
        run_due()

    assert room.ran == [7, 7]
    assert "too late" in caplog.text
    assert tally() == {"QUEUED": 1, "RUNNING": 0, "FAILED": 0}


def test_a_late_failure_is_refused_too(room, work):
    def then(row_id):
        if len(room.ran) == 1:
            lose_all_workers()
            run_due(limit=1)
            raise ValueError

    room.then = then
    work.defer(row_id=7)
    run_due()

    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0}


def test_two_jobs_with_one_key_never_run_at_once(room, work):
    ran_meanwhile = []

    def then(row_id):
        if len(room.ran) == 1:
            work.defer(row_id=8, unique="key")
            ran_meanwhile.append(run_due())

    room.then = then
    work.defer(row_id=7, unique="key")

    assert run_due() == 2
    assert ran_meanwhile == [0]
    assert room.ran == [7, 8]


def test_a_failed_job_leaves_the_field_to_the_one_that_waits_under_its_key(room, work):
    def then(row_id):
        if row_id == 7:
            work.defer(row_id=8, unique="key", at=now() + timedelta(hours=1))
            raise ValueError

    room.then = then
    work.defer(row_id=7, unique="key")
    run_due()

    assert tally() == {"QUEUED": 1, "RUNNING": 0, "FAILED": 0}


def test_two_workers_do_a_hundred_jobs_once_each(room, work, in_thread):
    for row_id in range(100):
        work.defer(row_id=row_id)
    together = Barrier(2)

    def run():
        together.wait()
        run_due()

    threads = [Thread(target=in_thread(run)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(room.ran) == list(range(100))
    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0}


def test_a_story_in_a_test_transaction_can_run_its_jobs_too(db):
    ran: list[int] = []

    @task("pretend.in_a_test")
    def in_a_test(*, row_id: int) -> None:
        ran.append(row_id)
        if len(ran) == 1:
            raise TryAgainAt(now())

    try:
        in_a_test.defer(row_id=7, at=now(), unique="seven")
        in_a_test.defer(row_id=7, unique="seven")
        assert run_due() == 2
    finally:
        del TASKS["pretend.in_a_test"]

    assert ran == [7, 7]
