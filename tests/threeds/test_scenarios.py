"""The table of test cards is the guide's: row by row."""

import re
from pathlib import Path

import pytest

from paygate.threeds.simulator.scenarios import ANSWERS, APPROVED, CARDS, Scenario, scenario_for

GUIDE = Path(__file__).parents[2] / "docs" / "spec" / "sandbox.md"
ROW = re.compile(r"^\| (9\d{15,16}) \| ([^|]+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|", re.MULTILINE)
WITHOUT_THREE_DS = ("9060", "9080", "9090")  # JCB, MyOne, Bonus


def guide() -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in row) for row in ROW.findall(GUIDE.read_text())]


def expected(number: str, case: str, flow: str, authenticated: str, shift: str) -> str:
    """The guide's words for the flow, read as one of our scenarios."""
    if number.startswith(WITHOUT_THREE_DS):
        return "none"
    if flow == "none usable" or (flow == "none" and shift == "false"):
        return "none usable"
    if flow in ("none", "attempt"):  # not enrolled, and the shift granted all the same
        return "attempt"
    if flow == "redirect":
        return "challenge N" if authenticated == "n/a" else "challenge Y"
    if flow == "simulator":
        return "challenge Y"
    if flow.startswith("challenge"):
        return flow
    return "frictionless Y"  # said so, by amount, or not stated


@pytest.mark.parametrize("row", guide(), ids=lambda row: row[0][:4] + "..." + row[0][-4:] + " " + row[1][:30])
def test_each_card_of_the_guide_behaves_as_it_says(row):
    number, case, flow, authenticated, shift = row

    assert CARDS[number] == expected(number, case, flow, authenticated, shift)


@pytest.mark.parametrize("row", guide(), ids=lambda row: row[0][:4] + "..." + row[0][-4:])
def test_each_card_ends_with_the_authentication_and_shift_of_the_guide(row):
    number, _case, flow, authenticated, shift = row
    scenario = CARDS[number]
    status = ANSWERS.get(scenario) or APPROVED.get(scenario, "")

    if authenticated in ("true", "false"):
        assert (status == "Y") == (authenticated == "true")
    if shift == "true":
        assert status in ("Y", "A")
    if shift == "false" and authenticated != "true":  # where authenticated, the acquirer takes the shift back
        assert status == "U"
    if flow in ("challenge N", "redirect") and authenticated == "n/a":
        assert status == "N"


def test_there_are_no_cards_that_the_guide_does_not_have():
    assert set(CARDS) == {row[0] for row in guide()}


@pytest.mark.parametrize(
    ("number", "unasked", "mandated"),
    [
        ("9010003150000001", Scenario.FRICTIONLESS, Scenario.CHALLENGE),
        ("9010100352000001", Scenario.ATTEMPT, Scenario.CHALLENGE_ATTEMPT),
        ("9010003750000005", Scenario.UNUSABLE, Scenario.UNUSABLE),
        ("9010004950000001", Scenario.CHALLENGE, Scenario.CHALLENGE),
        ("9010004350000007", Scenario.CHALLENGE_REFUSED, Scenario.CHALLENGE_REFUSED),
        ("4111111111111111", None, None),
    ],
)
def test_a_mandated_challenge_asks_who_would_not_be_asked(number, unasked, mandated):
    assert scenario_for(number, mandated=False) == unasked
    assert scenario_for(number, mandated=True) == mandated
