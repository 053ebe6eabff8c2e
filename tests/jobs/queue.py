"""What the stories need to do to a queue behind its back: lose it, and lose a worker."""

from datetime import timedelta

from django.db import connection

from paygate.clock import now
from paygate.jobs.models import Job


def lose_all_jobs() -> None:
    """The whole queue is gone."""
    Job.objects.all().delete()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Not TRUNCATE: it would wait for every transaction that ever looked at the queue.
            cursor.execute("DELETE FROM procrastinate_periodic_defers")
            cursor.execute("DELETE FROM procrastinate_jobs")
            cursor.execute("DELETE FROM procrastinate_workers")


def lose_all_workers() -> None:
    """No worker has been heard of for longer than a lease."""
    long_ago = now() - timedelta(hours=1)
    Job.objects.filter(state="RUNNING").update(lease_until=long_ago)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = %s", [long_ago])


def spend_tries(tries: int) -> None:
    """Every job has failed so often."""
    Job.objects.all().update(tries=tries)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET attempts = %s", [tries])
