"""Work through rows of many merchants: each within its own merchant, and one's trouble is not the others'."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from paygate.tenants.context import within

log = structlog.get_logger("paygate.tenants")

Key = TypeVar("Key")


def each_within(rows: Iterable[tuple[int, Key]], do: Callable[[Key], bool], *, what: str) -> int:
    """Call `do` with each key, within the merchant beside it. How many it was true for.

    A defect ends neither the sweep nor anybody else's turn: it is logged by its class, and the row is met again at the
    next sweep (safety.md TN-3, TN-8).
    """
    done = 0
    for merchant_id, key in rows:
        try:
            with within(merchant_id):
                done += bool(do(key))
        except Exception as defect:
            log.error("a row was passed over", kind=what, merchant=merchant_id, cause=type(defect).__name__)
    return done
