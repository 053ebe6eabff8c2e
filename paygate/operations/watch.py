"""What somebody must be told of, looked at once a minute: a row of trouble for each (safety.md LG-6).

The truth is in the rows, so what is well again clears its alarm. Broken invariants are looked at once an hour
(tasks.py); what only the acquirer's list shows is raised where it is read (journal/reconcile.py).
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Q

from paygate import clock
from paygate.alarms.kinds import AlarmKind
from paygate.alarms.models import Alarm, OperatorsAlarm
from paygate.alarms.raising import clear, operators_alarms, raise_alarm
from paygate.checkout.models import Attempt
from paygate.checkout.states import AttemptState
from paygate.journal import reversal, unanswered
from paygate.journal.models import BookingPeriod, Entry, Kind, Movement
from paygate.journal.movements import STEPS
from paygate.journal.periods import last_closing_time
from paygate.journal.review import movements_under_review, periods_under_review
from paygate.journal.schedules import ALARM_AFTER
from paygate.journal.states import EntryState, PeriodState
from paygate.mail.models import Mail
from paygate.mail.states import MailState
from paygate.tenants.context import across_tenants
from paygate.webhooks.delivery import PATIENCE
from paygate.webhooks.models import Delivery
from paygate.webhooks.states import DeliveryState

WATCHED: Final = (
    AlarmKind.REVIEW,
    AlarmKind.GIVE_BACK,
    AlarmKind.BATCH,
    AlarmKind.MISSING,
    AlarmKind.DECLINES,
    AlarmKind.REPAIR,
    AlarmKind.MAIL,
    AlarmKind.CALLS,
    AlarmKind.DISK,
    AlarmKind.CLOCK,
)
REPAIR_IDLE: Final = timedelta(minutes=5)
BATCH_LATE: Final = timedelta(minutes=15)  # the timer runs once a minute
BATCH_UNANSWERED: Final = timedelta(hours=1)
MAIL_WAITS: Final = timedelta(hours=1)
CALL_WAITS: Final = timedelta(minutes=15)
CONTRADICTION_TOLD: Final = timedelta(days=7)  # it is no state that could become well again
ENOUGH_PAYMENTS: Final = 20  # within an hour, to speak of a rate
USUAL_DAYS: Final = 7
CLOCKS_APART: Final = 2.0  # seconds (TM-3)
DISK_FREE: Final = 10  # per cent


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing to be told: to a merchant, or with None to the operators."""

    kind: AlarmKind
    subject: str
    merchant_id: int | None = None
    detail: str = ""


def look(*, now: datetime) -> None:
    """Raise what is wrong now, and clear what is well again."""
    with across_tenants():
        found = list(troubles(now=now))
        told_long = Q(kind=AlarmKind.CONTRADICTION, last_seen_at__lte=now - CONTRADICTION_TOLD)
        opened: list[Alarm | OperatorsAlarm] = [
            *Alarm.objects.filter(Q(kind__in=WATCHED) | told_long, cleared_at=None),
            *(alarm for alarm in operators_alarms() if alarm.kind in WATCHED),
        ]
    for one in found:
        raise_alarm(one.kind, one.subject, merchant_id=one.merchant_id, now=now, detail=one.detail)
    standing = {(one.kind.value, one.subject, one.merchant_id) for one in found}
    for alarm in opened:
        merchant_id = getattr(alarm, "merchant_id", None)
        if (alarm.kind, alarm.subject, merchant_id) not in standing:
            clear(AlarmKind(alarm.kind), alarm.subject, merchant_id=merchant_id, now=now)


def troubles(*, now: datetime) -> Iterator[Trouble]:
    """All that is wrong, of all merchants."""
    yield from _reviews()
    yield from _give_backs()
    yield from _batches(now)
    yield from _missing()
    yield from _declines(now)
    yield from _repair(now)
    yield from _letters(now)
    yield from _calls(now)
    yield from _machine()


def _reviews() -> Iterator[Trouble]:
    """One alarm for each merchant, however much there is to decide."""
    cases = [
        *movements_under_review().order_by("merchant_id", "pk").values_list("merchant_id", "request_id"),
        *((period.merchant_id, _name(period)) for period in periods_under_review()),
    ]
    for merchant_id in dict.fromkeys(merchant_id for merchant_id, _ in cases):
        names = [name for owner, name in cases if owner == merchant_id]
        yield Trouble(AlarmKind.REVIEW, "REVIEW", merchant_id, f"{len(names)}: {', '.join(names)}")


def _give_backs() -> Iterator[Trouble]:
    """Tried as often as is normal, and in vain (OC-8)."""
    rows = Movement.objects.filter(
        kind=Kind.REVERSE, settled_at=None, review_since=None, inquiries__gte=ALARM_AFTER
    )
    for request_id, tries, merchant_id in rows.values_list("about__request_id", "inquiries", "merchant_id"):
        yield Trouble(AlarmKind.GIVE_BACK, request_id, merchant_id, f"{tries} tries")


