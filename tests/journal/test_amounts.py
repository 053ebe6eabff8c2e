"""Where the money of an entry stands, as little stories (safety.md MO-5)."""

from dataclasses import dataclass

import pytest

from paygate.journal.amounts import balance
from paygate.money.amount import Money
from tests.make.money import chf

ENDS = {"": "APPROVED", "!": "DECLINED", "?": "UNKNOWN", "…": "ASKED", "/": "NOT_SENT"}


@dataclass
class Told:
    """One movement of a story."""

    kind: str
    state: str
    amount: Money


def movements(story: str) -> list[Told]:
    """ "authorize 100, capture 60?" as movements; the sign after the amount tells how it ended."""
    told = []
    for step in story.split(", "):
        kind, amount = step.split(" ")
        minor = amount.rstrip("!?…/")
        told.append(Told(kind.upper(), ENDS[amount[len(minor) :]], chf(minor)))
    return told


@pytest.mark.parametrize(
    ("story", "left"),
    [
        ("authorize 100", 100),
        ("authorize 100!", 0),
        ("authorize 100?", 0),  # nothing is booked that may not be reserved
        ("authorize 100, capture 100", 0),
        ("authorize 100, capture 60", 40),
        ("authorize 100, capture 60!", 100),  # declined: the money is still there
        ("authorize 100, capture 60/", 100),  # it never left the house
        ("authorize 100, capture 60?", 40),  # unanswered: it may be gone
        ("authorize 100, capture 60…", 40),  # on its way
        ("authorize 100, capture 60!, capture 60", 40),
        ("authorize 100, capture 60/, capture 100?", 0),
        ("authorize 100, capture 60, capture 40", 0),
        ("authorize 100, cancel 100!", 100),
    ],
)
def test_what_is_left_to_book(story, left):
    assert balance(movements(story), "CHF").capturable == chf(left)


@pytest.mark.parametrize(
    ("story", "reserved", "captured", "in_flight"),
    [
        ("authorize 100", 100, 0, 0),
        ("authorize 100, capture 60", 100, 60, 0),
        ("authorize 100, capture 60?", 100, 0, 60),
        ("authorize 100, capture 60…", 100, 0, 60),
        ("authorize 100, capture 60!", 100, 0, 0),
    ],
)
def test_what_is_reserved_booked_and_on_its_way(story, reserved, captured, in_flight):
    stands = balance(movements(story), "CHF")

    assert (stands.reserved, stands.captured, stands.in_flight) == (
        chf(reserved),
        chf(captured),
        chf(in_flight),
    )


def test_nothing_asked_is_nothing_left():
    assert balance([], "JPY").capturable == Money(0, "JPY")
