"""Batch close (behaviour.md L)."""

from paygate.api.authentication import Caller
from paygate.api.payment.call import Task
from paygate.api.wire.follow_up import BatchCloseRequest, BatchCloseResponse
from paygate.journal.batch_close import close_batch
from paygate.journal.models import BookingPeriod
from paygate.journal.states import PeriodState


def close(caller: Caller, asked: BatchCloseRequest, task: Task) -> BatchCloseResponse:
    """Hand the terminal's booked payments to the acquirer now.

    Where the terminal closes by itself every evening there is nothing to do, and that is no error (behaviour.md L-5).
    """
    terminal = caller.terminal(asked.terminal_id)
    period = BookingPeriod.objects.filter(terminal=terminal, state=PeriodState.OPEN).first()
    named = f"period:{period.pk}" if period else "nothing"
    if not terminal.automatic_closing and period and task.errand.about in ("", named):
        task.errand.note(named)  # a repeat closes this one and no later one
        close_batch(terminal, by=caller.actor, now=task.now)
    return BatchCloseResponse(response_header=task.header)
