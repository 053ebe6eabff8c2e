"""Jobs: check a file, create its offers, send their letters; forget what nobody confirmed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from time import monotonic
from typing import Final
from uuid import UUID

import structlog
from django.db.models import Q

from paygate.clock import now
from paygate.jobs.interface import Json, TryAgainAt, every, task
from paygate.jobs.sweep import due
from paygate.tenants.context import across_tenants, within
from paygate.uploads.check import check_some
from paygate.uploads.create import create_some
from paygate.uploads.forget import forget_old
from paygate.uploads.letters import send_some
from paygate.uploads.models import Upload
from paygate.uploads.states import UploadState

# A job works for so long and then lets others have their turn; it goes on where it was (safety.md LK-5).
TURN_SECONDS: Final = 5

log = structlog.get_logger(__name__)


def _a_turn() -> Callable[[], bool]:
    end = monotonic() + TURN_SECONDS
    return lambda: monotonic() < end


@task("uploads.check")
def check_upload(*, merchant_id: int, upload_id: str) -> None:
    """Check the rows of a file that was read."""
    with within(merchant_id):
        more = check_some(UUID(upload_id), now=now(), go_on=_a_turn())
    if more:
        raise TryAgainAt(now())


@task("uploads.send_letters")
def send_letters(*, merchant_id: int, upload_id: str) -> None:
    """Send the next letters of an upload, and come back for the others."""
    with within(merchant_id):
        again = send_some(UUID(upload_id), now=now())
    if again is not None:
        raise TryAgainAt(again)


@task("uploads.create")
def create_upload(*, merchant_id: int, upload_id: str) -> None:
    """Create the offers that somebody confirmed; their letters begin to go out meanwhile."""
    with within(merchant_id):
        more = create_some(UUID(upload_id), now=now(), go_on=_a_turn())
        if Upload.objects.filter(pk=upload_id).exclude(letters_due_at=None).exists():
            send_letters.defer(unique=f"upload:{upload_id}", merchant_id=merchant_id, upload_id=upload_id)
    if more:
        raise TryAgainAt(now())


def _uploads(which: Q) -> Iterable[Mapping[str, Json]]:
    with across_tenants():
        found = Upload.objects.filter(which).values_list("merchant_id", "pk")
        return [{"merchant_id": merchant_id, "upload_id": str(pk)} for merchant_id, pk in found]


@due(check_upload)
def to_check(moment: datetime) -> Iterable[Mapping[str, Json]]:
    """Files that are being checked."""
    return _uploads(Q(state=UploadState.CHECKING))


@due(create_upload)
def to_create(moment: datetime) -> Iterable[Mapping[str, Json]]:
    """Uploads that were confirmed and are not created whole."""
    return _uploads(Q(state=UploadState.CREATING))


@due(send_letters)
def with_letters(moment: datetime) -> Iterable[Mapping[str, Json]]:
    """Uploads whose next letters are due."""
    return _uploads(Q(letters_due_at__lte=moment, letters_paused_at=None))


@every(minutes=1440, name="uploads.forget")
def forget() -> None:
    """Once a day: what nobody confirmed within a week, and the rows of uploads long ago."""
    with across_tenants():
        count = forget_old(now=now())
    if count:
        log.info("old uploads were removed", count=count)
