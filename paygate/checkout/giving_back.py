"""The job that gives back what must not be kept, and what follows once it is given back (safety.md OC-7, OC-8)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from paygate import clock
from paygate.checkout.ending import free_voided, locked
from paygate.checkout.letters import not_paid_after_all, queue_letters
from paygate.checkout.models import Attempt
from paygate.checkout.states import MONEY_ASKED, AttemptState
from paygate.checkpoints import reached
from paygate.jobs.interface import TryAgainAt, task
from paygate.jobs.sweep import due
from paygate.journal import reversal
from paygate.journal.models import Entry, Movement
from paygate.journal.settling import settle
from paygate.journal.states import EntryState
from paygate.merchants.reach import SYSTEM
from paygate.offers.models import Offer
from paygate.tenants.context import across_tenants, within


@task("checkout.give_back")
def give_back(*, merchant_id: int, movement_id: int) -> None:
    """Put one give-back until it is acknowledged, and look after it."""
    with within(merchant_id):
        again = put(movement_id, now=clock.now())
        if again:
            raise TryAgainAt(again)


@due(give_back)
def give_backs_due(now: datetime) -> Iterable[dict[str, int]]:
    """Give-backs that wait for their time, whoever asked for them."""
    with across_tenants():
        rows = list(reversal.due(now=now).values_list("pk", "merchant_id")[:500])
    return [{"merchant_id": merchant_id, "movement_id": pk} for pk, merchant_id in rows]


def soon(question: Movement) -> None:
    """In the caller's transaction: the job begins as soon as that is committed."""
    give_back.defer(
        merchant_id=question.merchant_id, movement_id=question.pk, unique=f"movement {question.pk}"
    )


def put(movement_id: int, *, now: datetime) -> datetime | None:
    """Try once, or look once, and write down what came of it. When to come back; None when nothing is left to do."""
    reached("reversal.prepared")
    answer = reversal.put(movement_id, now=now)
    if answer is not None:
        _write_down(movement_id, lambda movement: settle(movement, answer, now=now, by=SYSTEM), now=now)
        reached("reversal.committed")
    else:
        seen = reversal.look(movement_id, now=now)
        if seen is not None:
            _write_down(movement_id, lambda movement: reversal.note_look(movement, seen, now=now), now=now)
    movement = Movement.objects.get(pk=movement_id)
    return movement.look_again_at if movement.settled_at else movement.next_inquiry_at


def _write_down(movement_id: int, write: Callable[[Movement], object], *, now: datetime) -> None:
    movement = Movement.objects.get(pk=movement_id)
    attempt = Attempt.objects.select_related("session").filter(entry=movement.entry_id).first()
    if attempt is None:
        with transaction.atomic(durable=True):
            write(movement)
    else:
        with locked(attempt) as (attempt, offer), following(attempt, offer, now=now, by=SYSTEM):
            write(movement)


@contextmanager
def following(attempt: Attempt, offer: Offer | None, *, now: datetime, by: str) -> Iterator[None]:
    """Inside the caller's transaction and locks: what follows if the block ends the payment with nothing kept."""
    assert attempt.entry is not None, "what is given back was asked for"
    before = attempt.entry.state
    yield
    entry = Entry.objects.get(pk=attempt.entry.pk)
    if (before, entry.state) != (EntryState.PENDING, EntryState.CANCELED):
        return
    if attempt.state in MONEY_ASKED:
        free_voided(attempt, offer, because="given back", now=now, by=by)
    if attempt.state == AttemptState.VOIDED:
        # The message that the page promised (OC-11).
        queue_letters(not_paid_after_all, attempt=attempt, entry=entry, now=now)
