"""Jobs on procrastinate, for PostgreSQL: any number of workers on any number of machines.

Jobs are deferred through Django's own connection, so they are part of the caller's transaction. Its workers claim
with SKIP LOCKED and send heartbeats; what it lacks is added in fences.py and in the look after stalled jobs below.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import datetime
from threading import Barrier, Event
from time import monotonic
from typing import Any

import structlog
from django.db import close_old_connections, connections, transaction
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision, sql
from procrastinate.contrib.django import DjangoApp, app, connector_params
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job, Status

from paygate.clock import now, offset
from paygate.jobs.attempt import LEASE, MOST_TRIES, Again, Done, GaveUp, Outcome, perform, perform_periodic
from paygate.jobs.fences import FencedManager, finish, forget_defects, retry
from paygate.jobs.registry import PERIODIC, TASKS, spelled

QUEUE = "jobs"
PERIODIC_QUEUE = "periodic"
CONCURRENCY = 4
POLL_SECONDS = 1.0  # for jobs whose time comes; new ones are announced
STALLED_SECONDS = 30.0  # between two looks for jobs whose worker was lost
KEPT_HOURS = 7 * 24
KEPT_PERIODIC_HOURS = 2 * 24

log = structlog.get_logger(__name__)

_database = DjangoConnector()


class RunAgain(Exception):
    """Tells procrastinate when to run the job again; the job itself was already noted."""

    def __init__(self, when: datetime) -> None:
        super().__init__(when)
        self.when = when


class GivenUp(Exception):
    """Tells procrastinate that the job failed for good."""


class AgainAtThatTime(BaseRetryStrategy):
    """Runs the job again when it said so. What else comes through is trouble of the engine: again in a minute."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        match exception:
            case RunAgain(when=when):
                return RetryDecision(retry_at=when)
            case GivenUp():
                return None
            case _:
                return RetryDecision(retry_in={"minutes": 1})


def defer(name: str, jobs: Sequence[tuple[str, Mapping[str, Any]]], *, at: datetime | None) -> None:
    """Write jobs in the caller's transaction."""
    made = [_job(name, key, kwargs, at=at) for key, kwargs in jobs]
    try:
        with transaction.atomic():  # the savepoint keeps the caller's transaction alive when a key is taken
            app.job_manager.batch_defer_jobs(made)
    except AlreadyEnqueued:
        if len(jobs) > 1:
            for job in jobs:
                defer(name, [job], at=at)


def _job(name: str, unique: str, kwargs: Mapping[str, Any], *, at: datetime | None) -> Job:
    key = f"{name}:{unique}" if unique else None
    return app.configure_task(
        name, queue=QUEUE, lock=key, queueing_lock=key, schedule_at=at, task_kwargs=dict(kwargs)
    ).job


def standing(name: str) -> set[str]:
    """The arguments, spelled, of the jobs of a task that wait or run."""
    rows = _database.execute_query_all(
        query="SELECT args::text AS args FROM procrastinate_jobs"
        " WHERE task_name = %(name)s AND status IN ('todo', 'doing')",
        name=name,
    )
    return {spelled(_loaded(row["args"])) for row in rows}


def run_due(limit: int | None) -> int:
    """Run what is due, periodic functions excluded, in this thread. How many ran.

    Claims, runs and finishes with the functions procrastinate's own worker uses, but on this thread's connection, so
    that a test sees and drops what it made.
    """
    ran = 0
    take_up_stalled()
    while limit is None or ran < limit:
        hasten()
        with transaction.atomic(durable=True):
            worker_id = _database.execute_query_one(query=sql.queries["register_worker"])["worker_id"]
            row = _database.execute_query_one(
                query=sql.queries["fetch_job"], queues=[QUEUE], worker_id=worker_id
            )
        if row["id"] is not None:
            job = Job.from_row(row | {"args": _loaded(row["args"])})
            _settle(job, _performed(job))
            ran += 1
        _database.execute_query_one(query=sql.queries["unregister_worker"], worker_id=worker_id)
        if row["id"] is None:
            break
    return ran


def work(stop: Event) -> None:
    """Run jobs and periodic functions until `stop` is set."""
    asyncio.run(_work(stop))


def take_up_stalled() -> int:
    """Put jobs back whose worker has sent no heartbeat for the time of a lease. How many there were."""
    _database.execute_query_all(
        query=sql.queries["prune_stalled_workers"], seconds_since_heartbeat=LEASE.total_seconds()
    )
    rows = _database.execute_query_all(
        query=sql.queries["select_stalled_jobs_by_heartbeat"],
        queue=None,
        task_name=None,
        seconds_since_heartbeat=LEASE.total_seconds(),
    )
    for row in rows:
        job = Job.from_row(row | {"args": _loaded(row["args"])})
        if job.attempts + 1 < MOST_TRIES:
            retry(_database, job, now())
        else:
            finish(_database, job, Status.FAILED)
    return len(rows)


def hasten() -> None:
    """Make due what is due by the application's clock; procrastinate knows only the database's (safety.md TE-3)."""
    _database.execute_query(
        query="UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND scheduled_at <= %(now)s",
        now=now(),
    )


