"""Every state stands in its table, is reachable, and is known to the database (safety.md section 2)."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import CheckConstraint, Model, Q, TextChoices

import paygate
from paygate.checkout.states import ATTEMPT_LIFE, BEFORE_MONEY, LIVE, MONEY_ASKED
from paygate.lifecycle.moves import Lifecycle

PACKAGE = Path(paygate.__file__).parent


def _lives() -> dict[str, Lifecycle]:
    """Every life of the house by where it stands."""
    found: dict[str, Lifecycle] = {}
    for info in pkgutil.iter_modules([str(PACKAGE)]):
        if (PACKAGE / info.name / "states.py").exists():
            module = importlib.import_module(f"paygate.{info.name}.states")
            lives = {name: value for name, value in vars(module).items() if isinstance(value, Lifecycle)}
            found |= {f"{info.name}.{name}": life for name, life in lives.items()}
    return found


LIVES = _lives()

# The moves of safety.md section 2, with the states of this house; what is followed by nothing is an end.
MOVES = {
    "offers.LIFE": {
        "OPEN": "PAID EXPIRED DISABLED",
        "EXPIRED": "",  # an attempt that had begun before keeps it OPEN (docs/decisions/0012)
        "DISABLED": "OPEN",
        "PAID": "",
    },
    "links.LIFE": {"ACTIVE": "DELETED", "DELETED": "ACTIVE"},
    "journal.ENTRY_LIFE": {
        "PENDING": "AUTHORIZED DECLINED FAILED CANCELED",
        "AUTHORIZED": "CAPTURED CANCELED",
        "CAPTURED": "CANCELED",
        "DECLINED": "",
        "FAILED": "",
        "CANCELED": "",
    },
    "journal.MOVEMENT_LIFE": {
        "ASKED": "APPROVED DECLINED UNKNOWN NOT_SENT ELSEWHERE",
        "NOT_SENT": "ASKED",  # under the same request id
        "UNKNOWN": "APPROVED DECLINED ELSEWHERE",
        "ELSEWHERE": "APPROVED DECLINED",
        "APPROVED": "",
        "DECLINED": "",
    },
    "webhooks.LIFE": {"QUEUED": "DONE GIVEN_UP", "GIVEN_UP": "QUEUED", "DONE": ""},
    "journal.PERIOD_LIFE": {
        "OPEN": "CLOSING",
        "CLOSING": "CLOSED REFUSED",
        "REFUSED": "CLOSING",
        "CLOSED": "",
    },
    "checkout.SESSION_LIFE": {
        "OPEN": "PAID FAILED ABORTED EXPIRED",
        "EXPIRED": "",
        "PAID": "",
        "FAILED": "",
        "ABORTED": "",
    },
    "checkout.ATTEMPT_LIFE": {
        "STARTED": "AUTHENTICATING AUTHORIZING DECLINED FAILED ABANDONED",
        "AUTHENTICATING": "AUTHORIZING DECLINED FAILED ABANDONED",
        "AUTHORIZING": "PAID DECLINED FAILED UNKNOWN VOIDED",
        "UNKNOWN": "PAID DECLINED VOIDED",
        "PAID": "",
        "DECLINED": "",
        "FAILED": "",
        "ABANDONED": "",
        "VOIDED": "",
    },
    "uploads.LIFE": {
        "READ": "CHECKING",
        "CHECKING": "CHECKED",
        "CHECKED": "CREATING",
        "CREATING": "DONE",
        "DONE": "CREATING",  # rows that were mended afterwards
    },
    "mail.LIFE": {
        "QUEUED": "DONE GIVEN_UP",
        "GIVEN_UP": "QUEUED",
        "DONE": "",
    },
}

# What must never happen, whatever else is added to a table.
NEVER = {
    "offers.LIFE": [("EXPIRED", "OPEN"), ("PAID", "OPEN")],  # ST-8, TM-3
    "journal.ENTRY_LIFE": [
        ("AUTHORIZED", "DECLINED"),
        ("CAPTURED", "AUTHORIZED"),
        ("DECLINED", "AUTHORIZED"),
    ],
    "journal.MOVEMENT_LIFE": [("UNKNOWN", "NOT_SENT"), ("UNKNOWN", "ASKED"), ("DECLINED", "ASKED")],  # OC-1
    "journal.PERIOD_LIFE": [("CLOSED", "OPEN"), ("CLOSING", "OPEN"), ("OPEN", "CLOSED")],
    "checkout.ATTEMPT_LIFE": [("UNKNOWN", "FAILED"), ("AUTHORIZING", "ABANDONED"), ("UNKNOWN", "ABANDONED")],
}


def states_of(life: Lifecycle) -> type[TextChoices]:
    return type(next(iter(life.moves)))  # type: ignore[return-value]


@pytest.mark.parametrize("name", LIVES)
class TestALife:
    def test_knows_what_follows_from_each_state(self, name):
        life = LIVES[name]
        states = set(states_of(life))

        assert set(life.moves) == states
        assert set().union(*life.moves.values()) <= states

    def test_reaches_every_state_from_the_first(self, name):
        life = LIVES[name]
        fields = {field.name: field for field in _model_with(states_of(life))._meta.concrete_fields}
        first = fields["state"].default
        reached, ahead = set(), [first]
        while ahead:
            state = ahead.pop()
            reached.add(state)
            ahead += [new for new in life.moves[state] if new not in reached]

        assert reached == set(states_of(life))

    def test_makes_the_moves_of_the_rules_and_no_others(self, name):
        made = {str(state): set(map(str, new)) for state, new in LIVES[name].moves.items()}

        assert made == {state: set(new.split()) for state, new in MOVES[name].items()}

    def test_never_moves_to_where_it_is(self, name):
        assert not [state for state, new in LIVES[name].moves.items() if state in new]

    def test_makes_no_forbidden_move(self, name):
        life = LIVES[name]

        assert not [move for move in NEVER.get(name, []) if life.allows(*move)]

    def test_is_known_to_the_database(self, name):
        states = states_of(LIVES[name])
        model = _model_with(states)

        conditions = [rule.condition for rule in model._meta.constraints if isinstance(rule, CheckConstraint)]
        assert Q(state__in=states.values) in conditions


def test_an_attempt_that_is_not_over_has_asked_for_money_or_has_not():
    not_over = {state for state, new in ATTEMPT_LIFE.moves.items() if new}

    assert BEFORE_MONEY == ("STARTED", "AUTHENTICATING")
    assert MONEY_ASKED == ("AUTHORIZING", "UNKNOWN")
    assert set(LIVE) == not_over


def _model_with(states: type[TextChoices]) -> type[Model]:
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        if "state" in fields and list(fields["state"].choices or []) == states.choices:
            return model
    raise AssertionError(f"no row has the states {states}")


def _writes_of_state(source: str) -> list[int]:
    """Lines on which somebody writes a column called `state`, other than by a lifecycle's `move`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"update", "create"}
        ):
            found += [node.lineno for keyword in node.keywords if keyword.arg == "state"]
        if isinstance(node, ast.Assign):
            targets = [target for target in node.targets if isinstance(target, ast.Attribute)]
            found += [node.lineno for target in targets if target.attr == "state"]
    return found


# The queue of jobs has no life of the trade; the lifecycle itself moves by an update.
OWN_STATES = ("jobs/", "lifecycle/moves.py")


def test_no_other_code_writes_a_state():
    """ST-1: every state change goes through one function."""
    found = [
        f"{file.relative_to(PACKAGE)}:{line}"
        for file in PACKAGE.rglob("*.py")
        if not file.relative_to(PACKAGE).as_posix().startswith(OWN_STATES)
        for line in _writes_of_state(file.read_text())
    ]

    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("rows.update(state='PAID')", [1]),
        ("row.state = 'PAID'", [1]),
        ("Offer.objects.create(state='PAID')", [1]),
        ("LIFE.move(row, 'PAID', state='x')", []),
        ("rows.filter(state='PAID')", []),
        ("if row.state == 'PAID': pass", []),
    ],
)
def test_the_check_sees_who_writes_a_state(source, lines):
    assert _writes_of_state(source) == lines
