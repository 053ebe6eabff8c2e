"""A world of one seed: database, clock, network, chance and death, all in this process and none of it real.

The code is the product's own. What surrounds it is replaced: the database lies in memory and begins each story as the
same copy, the clock stands still until somebody lets time pass, every message may go wrong or let somebody else act
meanwhile, and a checkpoint may be the end of the process.
"""

import gc
import logging
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import structlog
import time_machine
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import override_settings

from paygate import checkpoints
from paygate.acquiring.connector import Operation
from paygate.acquiring.simulator import ledger
from paygate.mail import delivery
from paygate.mail.server import Accepted, Answer, MailServer, Never, NotNow
from paygate.outbound import Limits
from paygate.simulation import faults, ledger_file, wire
from paygate.simulation.faults import Fault, Mode
from paygate.tenants.numbers import forget
from paygate.threeds import asking
from paygate.threeds.simulator import issuer, store
from paygate.threeds.simulator.faults import MODES

BEGINS: Final = datetime(2026, 3, 26, 14, 0, tzinfo=UTC)  # three days before the clocks change in Zurich
DELAYS: Final = (1, 8, 20, 45, 200, 900)  # seconds, around the limits of calls, leases and patience
JUMPS: Final = 0.06  # how likely the clock is set before a step, in the stories in which it is
ASTRAY: Final = (-86_400, -3600, -90, 0, 90, 3600, 86_400)  # seconds
DEEPEST: Final = 2  # how many calls may be under way at once

MODES_OF: Final[Mapping[str, tuple[Mode, ...]]] = {
    **{op.value: tuple(Mode) for op in Operation},
    **{op.value: tuple(sorted(modes)) for op, modes in MODES.items()},
    # What leads where nothing else does comes more often: a give-back that never left.
    Operation.REVERSE.value: (*Mode, *[Mode.REFUSE_CONNECT] * 4),
}


class Died(BaseException):
    """The process is no more. Nothing of ours may catch it."""


@dataclass
class Trouble:
    """What goes wrong in one step: nothing, unless told otherwise."""

    spoils: float = 0.0  # how likely each message goes wrong
    dies_after: int = 0  # checkpoints that are still passed before the process dies; 0: it lives
    meanwhile: float = 0.0  # how likely somebody else acts while a call is under way
    happened: list[str] = field(default_factory=list)


class World:
    """All that is chance in one story, and what was seen of it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.unseen = random.Random(seed ^ 0xFEED)  # ids, keys and jitter of the product
        self.trouble = Trouble()
        self.favourites = self.chance.sample(list(Mode), 3)  # what goes wrong most often in this story
        self.told: list[str] = []  # the story so far, for people
        self.log: list[MutableMapping[str, Any]] = []  # what the product logged
        # In every fourth story there are multi-use links too; the others are told as they were before.
        self.has_links = seed % 4 == 1
        self.seconds = 0.0  # since the story began
        self.astray = 0.0  # seconds by which the clock on the wall is wrong (safety.md TM-3)
        # In every third story somebody meddles with the clock; the others are told as they were before.
        self._meddler = random.Random(seed ^ 0xC10C) if seed % 3 == 0 else None
        self.depth = 0
        self.somebody_acts: Callable[[], None] = lambda: None
        self._traveller: Any = None
        self._late: list[tuple[float, Callable[[], None]]] = []
        self._exchange = wire._here

    @property
    def now(self) -> datetime:
        return BEGINS + timedelta(seconds=self.seconds + self.astray)

    def tell(self, words: str) -> None:
        """One more line of the story."""
        self.told.append(f"{self.seconds:>10.0f} s {'  ' * self.depth}{words}")

    def pass_time(self, seconds: float) -> None:
        """Time passes, and what was on its way until then arrives."""
        self.seconds += seconds
        self._traveller.shift(seconds)
        for one in [late for late in self._late if late[0] <= self.seconds]:
            self._late.remove(one)
            one[1]()

    def meddle_with_clock(self) -> None:
        """Seldom: the clock on the wall jumps, up to a day either way; how long things take does not change."""
        if self._meddler and self._meddler.random() < JUMPS:
            self._set_astray(self._meddler.choice(ASTRAY))
            self.tell(f"the clock is set to {self.now:%d %b %H:%M:%S}")

    def _set_astray(self, seconds: float) -> None:
        self._traveller.shift(seconds - self.astray)
        self.astray = seconds

    def calm_down(self) -> None:
        """From now on nothing goes wrong, and the clock is right."""
        self.trouble = Trouble()
        self._set_astray(0)

    def die(self) -> None:
        """All memory of the process is gone. What it had sent may still arrive."""
        forget()
        if self.chance.random() < 0.5:
            wire.forget_under_way()
            self._late.clear()

    def happens(self, what: str) -> None:
        self.trouble.happened.append(what)
        self.tell(f"! {what}")

    # What stands in for the product's surroundings.

    def fault_of(self, facts: Mapping[str, object], *, connecting: bool | None = None) -> Fault | None:
        """Whether this message goes wrong, and how."""
        op = str(facts.get("op") or "")
        if not op or self.chance.random() >= self.trouble.spoils:
            return None
        modes = MODES_OF[op]
        if self.chance.random() < 0.5:
            modes = tuple(mode for mode in modes if mode in self.favourites) or modes
        fault = Fault(self.chance.choice(modes), self.chance.choice(DELAYS))
        self.happens(f"{fault.mode} of {op}, {fault.delay_s:.0f} s")
        return fault

    def reached(self, checkpoint: str) -> None:
        """A checkpoint was reached; it may be the last."""
        if self.trouble.dies_after:
            self.trouble.dies_after -= 1
            if not self.trouble.dies_after:
                self.happens(f"died at {checkpoint}")
                raise Died(checkpoint)

    def exchange(self, party: wire.Party, message: bytes, limits: Limits, wait: object) -> tuple[int, bytes]:
        """A call to the outside: somebody else may act before it arrives, and before its answer does."""
        self._let_somebody_act()
        try:
            return self._exchange(party, message, limits, self.pass_time)
        finally:
            self._let_somebody_act()

    def hand_over(self, message: bytes, *, sender: str, recipient: str) -> Answer:
        """The mail server's answer."""
        if self.chance.random() >= self.trouble.spoils:
            return Accepted("250 2.0.0 Ok")
        self.happens("the mail server refuses")
        answers: list[Answer] = [NotNow("451 4.3.0 Try again later"), Never("550 5.1.1 No such user")]
        return self.chance.choice(answers)

    def send_later(self, seconds: float, send: Callable[[], None]) -> None:
        """A message of the bank that is late."""
        self._late.append((self.seconds + seconds, send))

    def _let_somebody_act(self) -> None:
        if self.depth < DEEPEST and self.chance.random() < self.trouble.meanwhile:
            self.depth += 1
            try:
                self.somebody_acts()
            finally:
                self.depth -= 1


