"""No floating point anywhere between what somebody types and the acquirer (safety.md MO-1)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

import paygate

PACKAGE = Path(paygate.__file__).parent
ROOMS = ("money", "offers", "journal", "checkout", "acquiring", "threeds")

# A file may use floats for something that is no amount. Each has its reason here. Seconds need no permission: a
# float literal may be given to any name that ends in `_seconds`.
ALLOWED: dict[str, str] = {}


def floats_in(source: str) -> Iterator[int]:
    """The lines of a source text that make a float: by `float(...)` or by a literal."""
    tree = ast.parse(source)
    durations = {id(value) for node in ast.walk(tree) for name, value in _given(node) if _is_duration(name)}
    for node in ast.walk(tree):
        if _makes_float(node) and id(node) not in durations:
            yield node.lineno


def _makes_float(node: ast.AST) -> TypeGuard[ast.expr]:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "float"
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Each name that this node gives a value to, and the value."""
    match node:
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
            yield getattr(target, "id", getattr(target, "attr", "")), value
        case ast.keyword(arg=name, value=value):
            yield name or "", value
        case ast.arguments(
            posonlyargs=first, args=then, defaults=defaults, kwonlyargs=named, kw_defaults=others
        ):
            # Defaults belong to the last positional arguments.
            yield from zip((last.arg for last in reversed(first + then)), reversed(defaults), strict=False)
            yield from zip((argument.arg for argument in named), others, strict=True)


def _is_duration(name: str) -> bool:
    return name.lower().endswith("_seconds")


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_that_handles_amounts_uses_floats(room: str) -> None:
    found = [
        f"{file.relative_to(PACKAGE)}:{line}"
        for file in sorted((PACKAGE / room).rglob("*.py"))
        if file.relative_to(PACKAGE).as_posix() not in ALLOWED
        for line in floats_in(file.read_text())
    ]

    assert found == []


def test_every_allowed_file_exists() -> None:
    assert [file for file in ALLOWED if not (PACKAGE / file).is_file()] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("amount = 49.90", [1]),
        ("amount = float(text)", [1]),
        ("half = 1e2", [1]),
        ("def ask(amount=1.5): ...", [1]),
        ("ask(amount=1.5)", [1]),
        ("amount = 4990\nname = '49.90'", []),
        ("TIMEOUT_SECONDS = 2.5", []),
        ("self.wait_seconds = 2.5", []),
        ("wait_seconds: int = 2.5", []),
        ("ask(timeout_seconds=2.5)", []),
        ("def ask(*, timeout_seconds=2.5): ...", []),
        ("def ask(amount, timeout_seconds=2.5): ...", []),
        ("amount = timeout_seconds = 2.5", [1]),
    ],
)
def test_the_check_sees_floats_and_lets_seconds_pass(source: str, lines: list[int]) -> None:
    assert list(floats_in(source)) == lines
