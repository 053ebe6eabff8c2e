"""Why there is no answer: every word the code can store is told to people in words of theirs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from paygate.acquiring.causes import BatchRefusal, Doubt, http_status, why_batch_refused, why_no_answer
from paygate.acquiring.simulator.faults import set_fault
from paygate.languages import LANGUAGES
from paygate.outbound.causes import Cause
from tests.backoffice.reading import words
from tests.make.journal import reservation

SOURCE = Path(__file__).parents[2] / "paygate"
STORED = {"Unknown", "NotSent", "BatchRefused", "NoReply", "NothingArrived", "_Unusable"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_words_in_every_language(language: str) -> None:
    with translation.override(language):
        for told, causes in ((why_no_answer, [*Cause, *Doubt]), (why_batch_refused, [*BatchRefusal])):
            for cause in causes:
                said = told(cause.value)
                assert " " in said, cause
                assert "_" not in said, cause
        assert "503" in why_no_answer(http_status(503))
        assert why_no_answer(http_status(503)) != "http_503"


def test_no_two_causes_are_told_alike() -> None:
    told = [why_no_answer(cause.value) for cause in (*Cause, *Doubt)]

    assert len(set(told)) == len(told)


def test_a_connector_of_somebody_elses_may_have_words_of_its_own() -> None:
    assert why_no_answer("the modem is off") == "the modem is off"
    assert why_batch_refused("weekend") == "weekend"
    assert why_no_answer("") == ""


def test_no_cause_is_stored_that_is_not_in_the_lists() -> None:
    raw = [
        f"{path.relative_to(SOURCE)}:{line}" for path in SOURCE.rglob("*.py") for line in literals_in(path)
    ]

    assert raw == []


def literals_in(path: Path) -> Iterator[int]:
    """Lines in which a cause is written out, instead of named."""
    for node in ast.walk(ast.parse(path.read_text())):
        is_one = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STORED
        if (
            is_one
            and isinstance(node, ast.Call)
            and node.args
            and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
        ):
            yield node.lineno


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("drop_before_read", "the connection was dropped, or it was no HTTP"),
        ("refuse_connect", "the connection was refused"),
        ("malformed", "the answer could not be read"),
        ("wrong_amount", "the answer names another amount"),
        ("http_500", "it answered with status 500"),
    ],
)
def test_the_page_of_a_payment_says_why_there_is_no_answer(anna, mode: str, said: str) -> None:
    set_fault("AUTH", mode)
    entry = reservation(anna.terminal)

    page = words(anna.browser().get(f"/backoffice/journal/{entry.transaction_id}/"))

    assert said in page
