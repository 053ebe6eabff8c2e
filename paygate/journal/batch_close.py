"""Close a period and submit it to the acquirer (safety.md 2.4, BA-1 to BA-4).

By timer, by hand and by command it is the same function. Freezing decides in one transaction what the batch contains
and opens the next period; submitting asks the acquirer with the same number and the same bytes, as often as needed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from paygate import tokens
from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import (
    BatchAccepted,
    BatchAnswer,
    BatchLine,
    BatchRefused,
    BatchRequest,
    NotSent,
    Unknown,
    batch_request,
)
from paygate.acquiring.registry import connector_for
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.checkpoints import reached
from paygate.journal.models import BookingPeriod, Kind
from paygate.journal.movements import INSTANCE, LEASE
from paygate.journal.periods import begin_period, last_closing_time
from paygate.journal.states import PERIOD_LIFE, PeriodState
from paygate.journal.unanswered import OPERATIONS
from paygate.lifecycle.moves import MoveRefused
from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission

log = structlog.get_logger("paygate.journal")

TRY_AGAIN_AFTER: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 3600))


class PeriodChanged(AssertionError):
    """A frozen period no longer adds up to what it was frozen with: nothing is sent (safety.md LK-10)."""


def close_batch(terminal: Terminal, *, by: Actor, now: datetime) -> BookingPeriod | None:
    """Freeze the terminal's open period and submit it. An empty one is not sent: the answer is None."""
    by.require(Permission.CLOSE_BATCH)
    period = freeze(terminal, by=by.name, by_hand=True, now=now)
    return submit(period.pk, now=now) if period else None


def freeze(
    terminal: Terminal, *, by: str, now: datetime, due_since: datetime | None = None, by_hand: bool = False
) -> BookingPeriod | None:
    """Fix what the batch contains, and open the next period. Of two at once, the second finds an empty period.

    With `due_since` only a period whose business day began before it is closed: so the timer closes once a day.
    """
    with transaction.atomic(durable=True):
        periods = BookingPeriod.objects.select_for_update().filter(terminal=terminal, state=PeriodState.OPEN)
        period = periods.filter(Q(business_day_from__lt=due_since) if due_since else Q()).first()
        if period is None:
            return None
        if not period.lines.exists():
            if due_since:
                BookingPeriod.objects.filter(pk=period.pk).update(business_day_from=due_since)
            return None
        request = request_for(period, request_id=tokens.own_reference(INSTANCE))
        PERIOD_LIFE.move(
            period,
            PeriodState.CLOSING,
            by=by,
            cause="closed",
            now=now,
            closed_at=now,
            request_id=request.request_id,
            line_count=len(request.lines),
            totals=dict(request.totals),
            content_hash=request.content_hash,
            next_try_at=now,
        )
        begin_period(terminal, number=period.number + 1, now=now)
        if by_hand:
            detail = {"bookings": period.line_count, "totals": period.totals}
            _put_down(Action.BATCH_CLOSED, period, terminal, detail, by=by, now=now)
    reached("batch.frozen")
    return period


def _put_down(
    action: Action,
    period: BookingPeriod,
    terminal: Terminal,
    detail: Mapping[str, object],
    *,
    by: str,
    now: datetime,
) -> None:
    record(
        action,
        merchant_id=period.merchant_id,
        by=by,
        subject=f"batch:{terminal.number}/{period.number}",
        detail=detail,
        now=now,
    )


def submit(period_id: int, *, now: datetime) -> BookingPeriod:
    """File a frozen period. Safe to call again: same number, same bytes (safety.md BA-2)."""
    with transaction.atomic(durable=True):
        period = BookingPeriod.objects.select_for_update().select_related("terminal").get(pk=period_id)
        if period.state != PeriodState.CLOSING or (period.next_try_at and period.next_try_at > now):
            return period
        request = request_for(period, request_id=period.request_id)
        if request.content_hash != period.content_hash:
            raise PeriodChanged(f"period {period.pk}")
        BookingPeriod.objects.filter(pk=period.pk).update(
            sent_at=period.sent_at or now, next_try_at=now + LEASE, tries=period.tries + 1
        )
    contract = period.lines.select_related("entry__contract__terminal")[0].entry.contract
    reached("batch.marked_sent")
    answer = connector_for(contract).submit_batch(request)
    reached("batch.reply_read")
    with transaction.atomic(durable=True):
        period = BookingPeriod.objects.select_for_update().get(pk=period_id)
        if period.state == PeriodState.CLOSING:
            _note(period, answer, now=now)
    reached("batch.acknowledged")
    return period


