"""Give-backs for stories: how they come to be, are put, answered and looked after."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from paygate.acquiring.connector import (
    Answer,
    Approved,
    Echo,
    Operation,
)
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.journal import reversal
from paygate.journal.capture import capture
from paygate.journal.models import Kind, Movement
from paygate.journal.movements import give_back, lock
from paygate.journal.settling import settle
from paygate.merchants.reach import SYSTEM
from tests.make.books import NOON, the_movement
from tests.make.journal import reservation
from tests.make.money import chf

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
LATE_ENOUGH = NOON + MINUTE  # twice the read time-out after sending


def unanswered_reservation(anna, mode: str = "drop_after_commit", **other: Any) -> Movement:
    """A reservation at noon whose answer never came."""
    set_fault("AUTH", mode)
    return the_movement(reservation(anna.terminal, chf(100), now=NOON, **other), Kind.AUTHORIZE)


def unanswered_booking(anna, mode: str = "drop_after_commit") -> Movement:
    """A booking at noon whose answer never came."""
    entry = reservation(anna.terminal, chf(100), now=NOON)
    set_fault("CAPTURE", mode)
    return capture(entry.pk, by=anna.actor, now=NOON)


def given_back(movement: Movement, *, now: datetime = NOON) -> Movement:
    """Its giving back is asked for."""
    with transaction.atomic():
        lock(movement.entry_id)
        return give_back(movement, because="nobody waits for it", by="system", now=now)


def put(question: Movement, *, now: datetime) -> Movement:
    """Asked of the acquirer if it is due, and what came of it; the give-back as it stands then."""
    answer = reversal.put(question.pk, now=now)
    if answer is not None:
        told(question, answer, now=now)
    return now_is(question)


def look_again(question_id: int, *, now: datetime) -> None:
    """The acquirer is asked about it if it is due, and what it said is written down."""
    seen = reversal.look(question_id, now=now)
    if seen is not None:
        with transaction.atomic():
            reversal.note_look(Movement.objects.get(pk=question_id), seen, now=now)


def told(movement: Movement, answer: Any, *, now: datetime = NOON) -> Movement:
    """This answer is written down."""
    with transaction.atomic():
        return settle(movement, answer, now=now, by=SYSTEM)


def now_is(movement: Movement) -> Movement:
    """As it stands now."""
    return Movement.objects.get(pk=movement.pk)


def approved(movement: Movement) -> Answer:
    """The acquirer says that it was done."""
    echo = Echo(movement.request_id, movement.entry.terminal.number, movement.amount, Operation.AUTHORIZE)
    return Approved("A-1", movement.amount, echo, "123456")


def give_backs(movement: Movement) -> list[Movement]:
    """All of one movement, oldest first."""
    return list(Movement.objects.filter(about=movement).order_by("pk"))


def the_question_arrives_late(movement: Movement, **other: Any) -> None:
    """The acquirer forgot what it gave back, and takes the old question for a new one."""
    record: dict[str, Any] = {
        "request_id": movement.request_id,
        "op": "AUTH",
        "terminal": movement.entry.terminal.number,
        "amount": movement.amount_minor,
        "currency": movement.currency,
        "reference": "late",
        "code": "00",
        "at": "2026-11-23T12:00:00+00:00",
        "approved": movement.amount_minor,
        "approval_code": "LATE",
        "method": "VISA",
    }
    with ledger.opened() as book:
        book.write(ledger.Record(**record | other))
