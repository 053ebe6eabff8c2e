"""Which states and moves the stories reached, of all that stand in the tables, and which nobody can reach, and why."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from paygate.checkout.states import ATTEMPT_LIFE, SESSION_LIFE
from paygate.journal.states import ENTRY_LIFE, MOVEMENT_LIFE, PERIOD_LIFE
from paygate.lifecycle.models import Step
from paygate.lifecycle.moves import Lifecycle
from paygate.links.states import LIFE as LINK_LIFE
from paygate.mail.states import LIFE as MAIL_LIFE
from paygate.offers.states import LIFE as OFFER_LIFE
from paygate.tenants.context import across_tenants

LIVES: Final[Mapping[str, Lifecycle]] = {
    "offers.Offer": OFFER_LIFE,
    "links.Link": LINK_LIFE,
    "checkout.Session": SESSION_LIFE,
    "checkout.Attempt": ATTEMPT_LIFE,
    "journal.Entry": ENTRY_LIFE,
    "journal.Movement": MOVEMENT_LIFE,
    "journal.BookingPeriod": PERIOD_LIFE,
    "mail.Mail": MAIL_LIFE,
}

# Moves that the tables allow and nothing that happens in these stories can make.
UNREACHABLE: Final[Mapping[str, str]] = {
    "journal.BookingPeriod CLOSING > REFUSED": "a batch is refused where the acquirer's books contradict ours",
    "journal.BookingPeriod REFUSED > CLOSING": "as above: no message that goes wrong makes it, only another book",
    "checkout.Attempt STARTED > FAILED": "only a merchant that no 3-D Secure server serves",
}


def every_move() -> set[str]:
    """Each move of each table; every state is the end of one or the beginning of a life."""
    return {
        f"{noun} {old} > {new}"
        for noun, life in LIVES.items()
        for old, news in life.moves.items()
        for new in news
    }


def of_this_story() -> Counter[str]:
    """The moves that its history tells of."""
    with across_tenants():
        steps = Step.objects.exclude(old="").order_by("pk").values_list("subject", "old", "new")
        return Counter(f"{noun} {old} > {new}" for noun, old, new in steps)


def missed(moves: Iterable[str]) -> set[str]:
    """What could have been reached and was not."""
    return every_move() - set(moves) - set(UNREACHABLE)


class Tally:
    """What each test has seen, in a folder that all test processes share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def note(self, part: int, seen: Mapping[str, int]) -> None:
        self.folder.mkdir(exist_ok=True)
        ready = self.folder / f"{part}.part"
        ready.write_text(json.dumps(seen))
        ready.rename(self.folder / f"{part}.json")

    def of_all(self, parts: int) -> Counter[str] | None:
        """Of all parts together; None while some are missing."""
        files = sorted(self.folder.glob("*.json"))
        if len(files) < parts:
            return None
        return sum((Counter(json.loads(file.read_text())) for file in files), Counter())