def file_again(period_id: int, *, by: Actor, now: datetime) -> BookingPeriod:
    """A new try of a batch that the acquirer refused: same number, same lines, under a new request id (2.4).

    Raises `MoveRefused` for any other period, and for one that a person must look at first (BA-3).
    """
    by.require(Permission.CLOSE_BATCH)
    with transaction.atomic(durable=True):
        period = BookingPeriod.objects.select_for_update().get(pk=period_id)
        if period.state != PeriodState.REFUSED:
            raise MoveRefused(_("Only a batch that the acquirer refused can be filed again."))
        if period.review_since is not None:
            raise MoveRefused(
                _("The acquirer has another batch of this number. Your provider must look at it first.")
            )
        PERIOD_LIFE.move(
            period,
            PeriodState.CLOSING,
            by=by.name,
            cause="filed again",
            now=now,
            request_id=tokens.own_reference(INSTANCE),
            refused_because="",
            answered_at=None,
            sent_at=None,
            next_try_at=now,
            tries=0,
        )
        _put_down(Action.BATCH_FILED_AGAIN, period, period.terminal, {}, by=by.name, now=now)
    return submit(period_id, now=now)


def accept_as_filed(period_id: int, *, happened: bool, by: Actor, now: datetime) -> None:
    """What two people decided about a contradicted batch, in the caller's transaction (safety.md BA-3, AU-5).

    `happened`: the acquirer has our batch after all. Else it may be filed again.
    """
    period = BookingPeriod.objects.select_for_update().get(pk=period_id)
    BookingPeriod.objects.filter(pk=period.pk).update(review_since=None)
    if not happened:
        return
    for state, cause in ((PeriodState.CLOSING, "decided"), (PeriodState.CLOSED, "the acquirer has it")):
        PERIOD_LIFE.move(period, state, by=by.name, cause=cause, now=now, answered_at=now, refused_because="")


def close_due(terminal: Terminal, *, now: datetime) -> None:
    """Close what the timer says is due, and file it."""
    period = freeze_due(terminal, now=now)
    if period:
        submit(period.pk, now=now)


def freeze_due(terminal: Terminal, *, now: datetime) -> BookingPeriod | None:
    """The timer: at 22:00 in Zurich, once a day, for terminals that close by themselves. The frozen period, if any."""
    moment = last_closing_time(now)
    if BookingPeriod.objects.filter(
        terminal=terminal, state=PeriodState.OPEN, business_day_from__lt=moment
    ).exists():
        return freeze(terminal, by="system", now=now, due_since=moment)
    return None


def request_for(period: BookingPeriod, *, request_id: str) -> BatchRequest:
    """The batch as the acquirer gets it, rebuilt from the books: the same lines are the same bytes."""
    lines = list(period.lines.select_related("entry__contract__terminal").order_by("pk"))
    # LK-10; docs/decisions/0009. `paygate check` tells of it before.
    assert len({line.entry.contract.acquirer_merchant_id for line in lines}) == 1, (
        "a batch goes to one acquirer"
    )
    return batch_request(
        request_id=request_id,
        terminal=terminal_ref(lines[0].entry.contract),
        number=period.number,
        lines=[BatchLine(line.request_id, OPERATIONS[Kind(line.kind)], line.amount) for line in lines],
    )


def _note(period: BookingPeriod, answer: BatchAnswer, *, now: datetime) -> None:
    match answer:
        case BatchAccepted():
            PERIOD_LIFE.move(
                period,
                PeriodState.CLOSED,
                by="system",
                cause="duplicate" if answer.duplicate else "acknowledged",
                now=now,
                answered_at=now,
                next_try_at=None,
                acquirer_reference=answer.reference,
            )
        case BatchRefused():
            PERIOD_LIFE.move(
                period,
                PeriodState.REFUSED,
                by="system",
                cause=answer.cause,
                now=now,
                answered_at=now,
                next_try_at=None,
                refused_because=answer.cause,
                review_since=now if answer.contradicts else None,
            )
            log.error("batch refused", period=period.pk, cause=answer.cause)
        case Unknown() | NotSent():
            wait = TRY_AGAIN_AFTER[min(period.tries, len(TRY_AGAIN_AFTER)) - 1]
            BookingPeriod.objects.filter(pk=period.pk).update(next_try_at=now + wait)
            log.warning("batch not acknowledged", period=period.pk, cause=answer.cause)
