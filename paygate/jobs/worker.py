"""The job process: runs jobs and periodic functions until it is told to stop."""

import signal
from threading import Event, Thread
from types import FrameType

import structlog

from paygate.jobs.engine import engine

PAUSE_SECONDS = 5  # after the engine fell, before it is started again

log = structlog.get_logger(__name__)


def run_worker(stop: Event | None = None) -> None:
    """Work until `stop` is set; without one, until SIGTERM or SIGINT. Jobs that run are finished first.

    An engine that falls (the database went away) is started again.
    """
    if stop is None:
        stop = _stop_at_signals()
    while not stop.is_set():
        try:
            engine().work(stop)
        except Exception as defect:
            log.error("the job engine fell and is started again", cause=type(defect).__name__)
        if not stop.is_set():
            stop.wait(PAUSE_SECONDS)


def _stop_at_signals() -> Event:
    stop = Event()

    def told(number: int, frame: FrameType | None) -> None:
        # The signal may interrupt a wait for this very event, which then holds its lock: so not from here.
        Thread(target=stop.set).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    return stop
