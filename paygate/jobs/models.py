"""The table of jobs of the embedded engine; on PostgreSQL it stays empty."""

from django.db import models
from django.db.models import Q


class JobState(models.TextChoices):
    """The life of a job."""

    QUEUED = "QUEUED"  # waits for its time
    RUNNING = "RUNNING"  # a worker has it, until the lease ends
    DONE = "DONE"
    FAILED = "FAILED"  # given up after many tries, or a periodic run that failed


class Job(models.Model):
    """One function to be run later. Belongs to no merchant: its arguments name one where there is one."""

    task = models.CharField(max_length=80)
    kwargs = models.JSONField(default=dict)
    unique_key = models.TextField(
        blank=True
    )  # at most one waiting job of a task with this key; empty for none
    slot = models.DateTimeField(null=True)  # the time slot of a periodic run
    due_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=JobState.choices, default=JobState.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)  # defects in a row
    lease_token = models.UUIDField(null=True)  # new with each run; results under an old one are refused
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True)  # class name only

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="job_due"),
            models.Index(fields=["task", "state"], name="job_standing"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state"),
            models.UniqueConstraint(
                fields=["task", "unique_key"],
                condition=Q(state=JobState.QUEUED.value) & ~Q(unique_key=""),
                name="job_waits_once",
            ),
            models.UniqueConstraint(fields=["task", "slot"], name="job_once_a_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.task}#{self.pk}: {self.state}"
