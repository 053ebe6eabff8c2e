"""The job process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from django.db import transaction

from paygate.clock import now
from paygate.jobs import embedded
from paygate.jobs.attempt import MOST_TRIES
from paygate.jobs.interface import TryAgainAt, every, run_due, tally
from paygate.jobs.models import Job
from paygate.jobs.registry import PERIODIC, Periodic
from paygate.jobs.worker import run_worker
from tests.jobs.queue import lose_all_workers, spend_tries


@contextmanager
def workers(number: int) -> Iterator[None]:
    """So many job processes, as threads."""
    stop = Event()
    threads = [Thread(target=run_worker, args=[stop]) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def wait_until(true: Callable[[], bool], *, seconds: float = 20) -> None:
    """Give the workers their time."""
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "the workers did not do it"
        sleep(0.05)


def test_workers_do_what_waits_and_what_comes(room, work):
    for row_id in range(50):
        work.defer(row_id=row_id)

    with workers(2):
        wait_until(lambda: len(room.ran) == 50)
        work.defer(row_id=50)
        wait_until(lambda: len(room.ran) == 51)

    assert sorted(room.ran) == list(range(51))
    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0}


def test_a_job_that_waits_for_others_holds_up_nobody(room, work):
    """safety.md OB-5: one slow server of a merchant, and everybody's letters and calls behind it."""
    answer = Event()
    room.then = lambda row_id: row_id == 1 and answer.wait(20)

    with workers(1):
        work.defer(row_id=1)
        wait_until(lambda: room.ran == [1])
        work.defer(row_id=2)
        try:
            wait_until(lambda: room.ran == [1, 2], seconds=10)
        finally:
            answer.set()

    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0}


def test_a_worker_told_to_stop_finishes_the_job_it_has(room, work):
    begun, go_on = Event(), Event()

    def then(row_id):
        begun.set()
        go_on.wait(10)

    room.then = then
    work.defer(row_id=7)
    stop = Event()
    worker = Thread(target=run_worker, args=[stop])
    worker.start()
    begun.wait(10)

    stop.set()
    sleep(0.6)
    assert worker.is_alive()
    go_on.set()
    worker.join(10)

    assert not worker.is_alive()
    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0}


def test_what_workers_jobs_ask_for_is_part_of_their_transaction(room, work):
    def then(row_id):
        if row_id == 1:
            with transaction.atomic():
                work.defer(row_id=2)
                raise ValueError
        if row_id == 3:
            with transaction.atomic():
                work.defer(row_id=4)

    room.then = then
    with workers(1):
        work.defer(row_id=1)
        work.defer(row_id=3)
        wait_until(lambda: 4 in room.ran)

    assert sorted(room.ran) == [1, 3, 4]
    assert tally() == {"QUEUED": 1, "RUNNING": 0, "FAILED": 0}


def test_a_worker_follows_a_clock_that_is_set_forward(room, work, let_pass):
    work.defer(row_id=7, at=now() + timedelta(hours=2))

    with workers(1):
        let_pass(timedelta(hours=3))
        wait_until(lambda: room.ran == [7])


def test_a_worker_takes_up_what_a_killed_one_left(room, work):
    class Killed(BaseException):
        pass

    def killed(row_id):
        raise Killed

    room.then = killed
    work.defer(row_id=7)
    with pytest.raises(Killed):
        run_due()
    room.then = lambda row_id: None
    lose_all_workers()

    with workers(1):
        wait_until(lambda: room.ran == [7, 7])


def test_a_worker_thought_lost_writes_no_result(room, work, caplog):
    begun, go_on = Event(), Event()

    def then(row_id):
        if len(room.ran) > 1:
            raise TryAgainAt(now() + timedelta(hours=1))
        begun.set()
        go_on.wait(10)

    room.then = then
    work.defer(row_id=7)
    with workers(1):
        begun.wait(10)
        lose_all_workers()
        assert run_due() == 1
        go_on.set()
        wait_until(lambda: "too late" in caplog.text)

    assert room.ran == [7, 7]
    assert tally() == {"QUEUED": 1, "RUNNING": 0, "FAILED": 0}


def test_a_workers_failed_job_leaves_the_field_to_the_one_that_waits_under_its_key(room, work):
    def then(row_id):
        work.defer(row_id=8, unique="key", at=now() + timedelta(hours=1))
        raise ValueError

    room.then = then
    work.defer(row_id=7, unique="key")
    with workers(1):
        wait_until(lambda: tally() == {"QUEUED": 1, "RUNNING": 0, "FAILED": 0} and room.ran == [7])


def test_a_workers_job_that_asks_to_be_run_again_starts_counting_anew(room, work):
    def then(row_id):
        if len(room.ran) == 1:
            raise TryAgainAt(now())
        raise ValueError

    room.then = then
    work.defer(row_id=7)
    spend_tries(MOST_TRIES - 1)
    with workers(1):
        wait_until(lambda: len(room.ran) == 2 and tally()["RUNNING"] == 0)

    assert tally() == {"QUEUED": 1, "RUNNING": 0, "FAILED": 0}


def test_a_periodic_function_runs_once_a_slot_however_many_workers_there_are(room):
    every(minutes=5, name="pretend.tick")(room.tick)
    slot = Periodic("pretend.tick", 5, room.tick).slot

    began = slot(now())
    with workers(2):
        wait_until(lambda: room.slots >= 1)
        sleep(2)
    with workers(1):  # nor does one that comes later run it again
        sleep(2)

    assert room.slots <= 1 + (slot(now()) - began) // timedelta(minutes=5)


@pytest.mark.on_sqlite  # on PostgreSQL the library plans, by the machine's clock
def test_a_clock_that_was_ahead_for_a_while_holds_nothing_up(room, settings):
    """Slots that were planned by a wrong clock are no reason to skip those of now (safety.md TM-3)."""
    every(minutes=5, name="pretend.tick")(room.tick)
    tick = PERIODIC["pretend.tick"]
    settings.PAYGATE_CLOCK_OFFSET = "90000"
    embedded.plan(tick, {})
    settings.PAYGATE_CLOCK_OFFSET = "0"

    embedded.plan(tick, {})
    embedded.plan(tick, {})

    slots = list(Job.objects.filter(task="pretend.tick").order_by("slot").values_list("slot", flat=True))
    assert len(slots) == 2
    assert slots[0] == tick.slot(now())


def test_periodic_functions_are_no_part_of_run_due(room):
    every(minutes=1, name="pretend.tick")(room.tick)

    assert run_due() == 0


def test_a_failing_periodic_function_disturbs_nobody(room, work):
    @every(minutes=1, name="pretend.broken")
    def broken() -> None:
        room.tick()
        raise ValueError

    with workers(1):
        wait_until(lambda: room.slots >= 1)
        work.defer(row_id=7)
        wait_until(lambda: room.ran == [7])

    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0}


@pytest.mark.parametrize("minutes", [7, 45, 90, 500])
def test_slots_that_do_not_fill_a_day_are_refused(minutes):
    with pytest.raises(AssertionError):
        Periodic("pretend.tick", minutes, lambda: None)
