"""The truth is the domain row, never the job."""

from datetime import timedelta

from paygate.clock import now
from paygate.jobs.interface import TryAgainAt, run_due, tally
from paygate.jobs.sweep import due, sweep
from tests.jobs.queue import lose_all_jobs


def test_a_lost_queue_is_made_again_from_the_rows(room, work):
    rows = {7, 8}
    room.then = rows.discard
    due(work)(lambda now: ({"row_id": row_id} for row_id in sorted(rows)))
    for row_id in rows:
        work.defer(row_id=row_id)

    lose_all_jobs()
    assert run_due() == 0
    assert sweep() == 2

    assert run_due() == 2
    assert room.ran == [7, 8]
    assert sweep() == 0


def test_a_row_with_a_waiting_job_gets_no_second_one(room, work):
    due(work)(lambda now: [{"row_id": 7}, {"row_id": 8}, {"row_id": 9}])
    work.defer(row_id=7)
    work.defer(row_id=8, unique="eight", at=now() + timedelta(hours=1))

    assert sweep() == 1
    assert sweep() == 0
    assert tally()["QUEUED"] == 3


def test_a_row_whose_job_runs_gets_no_second_one(room, work):
    due(work)(lambda now: [{"row_id": 7}])
    missing = []
    room.then = lambda row_id: missing.append(sweep())
    work.defer(row_id=7)

    run_due()

    assert missing == [0]


def test_a_job_that_waits_to_run_again_stands_for_its_row(room, work):
    def then(row_id):
        raise TryAgainAt(now() + timedelta(hours=1))

    room.then = then
    due(work)(lambda now: [{"row_id": 7}])
    sweep()
    run_due()

    assert sweep() == 0


def test_the_question_is_told_what_time_it_is(room, work, let_pass):
    due_at = now() + timedelta(hours=1)
    due(work)(lambda now: [{"row_id": 7}] if now >= due_at else [])

    assert sweep() == 0
    let_pass(timedelta(hours=2))
    assert sweep() == 1


def test_one_broken_question_does_not_silence_the_others(room, work):
    due(work)(lambda now: [{"row_id": 1 // 0}])
    due(work)(lambda now: [{"row_id": 7}])

    assert sweep() == 1
