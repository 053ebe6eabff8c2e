"""The job process: which due job comes next is chance; a worker that died is found again by the product's own means."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Min, Q

from paygate.jobs import embedded
from paygate.jobs.attempt import perform_periodic
from paygate.jobs.models import Job, JobState
from paygate.journal.models import BookingPeriod, Movement
from paygate.journal.states import MovementState
from paygate.tenants.context import across_tenants
from tests.seeds.world import World

DUTIES: Final = (
    "jobs.sweep",
    "checkout.tie_up_loose_ends",
    "offers.expire_due",
    "cards.wipe_expired",
    "journal.close_due",
    "journal.reconcile_due",
)
EACH_MINUTE: Final = DUTIES[:3]
SETTLED: Final = (MovementState.APPROVED, MovementState.DECLINED, MovementState.NOT_SENT)
LONGEST: Final = 400  # jobs until everything is done; more means that they go round in circles


class Workers:
    """Jobs, one at a time."""

    def __init__(self, world: World) -> None:
        self.world = world

    def run_one(self) -> bool:
        """Some job that is due; False where none is."""
        due = Job.objects.filter(
            Q(state=JobState.QUEUED, due_at__lte=self.world.now)
            | Q(state=JobState.RUNNING, lease_until__lte=self.world.now)
        )
        keys = list(due.order_by("pk").values_list("pk", flat=True))
        if not keys:
            return False
        job = embedded.claim(Job.objects.filter(pk=self.world.chance.choice(keys)))
        if job is None:
            return False  # the same work is being done by another job this moment
        self.world.tell(f"job {job.task}#{job.pk}")
        embedded.run(job)
        return True

    def do_duty(self, name: str = "") -> bool:
        """One of the periodic duties, at whatever time."""
        duty = name or self.world.chance.choice(DUTIES)
        self.world.tell(f"duty {duty}")
        perform_periodic(duty, job_id=0)
        return True

    def lose_queue(self) -> bool:
        """Every job is gone; the rows know what is due."""
        self.world.tell("the queue is lost")
        Job.objects.all().delete()
        return True

    def work_off(self, duties: Sequence[str] = DUTIES) -> None:
        """These duties and all that is due, until nothing is."""
        for duty in (*duties, "audit.chain"):
            self.do_duty(duty)
        for _ in range(LONGEST):
            if not self.run_one():
                return
        raise AssertionError(f"after {LONGEST} jobs there is still work")

    def next_due(self) -> datetime | None:
        """When a job is due next, or a row that a job will be made for; None when nothing is to be done any more."""
        now = self.world.now
        jobs = Job.objects.aggregate(
            queued=Min("due_at", filter=Q(state=JobState.QUEUED)),
            running=Min("lease_until", filter=Q(state=JobState.RUNNING)),
        )
        with across_tenants():
            movements = Movement.objects.filter(review_since=None).aggregate(
                asked=Min("lease_until", filter=Q(state=MovementState.ASKED, lease_until__gt=now)),
                unanswered=Min("next_inquiry_at", filter=~Q(state__in=SETTLED) & Q(next_inquiry_at__gt=now)),
                given_back=Min("look_again_at", filter=Q(look_again_at__gt=now)),
            )
            periods = BookingPeriod.objects.filter(next_try_at__gt=now).aggregate(filed=Min("next_try_at"))
        return min((moment for moment in (jobs | movements | periods).values() if moment), default=None)
