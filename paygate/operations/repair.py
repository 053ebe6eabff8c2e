"""What `paygate repair --once` and `paygate outbox --once` do: what is due, now, in this process (safety.md TE-4)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import structlog

from paygate import clock
from paygate.checkout import giving_back, loose_ends
from paygate.checkout import tasks as checkout
from paygate.jobs.interface import Json, Task, TryAgainAt
from paygate.journal import tasks as journal
from paygate.mail import tasks as mail
from paygate.tenants.context import across_tenants
from paygate.webhooks import tasks as webhooks

log = structlog.get_logger("paygate.operations")

Duty = tuple[str, Task[...], Callable[[datetime], Iterable[Mapping[str, Json]]]]

REPAIRS: tuple[Duty, ...] = (
    ("authorizations asked about", checkout.find_out, checkout.unanswered_due),
    ("bookings and cancellations asked about", journal.ask_again, journal.unanswered_due),
    ("give-backs put", giving_back.give_back, giving_back.give_backs_due),
    ("automatic bookings", journal.capture_now, journal.captures_due),
    ("batches filed", journal.submit_period, journal.periods_due),
)
OUTBOX: tuple[Duty, ...] = (
    ("letters tried", mail.deliver_mail, mail.mails_due),
    ("calls tried", webhooks.deliver_call, webhooks.calls_due),
)


def repair() -> dict[str, int]:
    """Everything unanswered that is due, and payers who left. How many of each, and how many failed."""
    done = _each(REPAIRS)
    now = clock.now()
    with across_tenants():
        done["payers who left"] = loose_ends.give_up_left_behind(now=now) + loose_ends.expire_sessions(
            now=now
        )
    return done


def outbox() -> dict[str, int]:
    """Every letter and every call whose time has come."""
    return _each(OUTBOX)


def _each(duties: Iterable[Duty]) -> dict[str, int]:
    """One try for each due row, whether or not a job stands for it; the rows decide what is done twice: nothing."""
    done: dict[str, int] = {"failed": 0}
    for what, task, due in duties:
        rows = list(due(clock.now()))
        done[what] = len(rows)
        for arguments in rows:
            try:
                task.function(**arguments)
            except TryAgainAt:
                pass  # it has its next time already
            except Exception as defect:
                done["failed"] += 1
                log.error("a repair failed", job=task.name, cause=type(defect).__name__)
    return done
