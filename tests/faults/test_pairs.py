"""Two hundred pairs of faults, by seed: whatever coincides, money moves at most once and nothing stays undecided."""

from random import Random
from typing import Final

import pytest

from paygate.acquiring.simulator.faults import set_fault
from paygate.simulation.faults import Mode
from tests.faults.counter import LATE, Counter, booked, go_home, held, paid_back, run_on, undecided
from tests.faults.table import MESSAGES, OPERATIONS
from tests.invariants import broken

# The table runs on both databases; pairs are about the order of answers, which no database changes.
pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]

PAIRS: Final = 200
TIMES: Final = (1, 1, 1, 1, 2, 40)  # how often a fault happens; 40 is as good as for ever

# Nobody inquires without a lost answer, and nothing is given back without a reason.
BEFORE: Final = {
    "INQUIRY": (
        ("AUTH", Mode.DROP_AFTER_COMMIT),
        ("CAPTURE", Mode.HTTP_500),
        ("CANCEL", Mode.DROP_BEFORE_READ),
    ),
    "REVERSAL": (
        ("AUTH", Mode.PARTIAL_AMOUNT),
        ("CAPTURE", Mode.PARTIAL_AMOUNT),
        ("AUTH", Mode.DROP_BEFORE_READ),
    ),
}
# In this order.
DEEDS: Final = {
    "book_part": {"PART", "RELEASE"},
    "release": {"RELEASE"},
    "book": {"CAPTURE", "REFUND", "BATCH"},
    "cancel": {"CANCEL"},
    "refund": {"REFUND"},
    "send_money": {"CREDIT"},
    "close": {"BATCH"},
}


@pytest.mark.parametrize("seed", range(PAIRS))
def test_a_pair_of_faults_leaves_nothing_undecided_and_moves_money_once(seed, monkeypatch):
    chance = Random(seed)
    monkeypatch.setattr("paygate.journal.schedules.secrets.randbelow", chance.randrange)
    pair = [(chance.choice(OPERATIONS), chance.choice(list(Mode)), chance.choice(TIMES)) for _ in range(2)]
    reasons = [(*chance.choice(BEFORE[operation]), 1) for operation, _, _ in pair if operation in BEFORE]
    for operation, mode, times in (*reasons, *pair):
        set_fault(
            MESSAGES.get(operation, operation),
            mode,
            times,
            delay_s=LATE if mode in (Mode.DELAY, Mode.SLOW_DRIP) else 0,
        )
    counter = Counter()

    done = live(counter, {operation for operation, _, _ in (*reasons, *pair)}, chance)

    story = (
        f"seed {seed}, {reasons}, {pair}, {done}: {counter.books}; the acquirer holds {held() or 'nothing'}"
    )
    assert undecided() == [], story
    assert broken() == {}, story
    sent = 2000 * sum(
        deed.startswith("send_money") for deed in done
    )  # at most, and to whom it pays nothing back
    assert booked() <= 4990, story
    assert paid_back() <= booked() + sent, story
    assert len([entry for entry in counter.link.entries if entry.succeeded]) <= 1, story


def live(counter: Counter, operations: set[str], chance: Random) -> list[str]:
    """Pay until it is paid, and press what the faults are about, patiently or not. What was done."""
    done = []
    for _ in range(2):
        done.append(counter.pay()[:40])
        if chance.random() < 0.5 or counter.link.state == "PAID":
            break
        run_on()
    for deed in [deed for deed, asks in DEEDS.items() if asks & operations] * chance.choice((1, 1, 2)):
        if chance.random() < 0.5:
            run_on()
            done.append("wait")
        if deed == "close" or counter.link.entries:
            done.append(f"{deed}: {getattr(counter, deed)()[:40]}")
    run_on()
    if counter.link.state == "OPEN":
        done.append(counter.pay()[:40])
        run_on()
    go_home()
    return done
