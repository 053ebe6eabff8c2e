"""The table of test cards says what the document says, row by row."""

import re
from pathlib import Path

import pytest

from paygate.acquiring.connector import Approved, Declined, Elsewhere
from paygate.acquiring.declines import DECLINES, DeclineReason
from paygate.acquiring.simulator.connector import SimulatorConnector
from paygate.acquiring.simulator.scenarios import CARDS, ENDINGS, Case, verdict
from tests.acquiring.requests import authorize, chf

DOCUMENT = (Path(__file__).parents[2] / "docs/spec/sandbox.md").read_text()
CHAPTERS = DOCUMENT[DOCUMENT.index("## 2.") : DOCUMENT.index("## 4.")]
ROWS = {
    cells[0]: cells
    for line in CHAPTERS.splitlines()
    if line.startswith("|")
    and re.fullmatch(r"\d{15,17}", (cells := [cell.strip() for cell in line.split("|")[1:-1]])[0])
}
ENDING_ROWS = {
    int(cells[0]): cells
    for line in CHAPTERS.splitlines()
    if line.startswith("|")
    and re.fullmatch(r"\d\d", (cells := [cell.strip() for cell in line.split("|")[1:-1]])[0])
}


def documented(cells: list[str]) -> Case:
    """What a row of the document says of the acquirer's side."""
    _, case, flow, authenticated, shift, outcome = cells
    if case.startswith("partial approval"):
        return Case.PARTIAL
    if "soft decline" in case:
        return Case.SOFT_DECLINE
    if "by amount" in case:
        return Case.BY_AMOUNT
    if flow == "simulator":
        return Case.OWN_PAGE
    if "authentication failed" in case:
        return Case.NOT_AUTHENTICATED
    if "declined" in outcome or "DECLINED" in outcome or "card check fail" in outcome:
        return Case.DECLINED
    if "refuses everything not fully authenticated" in outcome:
        return Case.ONLY_AUTHENTICATED
    if (authenticated, shift) == ("true", "false"):
        return Case.SHIFT_REFUSED
    return Case.AUTHORIZED


def test_the_document_is_read():
    assert len(ROWS) > 70
    assert len(ENDING_ROWS) == 14


@pytest.mark.parametrize("number", ROWS)
def test_a_documented_card_behaves_as_documented(number):
    assert CARDS[number] == documented(ROWS[number])


def test_no_card_works_that_is_not_documented():
    assert CARDS.keys() == ROWS.keys()


@pytest.mark.parametrize("ending", ENDING_ROWS)
def test_a_documented_ending_behaves_as_documented(ending):
    _, result, meaning = ENDING_ROWS[ending]

    found = ENDINGS[ending]

    if result.startswith("success"):
        assert (found.code, found.shift_refused) == ("00", "Shift **false**" in result)
    else:
        assert (result, found.code) == ("declined", f"{ending:02}")
        assert str(DECLINES[found.code].merchant_text).lower() == meaning


def test_no_ending_is_special_that_is_not_documented():
    assert ENDINGS.keys() == ENDING_ROWS.keys()
    assert verdict("9010403153900001", 199).code == "05"


def ask(number, minor=10_000, **facts):
    return SimulatorConnector().authorize(authorize(number, chf(minor), **facts))


@pytest.mark.parametrize("number", ["4111111111111111", "9010009999999997"])
def test_any_other_number_is_an_invalid_card(number):
    assert verdict(number, 10_000).code == "14"


def test_the_sum_decides():
    accepted, without_shift, refused = (
        ask("9030403153900007"),
        ask("9030403153900007", 1),
        ask("9030403153900007", 133),
    )

    assert isinstance(accepted, Approved)
    assert not accepted.shift_refused
    assert isinstance(without_shift, Approved)
    assert without_shift.shift_refused
    assert refused == Declined(DeclineReason.CARD_EXPIRED, "33")


@pytest.mark.parametrize(
    ("number", "code"), [("9010103204160007", "65"), ("9070103204160004", "65"), ("9030103204160003", "1A")]
)
def test_a_soft_decline_carries_its_brand_code(number, code):
    assert ask(number) == Declined(DeclineReason.AUTHENTICATION_REQUIRED, code, soft=True)


def test_less_is_approved_only_where_that_is_allowed():
    whole, less = ask("9010100000020013"), ask("9010100000020013", allow_partial=True)

    assert isinstance(whole, Approved)
    assert isinstance(less, Approved)
    assert (whole.amount, less.amount) == (chf(10_000), chf(5000))


def test_unionpay_asks_on_a_page_of_its_own():
    assert isinstance(ask("9100100052000005", method="UNIONPAY"), Elsewhere)


def test_bancontact_wants_full_authentication():
    assert verdict("91108000500000005", 100, eci="05").code == "00"
    assert verdict("91108000500000005", 100, eci="06").code == "05"
