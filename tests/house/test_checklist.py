"""The checklist is the list of tests: each statement of a finished section is named by the test that shows it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
CHECKLIST: Final = TESTS.parent / "docs" / "spec" / "seed-checklist.md"

# Sections of which every statement holds, through the screens.
FINISHED: Final = (
    "SPG-FLOW", "SPG-REQ", "SPG-ARC", "SPG-NAV", "SPG-SET", "SPG-OVW", "SPG-STA", "SPG-FRM", "SPG-ADR", "SPG-MAI",
    "SPG-CNF", "SPG-BTN", "SPG-NEW", "SPG-TPL", "SPG-DSN", "SPG-QG", "SPG-PAY", "SPG-API",
    "SPG-UPL", "SPG-MUL", "SPG-MUF", "SPG-MUP",
)  # fmt: skip

# Statements of these sections that wait for something that is not there yet.
WAITING: Final[dict[str, str]] = {}

_NAMED: Final = re.compile(r"\b(SPG-[A-Z]+)-(\d\d)((?:(?:, | to | and )\d\d\b)*)")
_MORE: Final = re.compile(r"(, | to | and )(\d\d)")


def statements() -> dict[str, str]:
    """Id and words of each statement."""
    rows = re.findall(r"^\| (SPG-[A-Z]+-\d\d) \| \d+ \| (.+) \|$", CHECKLIST.read_text(), re.MULTILINE)
    return dict(rows)


def named(text: str) -> Iterator[str]:
    """The ids in a text; "SPG-SET-05 to 07, 09" names four."""
    for section, first, more in _NAMED.findall(text):
        yield f"{section}-{first}"
        last = int(first)
        for link, number in _MORE.findall(more):
            begin = last + 1 if link == " to " else int(number)
            yield from (f"{section}-{one:02}" for one in range(begin, int(number) + 1))
            last = int(number)


def shown() -> set[str]:
    """Every id that a test names: in its docstring, or in that of its class."""
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_test = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith(
                "test"
            )
            if is_test and isinstance(node, ast.FunctionDef | ast.ClassDef):
                found |= set(named(ast.get_docstring(node) or ""))
    return found


def test_the_checklist_is_read_whole():
    assert len(statements()) == 244


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("SPG-SET-05", ["SPG-SET-05"]),
        ("SPG-SET-05 to 07, 09 and 11", [f"SPG-SET-{one}" for one in ("05", "06", "07", "09", "11")]),
        ("shows SPG-OVW-01, 02; SPG-STA-03.", ["SPG-OVW-01", "SPG-OVW-02", "SPG-STA-03"]),
        ("SPG-OVW and nothing", []),
    ],
)
def test_ids_are_read_as_people_write_them(text, ids):
    assert list(named(text)) == ids


@pytest.mark.parametrize("section", FINISHED)
def test_each_statement_of_a_finished_section_has_a_test(section):
    tested = shown()
    missing = {
        key: words
        for key, words in statements().items()
        if key.startswith(f"{section}-") and key not in tested and key not in WAITING
    }
    assert missing == {}


def test_no_test_names_a_statement_that_does_not_exist():
    assert shown() <= set(statements())
