"""Puts a mutant in the place of a file that is already imported: the same functions with other code.

What a module works out while it is imported, its tables and constants, is worked out again from the changed line on. A
class is not made anew, since others hold it: there `put` answers False, and a new process has to import the file.
"""

import ast
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType

from paygate.lifecycle.moves import Lifecycle


def put(module: ModuleType, before: str, after: str) -> bool:
    """Let `module`, imported from the source `before`, behave as if it had been imported from `after`."""
    old, new = ast.parse(before).body, ast.parse(after).body
    changed = [index for index, (a, b) in enumerate(zip(old, new, strict=True)) if ast.dump(a) != ast.dump(b)]
    (index,) = changed
    if isinstance(new[index], ast.FunctionDef | ast.ClassDef):
        if not _only_methods_differ(old[index], new[index]) or not _give_code(module, after):
            return False
        forget(module)
        again = [one for one in new if _is_kept(one)]
    else:
        again = [one for one in new[index:] if isinstance(one, ast.Assign | ast.AnnAssign)]
    for line in again:
        _work_out(module, line)
    return True


def _only_methods_differ(old: ast.stmt, new: ast.stmt) -> bool:
    if isinstance(old, ast.FunctionDef) and isinstance(new, ast.FunctionDef):
        return ast.dump(old.args) == ast.dump(new.args)
    assert isinstance(old, ast.ClassDef)
    assert isinstance(new, ast.ClassDef)
    return len(old.body) == len(new.body) and all(
        ast.dump(a) == ast.dump(b) or (isinstance(a, ast.FunctionDef) and _only_methods_differ(a, b))
        for a, b in zip(old.body, new.body, strict=True)
    )


def _give_code(module: ModuleType, source: str) -> bool:
    codes = {code.co_qualname: code for code in _codes(compile(source, module.__file__ or "", "exec"))}
    for function in _functions(module):
        code = codes.get(function.__code__.co_qualname)
        if code and len(code.co_freevars) != len(function.__code__.co_freevars):
            return False
        if code:
            function.__code__ = code
    return True


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """The functions and methods a module defines, without what is wrapped around them."""
    found = list(vars(module).values())
    for one in found:
        if isinstance(one, type) and one.__module__ == module.__name__:
            found += vars(one).values()
        for inner in ("fget", "__func__", "__wrapped__"):
            if hasattr(one, inner) and not isinstance(one, type):
                found.append(getattr(one, inner))
        if isinstance(one, FunctionType) and one.__module__ == module.__name__:
            yield one


def forget(module: ModuleType) -> None:
    """What the functions answered before."""
    for one in vars(module).values():
        if hasattr(one, "cache_clear"):
            one.cache_clear()


def _is_kept(line: ast.stmt) -> bool:
    """A query whose SQL is kept, made by a function that may have changed."""
    made = line.value if isinstance(line, ast.AnnAssign | ast.Assign) else None
    return isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and made.func.id.startswith("Kept")


def _work_out(module: ModuleType, line: ast.stmt) -> None:
    """Run one assignment again, and give its new value to all who imported the old one."""
    was = dict(vars(module))
    exec(compile(ast.Module([line], []), module.__file__ or "", "exec"), vars(module))
    for name, value in list(vars(module).items()):
        old = was.get(name)
        if value is old:
            continue
        if isinstance(old, Lifecycle):
            old.moves = value.moves
            setattr(module, name, old)
            continue
        for other in list(sys.modules.values()):
            if vars(other).get(name) is old and old is not None:
                setattr(other, name, value)
