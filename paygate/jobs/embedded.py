"""Jobs over one table, for SQLite: one machine, one job process with a few threads, though two processes do no harm.

A job is claimed by a conditional UPDATE in a transaction that begins IMMEDIATE, held under a lease with a token, and
its result is written only under that token (safety.md LK-3, LK-5). Waiting for work only reads.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, close_old_connections, connections, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from paygate.clock import now
from paygate.jobs.attempt import (
    LEASE,
    MOST_TRIES,
    Again,
    Done,
    GaveUp,
    Outcome,
    note_late,
    perform,
    perform_periodic,
)
from paygate.jobs.models import Job, JobState
from paygate.jobs.registry import PERIODIC, Periodic, spelled

# Jobs under way at once, so that one that waits for a slow server holds up no other (safety.md OB-5).
HANDS = 4
IDLE_SECONDS = 0.5  # between two looks for work
KEPT = timedelta(days=7)
KEPT_PERIODIC = timedelta(days=2)  # longer than the longest slot, so that no slot runs twice


def defer(name: str, jobs: Sequence[tuple[str, Mapping[str, Any]]], *, at: datetime | None) -> None:
    """Write jobs in the caller's transaction."""
    moment = now()
    rows = [
        Job(task=name, kwargs=dict(kwargs), unique_key=unique, due_at=at or moment, created_at=moment)
        for unique, kwargs in jobs
    ]
    try:
        with transaction.atomic():  # the savepoint keeps the caller's transaction alive when a key is taken
            Job.objects.bulk_create(rows)
    except IntegrityError:
        if len(jobs) > 1:
            for job in jobs:
                defer(name, [job], at=at)
        elif not (jobs[0][0] and _waiting(name, jobs[0][0]).exists()):
            raise


def standing(name: str) -> set[str]:
    """The arguments, spelled, of the jobs of a task that wait or run."""
    jobs = Job.objects.filter(task=name, state__in=[JobState.QUEUED, JobState.RUNNING])
    return {spelled(kwargs) for kwargs in jobs.values_list("kwargs", flat=True)}


def run_due(limit: int | None) -> int:
    """Run what is due, periodic functions excluded, in this thread. How many ran."""
    ran = 0
    while (limit is None or ran < limit) and (job := claim(Job.objects.filter(slot=None))) is not None:
        run(job)
        ran += 1
    return ran


def work(stop: Event) -> None:
    """Run jobs and periodic functions, several at once, until `stop` is set. Where one hand falls, all put down."""
    planned: dict[str, datetime] = {}
    fallen = Event()
    with ThreadPoolExecutor(HANDS, thread_name_prefix="jobs") as threads:
        hands = [threads.submit(_work, stop, fallen, planned) for _ in range(HANDS)]
    for hand in hands:
        hand.result()


def _work(stop: Event, fallen: Event, planned: dict[str, datetime]) -> None:
    try:
        while not (stop.is_set() or fallen.is_set()):
            close_old_connections()
            for periodic in PERIODIC.values():
                plan(periodic, planned)
            job = claim(Job.objects.all())
            if job is None:
                stop.wait(IDLE_SECONDS)
            else:
                run(job)
    except BaseException:
        fallen.set()
        raise
    finally:
        connections.close_all()


def plan(periodic: Periodic, planned: dict[str, datetime]) -> None:
    """Queue the run of this time slot, unless it was or the last run is still under way. `planned` is remembered.

    A slot far ahead was planned by a clock that was wrong for a while; it holds nothing up (safety.md TM-3).
    """
    slot = periodic.slot(now())
    if planned.get(periodic.name) == slot:
        return
    runs = Job.objects.filter(task=periodic.name, slot__lte=slot + timedelta(minutes=periodic.minutes))
    if not runs.filter(slot__gte=slot).exists():
        if runs.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists():
            return
        try:
            with transaction.atomic():
                Job.objects.create(task=periodic.name, slot=slot, due_at=slot, created_at=now())
        except IntegrityError:
            pass  # another worker was faster
    planned[periodic.name] = slot


def purge(now: datetime) -> None:
    """Delete jobs done long ago; those given up stay, except periodic runs."""
    Job.objects.filter(slot=None, state=JobState.DONE, finished_at__lt=now - KEPT).delete()
    over = Job.objects.filter(state__in=[JobState.DONE, JobState.FAILED])
    over.filter(slot__lt=now - KEPT_PERIODIC).delete()


def tally() -> Mapping[str, int]:
    """How many jobs wait, run and were given up."""
    states = (JobState.QUEUED, JobState.RUNNING, JobState.FAILED)
    counted = (
        Job.objects.filter(slot=None, state__in=states).order_by().values_list("state").annotate(Count("pk"))
    )
    return {state.value: 0 for state in states} | dict(counted)


def _waiting(name: str, unique: str) -> QuerySet[Job]:
    return Job.objects.filter(task=name, unique_key=unique, state=JobState.QUEUED)


def _due(jobs: QuerySet[Job], moment: datetime) -> QuerySet[Job]:
    """What may be claimed: whose time has come and whose key is not at work, and whose worker was lost."""
    running = Q(state=JobState.RUNNING)
    at_work = Job.objects.filter(
        running, lease_until__gt=moment, task=OuterRef("task"), unique_key=OuterRef("unique_key")
    ).exclude(unique_key="")
    return jobs.filter(
        Q(state=JobState.QUEUED, due_at__lte=moment) & ~Exists(at_work) | running & Q(lease_until__lte=moment)
    )


def claim(jobs: QuerySet[Job]) -> Job | None:
    """Take the next due job of these under a new lease; None when none is due."""
    while True:
        moment = now()
        due = _due(jobs, moment)
        job = due.first()
        if job is None:
            return None
        tries = job.tries + (
            job.state == JobState.RUNNING
        )  # its last worker was lost: that counts as a defect
        seen = due.filter(pk=job.pk, state=job.state, lease_token=job.lease_token)
        changes: dict[str, Any] = {"tries": tries, "lease_token": uuid4()}
        if tries < MOST_TRIES:
            changes |= {"state": JobState.RUNNING, "lease_until": moment + LEASE}
        else:
            changes |= {"state": JobState.FAILED, "finished_at": moment, "last_error": "WorkerLost"}
        with transaction.atomic(durable=True):
            taken = seen.update(**changes)
        if taken and changes["state"] == JobState.RUNNING:
            for name, value in changes.items():
                setattr(job, name, value)
            return job


def run(job: Job) -> None:
    """Run a claimed job and write down how it ended."""
    if job.slot is None:
        outcome = perform(job.task, job.kwargs, job_id=job.pk, tries=job.tries)
    else:
        outcome = perform_periodic(job.task, job_id=job.pk)
    if not _settle(job, outcome):
        note_late(job.task, job.pk)


def _settle(job: Job, outcome: Outcome) -> bool:
    """Write how the run ended; False when the lease is somebody else's by now."""
    moment = now()
    done = {"state": JobState.DONE, "finished_at": moment}
    with transaction.atomic(durable=True):
        match outcome:
            case Done():
                changes: dict[str, Any] = done | {"last_error": ""}
            case GaveUp(cause):
                changes = {"state": JobState.FAILED, "finished_at": moment, "last_error": cause}
            case Again(when, tries, cause):
                changes = {"state": JobState.QUEUED, "due_at": when, "tries": tries, "last_error": cause}
                if job.unique_key and _waiting(job.task, job.unique_key).exists():
                    changes = done | {"last_error": cause}  # the one that waits stands for this one
        held = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease_token=job.lease_token)
        return held.update(**changes) == 1
