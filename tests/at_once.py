"""Several things at the same moment, each in a thread with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from paygate.tenants.context import current, within

Outcome = Any  # what it gave, or the exception it raised


def at_once(*things: Callable[[], Any]) -> list[Outcome]:
    """Do all of them at once, for the merchant in context; what each one gave or raised, in their order."""
    merchant_id, start = current(), Barrier(len(things))
    assert merchant_id is not None, "the threads see the rows of the merchant in context"

    def one(thing: Callable[[], Any]) -> Outcome:
        try:
            with within(merchant_id):
                start.wait(timeout=20)
                return thing()
        except Exception as raised:
            return raised
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(things)) as threads:
        return list(threads.map(one, things))


def refused(outcomes: list[Outcome], refusal: type[Exception] | tuple[type[Exception], ...]) -> int:
    """How many were refused like this. Any other exception is a defect and is raised here."""
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, refusal):
            raise outcome
    return sum(isinstance(outcome, refusal) for outcome in outcomes)
