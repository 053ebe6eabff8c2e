"""kill -9 in the middle of a program's call: the same call again is told the truth, and money moved once.

safety.md ID-3, ID-4. The process dies by a real SIGKILL at each checkpoint on the way of the four calls that move money
without a payer.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.program import Answer
from tests.processes.conftest import DATABASES
from tests.processes.extent import TIMES
from tests.processes.judge import asked, assert_all_books_agree
from tests.processes.program import TownProgram
from tests.processes.town import Town
from tests.processes.wire import Gone

VISA = "9010003150000001"
STEPS = ("prepared", "marked_sent", "reply_read", "committed")
LATEST = 101  # seconds after which whoever worked on a request is gone (behaviour.md A-11)


def direct(program: TownProgram, request: str) -> Answer:
    """Reserve."""
    body = {
        "TerminalId": program.terminal,
        "Payment": {"Amount": {"Value": "4990", "CurrencyCode": "CHF"}, "OrderId": "A-1"},
        "PaymentMeans": {
            "Card": {"Number": VISA, "ExpYear": 2034, "ExpMonth": 12, "VerificationCode": "737"}
        },
    }
    return program.call("Transaction/AuthorizeDirect", body, request)


def named(program: TownProgram) -> dict[str, Any]:
    """The payment, as a follow-up names it."""
    (payment,) = [one for one in program.entries() if one["type"] == "PAYMENT" and one["succeeded"]]
    return {"TransactionId": payment["transaction_id"]}


def capture(program: TownProgram, request: str) -> Answer:
    """Book."""
    return program.call("Transaction/Capture", {"TransactionReference": named(program)}, request)


def cancel(program: TownProgram, request: str) -> Answer:
    """Release."""
    return program.call("Transaction/Cancel", {"TransactionReference": named(program)}, request)


def refund(program: TownProgram, request: str) -> Answer:
    """Pay back a part."""
    body = {
        "Refund": {"Amount": {"Value": "990", "CurrencyCode": "CHF"}},
        "CaptureReference": {"CaptureId": f"{named(program)['TransactionId']}_c"},
    }
    return program.call("Transaction/Refund", body, request)


# By the checkpoints on its way: the call, what has to be there before, the acquirer's word for it, and ours.
CALLS: dict[str, tuple[Callable[..., Answer], tuple[Callable[..., Answer], ...], str, str]] = {
    "auth": (direct, (), "AUTH", "AUTHORIZE"),
    "capture": (capture, (direct,), "CAPTURE", "CAPTURE"),
    "cancel": (cancel, (direct,), "CANCEL", "CANCEL"),
    "refund": (refund, (direct, capture), "REFUND", "REFUND"),
}


def deaths() -> list[Any]:
    """Each checkpoint once, every other one on the other database; in the long run many times on each."""
    places = [f"{call}.{step}" for call in CALLS for step in STEPS]
    return [
        pytest.param(DATABASES[(at + at // len(STEPS) + time) % 2], place, id=f"{place}, {time + 1}")
        for at, place in enumerate(places)
        for time in range(TIMES)
    ]


@pytest.mark.parametrize(("town", "checkpoint"), deaths(), indirect=["town"])
def test_a_call_whose_process_was_killed_is_told_the_truth_by_its_repeat(town: Town, checkpoint: str) -> None:
    call, before, theirs, ours = CALLS[checkpoint.partition(".")[0]]
    program = TownProgram(town)
    (program.port,) = town.keep(webs=1, workers=1)
    for number, deed in enumerate(before):
        assert deed(program, f"before {number}".replace(" ", "-")).status == 200
    town.keep(webs=0, workers=1)
    victim = town.web(crash_at=checkpoint)
    town.until_ready(victim)
    program.port = victim.port

    with pytest.raises(Gone):
        call(program, "killed")
    victim.until_killed()

    (program.port,) = town.keep(webs=1, workers=1)
    town.let_pass(LATEST)
    answers: list[Answer] = []

    def is_told() -> bool:
        answers.append(call(program, "killed"))
        return answers[-1].status == 200

    town.until(is_told, "the repeat is answered", left=[str(one) for one in answers])
    assert {one.error for one in answers[:-1]} <= {"COMMUNICATION_TIMEOUT"}
    assert call(program, "killed") == answers[-1]
    town.until_idle()
    entries = program.entries()
    (done,) = [
        entry
        for entry in entries
        for movement in entry["movements"]
        if (movement["kind"], movement["state"]) == (ours, "APPROVED")
    ]
    assert [row["request_id"] for row in program.theirs(theirs) if row["undone"] in (None, "", "CANCEL")] == [
        asked(done, ours)
    ]
    assert all(row["count"] == 1 for row in program.theirs(theirs))
    assert_all_books_agree(town)
