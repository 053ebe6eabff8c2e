"""Named points in the code at which a test can end the process, as a power cut would (safety.md TE-2).

`PAYGATE_CRASH_AT=auth.marked_sent` kills it there with SIGKILL; with `:3` behind the name, the third time. Production
refuses to start with the variable set.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Final

from django.conf import settings

CHECKPOINTS: Final = frozenset(
    {
        "offer.saved",
        "attempt.created",
        "3ds.areq_sent",
        "3ds.ares_stored",
        "3ds.rreq_stored",
        "3ds.decided",
        *(
            f"{step}.{point}"
            for step in ("auth", "capture", "cancel", "refund", "reversal")
            for point in ("prepared", "marked_sent", "reply_read", "committed")
        ),
        "batch.frozen",
        "batch.marked_sent",
        "batch.reply_read",
        "batch.acknowledged",
        "outbox.claimed",
        "outbox.delivered",
        "mail.claimed",
        "mail.accepted",
        "bulk.batch_written",
        "bulk.row_done",
    }
)

_times: Counter[str] = Counter()

# What a simulation in one process does instead of dying: it raises.
hook: Callable[[str], None] | None = None


def reached(name: str) -> None:
    """The process got as far as this. Nothing happens, unless a test asked for the end here."""
    assert name in CHECKPOINTS, f"no checkpoint is named {name}"
    if hook is not None:
        hook(name)
    wanted, _, which = settings.PAYGATE_CRASH_AT.partition(":")
    if wanted != name:
        return
    _times[name] += 1
    if _times[name] == int(which or 1):
        os.kill(os.getpid(), signal.SIGKILL)
