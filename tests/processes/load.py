"""Payers who keep coming, whatever happens to the processes behind the pages."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Self

from tests.flows.buyer import DECLINED, MASTERCARD
from tests.processes.judge import Link
from tests.processes.payer import next_step
from tests.processes.town import Town
from tests.processes.wire import Gone, WebBuyer

ASKED = "9030004950000007"  # Mastercard: the bank asks the payer
CARDS = (MASTERCARD, MASTERCARD, MASTERCARD, ASKED, DECLINED)
BOOKINGS = ("FINAL", "AUTOMATIC")
PATIENCE_SECONDS = 4  # before a payer leaves
BUSY = 503  # "open the link again in a minute": for as long as the database is away
AT_ONCE = 20  # links made in one go
SHARES = 0.3  # of the payers, who pay a multi-use link


@dataclass
class Visit:
    """One payer in front of one link, and what he saw last."""

    link: Link
    email: str = ""  # of a payer of the multi-use link; empty: the link is his alone
    seen: str = ""
    statuses: set[int] = field(default_factory=set)


class Load:
    """So many payers at a time, one link after the other, until it is stopped."""

    def __init__(self, town: Town, ports: Callable[[], Sequence[int]], *, payers: int, seed: int) -> None:
        self.town, self.ports = town, ports
        self.visits: list[Visit] = []
        self.broke: list[Exception] = []
        self.enough = threading.Event()
        self.links: list[Link] = []
        self.shared: list[Link] = []  # for many payments
        self._one_at_a_time = threading.Lock()
        self._threads = [
            threading.Thread(target=self._come, args=(Random(f"{seed} {payer}"),), daemon=True)
            for payer in range(payers)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        for thread in self._threads:
            thread.join(timeout=120)
            assert not thread.is_alive(), "a payer waits for ever"
        if self.broke:
            raise self.broke[0]

    @property
    def paid(self) -> int:
        """How many were told that they had paid."""
        return sum(visit.seen == "paid" for visit in self.visits)

    def stock(self, number: int) -> None:
        """Have so many links ready, so that nobody need ask for one."""
        for at in range(0, number, AT_ONCE):
            booking = BOOKINGS[at // AT_ONCE % len(BOOKINGS)]
            self.links += self.town.steward.ask("links", number=AT_ONCE, booking=booking)
        for booking in BOOKINGS if not self.shared else ():
            self.shared.append(self.town.steward.ask("a_multi_use_link", booking=booking))

    def _come(self, random: Random) -> None:
        try:
            while not self.enough.is_set():
                with self._one_at_a_time:
                    if not self.links:
                        self.stock(2 * AT_ONCE)
                    visit = Visit(self.links.pop())
                    if random.random() < SHARES:
                        email = f"payer{len(self.visits)}@example.org"
                        visit = Visit(random.choice(self.shared), email)
                    self.visits.append(visit)
                self._pay(visit, random)
        except Exception as defect:
            self.broke.append(defect)

    def _pay(self, visit: Visit, random: Random) -> None:
        carla, card = self.town.buyer(0), random.choice(CARDS)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if ports := self.ports():
                carla.go_to(random.choice(ports))
            try:
                carla.open(visit.link["path"])
                visit.seen = next_step(carla, card, email=visit.email or "carla@example.org")
                if random.random() < 0.2 and carla.sent:
                    carla.send_again()
                    visit.seen = carla.step
            except Gone:
                pass
            except AssertionError:
                if carla.page.status != BUSY:
                    raise
            visit.statuses |= {page.status for page in carla.pages}
            if visit.seen == "paid" or _is_declined(carla):
                return
            time.sleep(0.1)


def _is_declined(carla: WebBuyer) -> bool:
    return bool(carla.pages) and carla.page.is_declined
