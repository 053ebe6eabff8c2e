"""The files that decide about money and 3-D Secure, and the tests that judge each of them."""

from dataclasses import dataclass
from typing import Final

MOST_SURVIVE: Final = 0.10  # of all mutants, those that nobody can tell from the original not counted


@dataclass(frozen=True, slots=True)
class Judged:
    """One file and its tests."""

    file: str
    tests: tuple[str, ...]


LIVES: Final = "tests/house/test_lives.py"
MOVEMENTS: Final = tuple(
    f"tests/journal/test_{story}.py"
    for story in (
        "settled",
        "capture",
        "cancel",
        "late_answers",
        "reversal",
        "reversal_looks",
        "unanswered",
        "refund",
        "parts",
    )
)
REFUNDS: Final = (
    "tests/journal/test_refund.py",
    "tests/journal/test_refund_proposals.py",
    "tests/journal/test_refusals.py",
    "tests/journal/test_audited.py",
    "tests/journal/test_parts.py",
    "tests/backoffice/test_refund_pages.py",
    "tests/api/test_refunds.py",
    "tests/api/test_refund_direct.py",
)
PLAN: Final = (
    Judged("paygate/threeds/liability.py", ("tests/threeds/test_liability.py",)),
    Judged("paygate/offers/payable.py", ("tests/offers/test_payable.py", "tests/offers/test_at_once.py")),
    Judged("paygate/journal/amounts.py", ("tests/journal/test_amounts.py",)),
    Judged("paygate/money/amount.py", ("tests/money/test_amount.py",)),
    Judged("paygate/offers/states.py", (LIVES,)),
    Judged("paygate/journal/states.py", (LIVES,)),
    Judged("paygate/checkout/states.py", (LIVES,)),
    Judged("paygate/mail/states.py", (LIVES,)),
    Judged("paygate/lifecycle/moves.py", ("tests/lifecycle", LIVES)),
    Judged("paygate/journal/movements.py", (*MOVEMENTS, "tests/checkout/test_decide.py")),
    Judged("paygate/journal/settling.py", (*MOVEMENTS, "tests/checkout/test_decide.py")),
    Judged("paygate/journal/refund.py", REFUNDS),
    Judged("paygate/journal/refund_proposals.py", REFUNDS),
)
