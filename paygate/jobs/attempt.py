"""One run of one job, and what follows from how it ended: the same for both engines."""

import traceback
from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom
from typing import Any

import structlog

from paygate.clock import now
from paygate.jobs.registry import PERIODIC, TASKS, TryAgainAt

# A job belongs to one worker for so long; then another may take it (safety.md LK-5). Longer than any call a job waits
# for, short enough that a killed worker delays a letter by two minutes and no more.
LEASE = timedelta(seconds=120)

MOST_TRIES = 20  # defects in a row, a lost worker counts as one; then the job is kept as failed
BACK_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
BACK_OFF_LATER = timedelta(hours=1)
JITTER = 0.2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """The job is done."""


@dataclass(frozen=True, slots=True)
class Again:
    """The job runs again."""

    when: datetime
    tries: int  # defects in a row so far; 0 when the job itself asked to be run again
    cause: str = ""  # class name of the defect


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The job is kept as failed."""

    cause: str


Outcome = Done | Again | GaveUp


def perform(name: str, kwargs: Mapping[str, Any], *, job_id: int, tries: int) -> Outcome:
    """Run a task's function, in a context of its own: no merchant, no language.

    `tries` counts the defects in a row before this run.
    """
    try:
        Context().run(partial(TASKS[name], **kwargs))
    except TryAgainAt as wish:
        return Again(when=wish.when, tries=0)
    except Exception as defect:
        _note(defect, job=_named(name, kwargs, job_id), tries=tries + 1)
        cause = type(defect).__name__
        if tries + 1 >= MOST_TRIES:
            return GaveUp(cause)
        return Again(when=now() + back_off(tries + 1), tries=tries + 1, cause=cause)
    return Done()


def perform_periodic(name: str, *, job_id: int) -> Outcome:
    """Run a periodic function. A defect is noted and not tried again: the next slot comes anyway."""
    try:
        Context().run(PERIODIC[name].function)
    except Exception as defect:
        _note(defect, job=_named(name, {}, job_id), tries=1)
        return GaveUp(type(defect).__name__)
    return Done()


def back_off(defects: int) -> timedelta:
    """How long to wait after the first, second, … defect in a row, give or take a fifth so that crowds spread."""
    wait = BACK_OFF[defects - 1] if defects <= len(BACK_OFF) else BACK_OFF_LATER
    return wait * SystemRandom().uniform(1 - JITTER, 1 + JITTER)


def note_late(name: str, job_id: int) -> None:
    """Somebody finished a job that was no longer theirs. Their result is not written (safety.md LK-5)."""
    log.warning("a result came too late and was refused", job=_named(name, {}, job_id))


def _note(defect: Exception, *, job: str, tries: int) -> None:
    # Where it happened and what kind it was, but not its words: they may hold an address or a name.
    frames = "".join(traceback.format_tb(defect.__traceback__))
    log.error("a job failed", job=job, tries=tries, cause=type(defect).__name__, exception=frames)


def _named(name: str, kwargs: Mapping[str, Any], job_id: int) -> str:
    """The job's name and the ids it was given, and nothing else of it."""
    ids = [f"{key}={value}" for key, value in kwargs.items() if key.endswith("_id")]
    return " ".join([f"{name}#{job_id}", *ids])