def purge(now: datetime) -> None:
    """Delete jobs done long ago; those given up stay, except periodic runs."""
    done = [Status.SUCCEEDED.value, Status.ABORTED.value]
    for queue, hours, statuses in (
        (QUEUE, KEPT_HOURS, done),
        (PERIODIC_QUEUE, KEPT_PERIODIC_HOURS, [*done, Status.FAILED.value]),
    ):
        _database.execute_query(
            query=sql.queries["delete_old_jobs"], nb_hours=hours, queue=queue, statuses=statuses
        )


def tally() -> Mapping[str, int]:
    """How many jobs wait, run and were given up."""
    rows = _database.execute_query_all(
        query="SELECT status::text AS status, count(*) AS jobs FROM procrastinate_jobs"
        " WHERE queue_name = %(queue)s GROUP BY status",
        queue=QUEUE,
    )
    jobs = {row["status"]: row["jobs"] for row in rows}
    names = {"QUEUED": "todo", "RUNNING": "doing", "FAILED": "failed"}
    return {ours: jobs.get(theirs, 0) for ours, theirs in names.items()}


def _performed(job: Job) -> Outcome:
    job_id = job.id or 0
    if job.queue == PERIODIC_QUEUE:
        return perform_periodic(job.task_name, job_id=job_id)
    return perform(job.task_name, job.task_kwargs, job_id=job_id, tries=job.attempts)


def _settle(job: Job, outcome: Outcome) -> None:
    match outcome:
        case Done():
            finish(_database, job, Status.SUCCEEDED)
        case GaveUp():
            finish(_database, job, Status.FAILED)
        case Again(when, tries):
            if tries == 0:
                forget_defects(_database, job)
            retry(_database, job, when)


def _run(context: JobContext, /, **kwargs: Any) -> None:
    """What procrastinate's worker calls for every job; how it ended is told by returning or raising."""
    match _performed(context.job):
        case Again(when, tries):
            if tries == 0:
                forget_defects(_database, context.job)
            raise RunAgain(when)
        case GaveUp(cause):
            raise GivenUp(cause)


def _run_slot(context: JobContext, timestamp: int) -> None:
    """The same for a periodic function; which slot it is, the function need not know."""
    _run(context)


def _worker_app() -> App:
    """An app for the worker alone, on connections of its own.

    The one that defers must keep Django's connection, else jobs deferred by jobs would leave their transaction.
    """
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=CONCURRENCY)
    worker_app = DjangoApp(connector=connector)
    worker_app.job_manager = FencedManager(connector)
    for name in TASKS:
        worker_app.task(name=name, queue=QUEUE, pass_context=True, retry=AgainAtThatTime())(_run)
    for name, periodic in PERIODIC.items():
        # Slots of one function run one after the other, and at most one waits.
        made = worker_app.task(
            name=name, queue=PERIODIC_QUEUE, lock=name, queueing_lock=name, pass_context=True
        )(_run_slot)
        worker_app.periodic(cron=periodic.cron)(made)
    return worker_app


async def _work(stop: Event) -> None:
    threads = ThreadPoolExecutor(CONCURRENCY + 1, thread_name_prefix="jobs")
    asyncio.get_running_loop().set_default_executor(threads)
    worker_app = _worker_app()
    try:
        async with worker_app.open_async():
            worker = asyncio.create_task(
                worker_app.run_worker_async(
                    concurrency=CONCURRENCY,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=POLL_SECONDS,
                    stalled_worker_timeout=LEASE.total_seconds(),
                )
            )
            await _look_after(worker, stop)
    finally:
        _close_connections(threads)


async def _look_after(worker: asyncio.Task[None], stop: Event) -> None:
    """Until the worker ends: take up stalled jobs, follow a shifted clock, and pass on the wish to stop."""
    last_look = float("-inf")
    stopping = False
    while not worker.done():
        await asyncio.wait({worker}, timeout=0.2)
        if stop.is_set():
            if not stopping:
                worker.cancel()  # it finishes the jobs that run; a second time would cut them off
            stopping = True
        elif monotonic() - last_look >= STALLED_SECONDS:
            last_look = monotonic()
            await _do(take_up_stalled)
        elif offset():
            await _do(hasten)
    with suppress(asyncio.CancelledError):
        await worker


async def _do(duty: Callable[[], object]) -> None:
    def run() -> None:
        close_old_connections()
        duty()

    try:
        await asyncio.to_thread(run)
    except Exception as defect:
        log.error("looking after the jobs failed", cause=type(defect).__name__)


def _close_connections(threads: ThreadPoolExecutor) -> None:
    """Close the database connection of each thread: all meet, so that each takes one turn."""
    together = Barrier(CONCURRENCY + 1, timeout=10)

    def close() -> None:
        together.wait()
        connections.close_all()

    wait([threads.submit(close) for _ in range(CONCURRENCY + 1)], timeout=10)


def _loaded(args: Any) -> Any:
    """Django's connection gives JSON as text, procrastinate's own gives it loaded."""
    return json.loads(args) if isinstance(args, str) else args
