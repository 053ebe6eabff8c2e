"""A pretend room with a few jobs, and a way to let time pass."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Lock

import pytest
from django.db import connections

from paygate.jobs import interface, registry
from paygate.jobs.sweep import _questions
from tests.jobs.queue import lose_all_jobs


class Room:
    """A room whose jobs only note that they ran, and do what the story makes them do."""

    def __init__(self) -> None:
        self.ran: list[int] = []
        self.then: Callable[[int], None] = lambda row_id: None
        self.slots = 0
        self._lock = Lock()

    def note(self, row_id: int) -> None:
        with self._lock:
            self.ran.append(row_id)
        self.then(row_id)

    def tick(self) -> None:
        with self._lock:
            self.slots += 1


@pytest.fixture
def room(transactional_db) -> Iterator[Room]:
    """The pretend room; what it made is gone after the story."""
    lose_all_jobs()
    tasks, periodic, questions = dict(registry.TASKS), dict(registry.PERIODIC), list(_questions)
    registry.PERIODIC.clear()
    _questions.clear()
    yield Room()
    for table, before in ((registry.TASKS, tasks), (registry.PERIODIC, periodic)):
        table.clear()
        table.update(before)  # type: ignore[arg-type]  # each gets back what was its own
    _questions[:] = questions
    lose_all_jobs()


@pytest.fixture
def work(room) -> interface.Task[...]:
    """The room's task, with the id of one of its rows."""

    @interface.task("pretend.work")
    def work(*, row_id: int) -> None:
        room.note(row_id)

    return work


@pytest.fixture
def let_pass(settings) -> Callable[[timedelta], None]:
    """Let time pass, by the application's clock."""
    passed = timedelta()

    def let_pass(more: timedelta) -> None:
        nonlocal passed
        passed += more
        settings.PAYGATE_CLOCK_OFFSET = str(round(passed.total_seconds()))

    return let_pass


@pytest.fixture
def in_thread() -> Callable[[Callable[[], object]], Callable[[], None]]:
    """Do something in a thread whose database connection is closed at the end."""

    def wrapped(what: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                what()
            finally:
                connections.close_all()

        return run

    return wrapped
