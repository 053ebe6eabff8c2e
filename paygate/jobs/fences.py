"""A fence around procrastinate's jobs: only the worker that holds a job may write its result (safety.md LK-5).

procrastinate finishes a job by its id alone, so a worker thought lost could finish what another has taken up. Here
the claim is checked in the same statement. Taking a job up takes its worker's id away for good, so the id is the
lease token.
"""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from paygate.jobs.attempt import note_late

# "Held" in each of the three: it runs, and under this worker's id.
_FINISH: Final = """
    SELECT procrastinate_finish_job_v1(held.id, %(status)s::procrastinate_job_status, false)
    FROM (
        SELECT id FROM procrastinate_jobs
        WHERE id = %(job_id)s AND status = 'doing' AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint
        FOR UPDATE
    ) AS held
"""
_RETRY: Final = """
    SELECT procrastinate_retry_job_v2(held.id, %(retry_at)s, NULL, NULL, NULL)
    FROM (
        SELECT id FROM procrastinate_jobs
        WHERE id = %(job_id)s AND status = 'doing' AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint
        FOR UPDATE
    ) AS held
"""
_FORGET: Final = """
    UPDATE procrastinate_jobs SET attempts = -1
    WHERE id = %(job_id)s AND status = 'doing' AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint
"""


def finish(database: BaseConnector, job: Job, status: Status) -> None:
    """End a job that is still held; else only note that the result came late."""
    if not database.execute_query_all(query=_FINISH, status=status.value, **_claim(job)):
        _note_late(job)


def retry(database: BaseConnector, job: Job, when: datetime) -> None:
    """Put a job that is still held back in the queue. One that waits under the same key stands for it."""
    try:
        with transaction.atomic():
            held = database.execute_query_all(query=_RETRY, retry_at=when, **_claim(job))
    except UniqueViolation:
        finish(database, job, Status.ABORTED)
    else:
        if not held:
            _note_late(job)


def forget_defects(database: BaseConnector, job: Job) -> None:
    """Let the next attempt count as the first: the job itself asked to be run again."""
    database.execute_query(query=_FORGET, **_claim(job))


class FencedManager(JobManager):
    """procrastinate's worker writes its results through here."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """End a job that is still held. Rows are kept for a while (`purge`), whatever `delete_job` says."""
        if not await self.connector.execute_query_all_async(
            query=_FINISH, status=status.value, **_claim(job)
        ):
            _note_late(job)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job that is still held back in the queue; our retry strategy changes nothing but the time."""
        try:
            held = await self.connector.execute_query_all_async(
                query=_RETRY, retry_at=retry_at, **_claim(job)
            )
        except UniqueViolation:
            await self.finish_job(job, Status.ABORTED, delete_job=False)
        else:
            if not held:
                _note_late(job)


def _claim(job: Job) -> dict[str, Any]:
    return {"job_id": job.id, "worker_id": job.worker_id}


def _note_late(job: Job) -> None:
    note_late(job.task_name, job.id or 0)
