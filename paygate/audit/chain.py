"""The chain: each line holds the hash of the one before, so that nobody takes one out or changes one unseen (AU-7).

Lines are chained by a job, in the order in which they were committed, as far as the job sees it; so that no two people
of a merchant wait for one another to write theirs.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from paygate.audit.models import KEPT_MONTHS, AuditLine, Checkpoint
from paygate.tenants.context import across_tenants
from paygate.tenants.sweeping import each_within

TOGETHER: Final = 200  # lines chained in one transaction
CHAINED_WITHIN: Final = timedelta(days=1)  # of being written; a line without a place for longer is a break

log = structlog.get_logger(__name__)


def hash_of(line: AuditLine) -> str:
    """SHA-256 over all that a line says, its place in the chain, and the hash of the line before."""
    said = {
        "id": line.pk,
        "merchant": line.merchant_id,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "by": line.by,
        "person": line.person,
        "action": line.action,
        "subject": line.subject,
        "detail": line.detail,
        "came_from": line.came_from,
        "result": line.result,
        "request_id": line.request_id,
        "place": line.place,
        "previous": line.previous_hash,
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def chain_all() -> int:
    """Chain what was written since, of every merchant; how many merchants had something."""
    with across_tenants():
        waiting = AuditLine.objects.filter(place=None).order_by().values_list("merchant_id").distinct()
        merchants = [(merchant_id, merchant_id) for (merchant_id,) in waiting]
    return each_within(merchants, lambda merchant_id: chain(merchant_id) > 0, what="audit chain")


def chain(merchant_id: int) -> int:
    """Give every waiting line of this merchant its place; how many there were. Of two at once, one does nothing."""
    done = 0
    while True:
        try:
            with transaction.atomic():
                chained = _chain_some(merchant_id)
        except IntegrityError:  # somebody else took these places
            return done
        done += chained
        if chained < TOGETHER:
            return done


def _chain_some(merchant_id: int) -> int:
    place, previous = end_of(merchant_id)
    lines = list(AuditLine.objects.filter(merchant_id=merchant_id, place=None).order_by("pk")[:TOGETHER])
    for line in lines:
        place += 1
        line.place, line.previous_hash = place, previous
        line.hash = previous = hash_of(line)
    AuditLine.objects.bulk_update(lines, ["place", "previous_hash", "hash"], batch_size=100)
    return len(lines)


def end_of(merchant_id: int) -> tuple[int, str]:
    """Place and hash of the last chained line; of the last checkpoint, when nothing newer is kept; else the start."""
    last = AuditLine.objects.filter(merchant_id=merchant_id, place__isnull=False).order_by("-place").first()
    if last is not None and last.place is not None:
        return last.place, last.hash
    checkpoint = Checkpoint.objects.filter(merchant_id=merchant_id).order_by("-place", "-day").first()
    return (checkpoint.place, checkpoint.hash) if checkpoint else (0, "")


def check_points(*, now: datetime) -> int:
    """Once a day: write down where every merchant's chain ends; how many were written."""
    with across_tenants():
        chained = (
            AuditLine.objects.filter(place__isnull=False).order_by().values_list("merchant_id").distinct()
        )
        merchants = [(merchant_id, merchant_id) for (merchant_id,) in chained]
    return each_within(merchants, lambda merchant_id: _check_point(merchant_id, now), what="audit checkpoint")


def _check_point(merchant_id: int, now: datetime) -> bool:
    place, last = end_of(merchant_id)
    _row, new = Checkpoint.objects.get_or_create(
        merchant_id=merchant_id,
        day=now.astimezone(UTC).date(),
        defaults={"at": now, "place": place, "hash": last},
    )
    if new:
        log.info("audit checkpoint", merchant=merchant_id, count=place, checkpoint=last)
    return new


def breaks(merchant_id: int, *, since: Checkpoint | None = None, now: datetime) -> Iterator[str]:
    """What is wrong with this merchant's chain, the first break first; nothing when it is whole.

    Begins where the kept lines begin, or at a checkpoint. After a break it goes on from what stands there, so that one
    changed line is told of once.
    """
    lines = AuditLine.objects.filter(merchant_id=merchant_id, place__isnull=False).order_by("place")
    points = Checkpoint.objects.filter(merchant_id=merchant_id).order_by("place", "day")
    if since is not None:
        lines, points = lines.filter(place__gt=since.place), points.filter(place__gte=since.place)
    marks = {point.place: point for point in points}
    begins = since or _where_kept_lines_begin(lines, marks, kept_since(now))
    place, previous = (begins.place, begins.hash) if begins else (0, "")
    for line in lines.iterator(chunk_size=500):
        assert line.place is not None
        if line.place != place + 1:
            yield f"between line {place} and line {line.place} of the chain, lines are missing"
        elif line.previous_hash != previous:
            yield f"line {line.place} of the chain (row {line.pk}) does not follow the line before"
        if line.hash != hash_of(line):
            yield f"line {line.place} of the chain (row {line.pk}, {line.at:%Y-%m-%d %H:%M} UTC) was changed"
        if line.place in marks and marks[line.place].hash != line.hash:
            yield f"line {line.place} of the chain is not what the checkpoint of {marks[line.place].day} says"
        place, previous = line.place, line.hash
    if marks and max(marks) > place:
        yield f"the chain ends at line {place}, and reached line {max(marks)} on {marks[max(marks)].day}"
    late = AuditLine.objects.filter(
        merchant_id=merchant_id, place=None, at__lt=now - CHAINED_WITHIN
    ).order_by()
    for pk in late.values_list("pk", flat=True)[:1]:
        yield f"row {pk} was written more than a day ago and is not in the chain"


def _where_kept_lines_begin(
    lines: QuerySet[AuditLine], marks: Mapping[int, Checkpoint], kept: datetime
) -> Checkpoint | None:
    """The checkpoint up to which lines went because they were old; None where none went."""
    first = lines.first()
    mark = marks.get((first.place or 0) - 1) if first else None
    return mark if mark is not None and mark.at < kept else None


def kept_since(now: datetime) -> datetime:
    """What is older than 36 months may go: the same time of day then, on a day that every month has."""
    year, month = divmod(now.year * 12 + now.month - 1 - KEPT_MONTHS, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, 28))


def newest_before(merchant_id: int, moment: datetime) -> Checkpoint | None:
    """The last checkpoint written before."""
    return Checkpoint.objects.filter(merchant_id=merchant_id, at__lt=moment).order_by("-day").first()
