"""Alarms: one row from the first finding until it is well again; a later finding is another row."""

from django.db import models
from django.db.models import Q

from paygate.alarms.kinds import WHAT_TO_DO, AlarmKind
from paygate.tenants.owned import TenantOwned


class Raised(models.Model):
    """What every alarm says."""

    kind = models.CharField(
        max_length=20
    )  # an `AlarmKind`; without choices, so that a new one needs no migration
    subject = models.CharField(max_length=80)  # what it is about: an invariant, a request id, a terminal
    detail = models.CharField(max_length=500, blank=True)  # ids for whoever looks into it; no card data
    since = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # to the operators, by mail (operations/tell.py)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def what_is_wrong(self) -> str:
        """In the reader's language."""
        return str(AlarmKind(self.kind).label)

    @property
    def what_to_do(self) -> str:
        """In the reader's language."""
        return str(WHAT_TO_DO[AlarmKind(self.kind)])


class Alarm(Raised, TenantOwned):
    """An alarm that concerns one merchant."""

    class Meta(TenantOwned.Meta):
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "subject"],
                condition=Q(cleared_at__isnull=True),
                name="one_open_alarm_per_subject",
            ),
        ]


class OperatorsAlarm(Raised):
    """An alarm that concerns the installation, and no merchant."""

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(cleared_at__isnull=True),
                name="one_open_operators_alarm_per_subject",
            ),
        ]
