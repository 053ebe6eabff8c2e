"""What is changed, what is left alone, and that a changed module behaves as if it had been imported so."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutants.__main__ import ROOT, equivalent
from tests.mutants.mutate import mutants
from tests.mutants.place import put
from tests.mutants.plan import PLAN

TILL = '''"""A till."""

from enum import StrEnum

from paygate.lifecycle.moves import Lifecycle

class Sign(StrEnum):
    UP = "UP"
    DOWN = "DOWN"

LIFE = Lifecycle({Sign.UP: {Sign.DOWN}, Sign.DOWN: set()})
LIMIT = 3
DOUBLE = LIMIT * 2

def enough(paid: int, due: int) -> bool:
    """Is it paid?"""
    if paid < 0:
        raise ValueError("less than nothing")
    return paid >= due and not paid > LIMIT
'''


@pytest.fixture
def till(tmp_path: Path) -> Path:
    file = tmp_path / "till.py"
    file.write_text(TILL)
    return file


@pytest.fixture
def module(monkeypatch) -> ModuleType:
    module = ModuleType("till")
    module.__file__ = "till.py"
    monkeypatch.setitem(sys.modules, "till", module)
    exec(compile(TILL, "till.py", "exec"), vars(module))
    return module


def test_each_place_is_changed_once(till, tmp_path):
    assert [mutant.name for mutant in mutants(till, tmp_path)] == [
        "Sign.UP: 'UP' -> 'UPX'",
        "Sign.DOWN: 'DOWN' -> 'DOWNX'",
        "LIFE: Sign.UP -> + UP",
        "LIFE: Sign.DOWN -> + UP",
        "LIFE: Sign.DOWN -> + DOWN",
        "LIFE: {Sign.UP: {Sign.DOWN}, Sign.DOWN: set()} -> without Sign.UP",
        "LIFE: {Sign.UP: {Sign.DOWN}, Sign.DOWN: set()} -> without Sign.DOWN",
        "LIFE: Sign.UP -> Sign.DOWN",
        "LIFE: Sign.DOWN -> Sign.UP",
        "LIFE: {Sign.DOWN} -> without Sign.DOWN",
        "LIFE: Sign.DOWN -> Sign.UP #2",
        "LIMIT: 3 -> 4",
        "DOUBLE: LIMIT * 2 -> LIMIT + 2",
        "DOUBLE: 2 -> 3",
        "enough: raise ValueError('less than nothing') -> (gone)",
        "enough: paid < 0 -> paid <= 0",
        "enough: 0 -> 1",
        "enough: return paid >= due and (not paid > LIMIT) -> return None",
        "enough: paid >= due and (not paid > LIMIT) -> paid >= due or not paid > LIMIT",
        "enough: paid >= due and (not paid > LIMIT) -> not paid > LIMIT",
        "enough: paid >= due and (not paid > LIMIT) -> paid >= due",
        "enough: paid >= due -> paid > due",
        "enough: not paid > LIMIT -> not not paid > LIMIT",
        "enough: paid > LIMIT -> paid >= LIMIT",
    ]


def test_the_mutants_of_a_file_all_differ(till, tmp_path):
    sources = [mutant.source for mutant in mutants(till, tmp_path)]

    assert len(set(sources)) == len(sources)


def test_a_changed_function_is_put_in_the_place_of_the_old_one(module):
    held = module.enough

    assert put(module, TILL, TILL.replace("paid >= due", "paid > due"))
    assert (held(2, 2), held(3, 2)) == (False, True)


def test_what_follows_from_a_changed_value_is_worked_out_again(module):
    assert put(module, TILL, TILL.replace("LIMIT = 3", "LIMIT = 4"))
    assert (module.LIMIT, module.DOUBLE) == (4, 8)


def test_a_changed_life_is_known_to_all_who_hold_it(module):
    held = module.LIFE

    assert put(module, TILL, TILL.replace("Sign.DOWN: set()", "Sign.DOWN: {Sign.UP}"))
    assert held.allows(module.Sign.DOWN, module.Sign.UP)


def test_a_changed_class_has_to_be_imported_anew(module):
    assert not put(module, TILL, TILL.replace('"UP"', '"UPX"'))


@pytest.mark.parametrize("judged", PLAN, ids=lambda judged: judged.file)
def test_the_list_names_only_mutants_there_are(judged):
    names = {mutant.name for mutant in mutants(ROOT / judged.file, ROOT)}

    assert equivalent(judged.file) <= names
