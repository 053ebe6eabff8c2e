"""The truth is the domain row, never the job: due rows that no job stands for get one (stack.md 0).

Rooms register a question: which rows are due? Once a minute every question is asked. So a queue that is lost whole
loses nothing but a minute.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice

import structlog
from django.db import transaction

from paygate.clock import now
from paygate.jobs.engine import engine
from paygate.jobs.interface import Json, Task
from paygate.jobs.registry import spelled

Question = Callable[[datetime], Iterable[Mapping[str, Json]]]

TOGETHER = 100  # jobs written in one transaction, so that it stays short

log = structlog.get_logger(__name__)

_questions: list[tuple[Task[...], Question]] = []


def due(task: Task[...]) -> Callable[[Question], Question]:
    """Register a function `(now) -> kwargs of the rows due`, for each of which a job of `task` must exist.

    It is asked with no merchant in context.
    """

    def registered(question: Question) -> Question:
        _questions.append((task, question))
        return question

    return registered


def sweep() -> int:
    """Ask every question; defer what no waiting or running job stands for. How many jobs were missing."""
    moment = now()
    return sum(_ask(task, question, moment) for task, question in _questions)


def _ask(task: Task[...], question: Question, moment: datetime) -> int:
    try:
        wanted = {spelled(kwargs): kwargs for kwargs in question(moment)}
        standing = engine().standing(task.name) if wanted else set()
        missing = iter([(key, kwargs) for key, kwargs in wanted.items() if key not in standing])
        count = 0
        while some := list(islice(missing, TOGETHER)):
            with transaction.atomic():
                for key, kwargs in some:
                    # Two sweeps at once ask for the same row under the same key.
                    task.defer(at=None, unique="sweep:" + hashlib.sha256(key.encode()).hexdigest(), **kwargs)
            count += len(some)
    except Exception as defect:
        # One room's broken question must not leave the other rooms unswept.
        log.error("a sweep failed", job=task.name, cause=type(defect).__name__)
        return 0
    if count:
        log.info("due rows had no job", job=task.name, count=count)
    return count