@contextmanager
def living(world: World) -> Iterator[World]:
    """The product lives in this world for as long as the block lasts."""
    wire.forget_under_way()
    ledger.reset()
    store.reset()
    forget()
    with ExitStack() as stack:
        world._traveller = stack.enter_context(time_machine.travel(BEGINS, tick=False))
        world.log = stack.enter_context(structlog.testing.capture_logs())
        for where, name, instead in (
            (os, "urandom", world.unseen.randbytes),
            (random, "_urandom", world.unseen.randbytes),
            (time, "monotonic", lambda: world.seconds),
            (checkpoints, "hook", world.reached),
            (faults, "take", world.fault_of),
            (wire, "_here", world.exchange),
            (issuer, "_later", world.send_later),
            (delivery, "_write_file", lambda mail, message: None),  # as in production
            (MailServer, "hand_over", lambda self, *args, **kwargs: world.hand_over(*args, **kwargs)),
        ):
            stack.enter_context(patch.object(where, name, instead))
        own_time = {"wait": world.pass_time, "ticks": lambda: world.seconds}
        stack.enter_context(patch.dict(asking.final_result.__kwdefaults__, own_time))
        yield world


class Stage:
    """The database in memory that stories are told on, and how it is when they begin."""

    def __init__(self) -> None:
        self._beginning = sqlite3.connect(":memory:")

    def keep(self) -> None:
        """Every story begins with what is there now."""
        connection.connection.backup(self._beginning)

    def clear(self) -> None:
        """Back to how it was."""
        self._beginning.backup(connection.connection)


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Takes the place of the run's own database, which has to be empty, for as long as the block lasts."""
    own, where = Stage(), connection.settings_dict
    connection.ensure_connection()
    own.keep()
    BaseDatabaseWrapper.close(connection)
    in_memory = {"NAME": ":memory:", "OPTIONS": where["OPTIONS"] | {"init_command": ""}}
    overridden = override_settings(
        PAYGATE_SIMULATOR_LEDGER=ledger_file.IN_MEMORY,
        PAYGATE_DATA=folder,
        PAYGATE_ENV="demo",
        EMAIL_URL="smtp://mail.example",
    )
    before = logging.root.manager.disable
    with patch.dict(where, in_memory), overridden:
        gc.collect()
        gc.freeze()  # what stands for good is not looked through again and again
        often = gc.get_threshold()
        gc.set_threshold(100_000, 20, 100)
        logging.disable(logging.CRITICAL)
        try:
            connection.ensure_connection()
            own.clear()
            yield own
        finally:
            logging.disable(before)
            gc.set_threshold(*often)
            gc.unfreeze()
            BaseDatabaseWrapper.close(connection)