def _batches(now: datetime) -> Iterator[Trouble]:
    """Refused, not acknowledged for an hour, or still open although its closing time is over."""
    overdue = Q(
        state=PeriodState.OPEN,
        terminal__automatic_closing=True,
        business_day_from__lt=last_closing_time(now - BATCH_LATE),
        lines__isnull=False,
    )
    unanswered_for_long = Q(state=PeriodState.CLOSING, closed_at__lte=now - BATCH_UNANSWERED)
    rows = BookingPeriod.objects.filter(overdue | unanswered_for_long | Q(state=PeriodState.REFUSED))
    for period in rows.select_related("terminal").distinct():
        yield Trouble(AlarmKind.BATCH, _name(period), period.merchant_id, period.state)


def _name(period: BookingPeriod) -> str:
    return f"{period.terminal.number}-{period.number}"


def _missing() -> Iterator[Trouble]:
    """Reserved here and unknown there (OC-12): until an inquiry finds it, nobody books it."""
    held_back = Entry.objects.filter(held_back_since__isnull=False, state=EntryState.AUTHORIZED)
    for transaction_id, merchant_id in held_back.values_list("transaction_id", "merchant_id"):
        yield Trouble(AlarmKind.MISSING, transaction_id, merchant_id)


def _declines(now: datetime) -> Iterator[Trouble]:
    """Of the last hour's payments more than half are declined, and twice the share of the last week."""
    lately = _declined_of(now - timedelta(hours=1))
    busy = {merchant for merchant, (_, all_) in lately.items() if all_ >= ENOUGH_PAYMENTS}
    usually = (
        _declined_of(now - timedelta(days=USUAL_DAYS), but_after=now - timedelta(hours=1)) if busy else {}
    )
    for merchant_id in busy:
        declined, all_ = lately[merchant_id]
        before, of = usually.get(merchant_id, (0, 0))
        if 2 * declined > all_ and declined * of >= 2 * before * all_:
            yield Trouble(AlarmKind.DECLINES, "declines", merchant_id, f"{declined} of {all_} within an hour")


def _declined_of(since: datetime, *, but_after: datetime | None = None) -> dict[int, tuple[int, int]]:
    """How many payments ended as declined since then, of how many that were answered, by merchant."""
    ended = Attempt.objects.filter(state__in=[AttemptState.DECLINED, AttemptState.PAID], ended_at__gt=since)
    if but_after:
        ended = ended.filter(ended_at__lte=but_after)
    rows = (
        ended.order_by()
        .values("merchant_id")
        .annotate(declined=Count("pk", filter=Q(state=AttemptState.DECLINED)), all=Count("pk"))
    )
    return {row["merchant_id"]: (row["declined"], row["all"]) for row in rows}


def _repair(now: datetime) -> Iterator[Trouble]:
    """Something was to be asked five minutes ago, and nobody asked."""
    since = now - REPAIR_IDLE
    idle = (
        unanswered.due(Kind.AUTHORIZE, *STEPS, Kind.REFUND, now=since).count()
        + reversal.due(now=since).count()
        + BookingPeriod.objects.filter(state=PeriodState.CLOSING, next_try_at__lte=since).count()
    )
    if idle:
        yield Trouble(AlarmKind.REPAIR, "repair", detail=f"{idle} questions are overdue")


def _letters(now: datetime) -> Iterator[Trouble]:
    count = Mail.objects.filter(state=MailState.QUEUED, queued_at__lte=now - MAIL_WAITS).count()
    if count:
        yield Trouble(AlarmKind.MAIL, "mail queue", detail=f"{count} letters")


def _calls(now: datetime) -> Iterator[Trouble]:
    """Calls that a merchant's server has not taken, since they were made or asked for again; by server."""
    begun = now - CALL_WAITS
    waiting = Delivery.objects.filter(state=DeliveryState.QUEUED, give_up_at__lte=begun + PATIENCE)
    counted = waiting.order_by().values_list("merchant_id", "target").annotate(calls=Count("pk"))
    for merchant_id, target, calls in counted.order_by("merchant_id", "target"):
        yield Trouble(AlarmKind.CALLS, target[:80], merchant_id, f"{calls} calls")


def _machine() -> Iterator[Trouble]:
    usage = shutil.disk_usage(settings.PAYGATE_DATA)
    if usage.free * 100 < usage.total * DISK_FREE:
        yield Trouble(AlarmKind.DISK, "disk", detail=f"{usage.free // 2**20} MB free")
    if seconds_apart() > CLOCKS_APART:
        yield Trouble(AlarmKind.CLOCK, "clock", detail=f"{seconds_apart():.0f} s apart")


def seconds_apart() -> float:
    """How far this machine's clock is from the database's (safety.md TM-3)."""
    return abs((clock.now() - clock.offset() - datetime.now(UTC)).total_seconds())
