"""Every small change of a source file that its tests should notice: one changed sign, value, word, cell or line each.

Words for people are left alone: what is translated, logged, noted as a cause or raised as a message.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ENUMS: Final = {"Enum", "StrEnum", "IntEnum", "TextChoices"}
SIGNS: Final[Mapping[type[ast.AST], type[ast.AST]]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
WORDS: Final = {
    "_",
    "pgettext_lazy",
    "debug",
    "info",
    "warning",
    "error",
    "TypeError",
    "ValueError",
    "CurrencyMismatch",
}
WORDY: Final = {"cause", "because", "what", "by", "now", "name"}  # keywords that say why, who and when
CAUSE_THIRD: Final = {"_move"}  # calls whose plain texts are causes

Change = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed file."""

    name: str  # "function: before -> after", the same wherever the function stands
    line: int
    first: int  # the lines of the statement it is in; both 0 where it runs at import
    last: int
    source: str


def mutants(path: Path, root: Path) -> list[Mutant]:
    """All mutants of a file below `root`, in the order of its lines."""
    tree = ast.parse(path.read_text())
    found: list[Mutant] = []
    counted: Counter[str] = Counter()
    sources = {ast.unparse(tree)}  # two ways to the same mutant are one
    for place in _places(tree, _members(tree, root)):
        before = _told(place.seen)
        place.change()
        after = _told(place.seen) if place.after is None else place.after
        source = ast.unparse(ast.fix_missing_locations(tree))
        place.undo()
        if before != after and source not in sources:
            sources.add(source)
            name = f"{place.where}: {before} -> {after}"
            counted[name] += 1
            name += f" #{counted[name]}" if counted[name] > 1 else ""
            found.append(Mutant(name, place.line, place.first, place.last, source))
    return found


def _told(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 110 else f"{text[:70]} … {text[-35:]}"


@dataclass
class _Place:
    """Where something can be changed, and back again."""

    where: str  # the function, class or name it belongs to
    seen: ast.AST  # what is shown before and after
    change: Change
    undo: Change
    line: int
    first: int
    last: int
    after: str | None = None  # what is shown after, where nothing is left to show


def _members(tree: ast.Module, root: Path) -> dict[str, list[str]]:
    """The members of every enumeration that a file defines or imports from this house."""
    known = _enums_of(tree)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("paygate."):
            file = root / (node.module.replace(".", "/") + ".py")
            there = _enums_of(ast.parse(file.read_text())) if file.exists() else {}
            for alias in node.names:
                if alias.name in there:
                    known[alias.asname or alias.name] = there[alias.name]
    return known


def _enums_of(tree: ast.Module) -> dict[str, list[str]]:
    known = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(_last_name(base) in ENUMS for base in node.bases):
            values = [line for line in node.body if isinstance(line, ast.Assign)]
            known[node.name] = [_last_name(line.targets[0]) for line in values]
    return {name: members for name, members in known.items() if len(members) > 1}


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _places(tree: ast.Module, enums: Mapping[str, list[str]]) -> Iterator[_Place]:
    """Walk the tree once, without annotations, docstrings and words."""
    columns = _columns(tree)

    def walk(node: ast.AST, where: str, first: int, last: int, inside: bool) -> Iterator[_Place]:
        if isinstance(node, ast.stmt) and inside:
            compound = isinstance(
                node, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match | ast.FunctionDef
            )
            first, last = node.lineno, node.lineno if compound else node.end_lineno or node.lineno
        if name := _named(node):
            where = f"{where}.{name}" if where else name
        line = getattr(node, "lineno", first)
        if isinstance(node, ast.expr | ast.pattern) and inside:
            # A condition over several lines is traced on any of them.
            last = max(last, node.end_lineno or last)

        def at(seen: ast.AST, change: Change, undo: Change, after: str | None = None) -> _Place:
            if isinstance(seen, ast.stmt) and seen is not node:  # a line left out of this one's body
                later = inside or isinstance(node, ast.FunctionDef)
                own = (seen.lineno, seen.end_lineno or seen.lineno) if later else (0, 0)
                return _Place(where, seen, change, undo, seen.lineno, *own, after)
            return _Place(where, seen, change, undo, line, first, last, after)

        yield from _changes(node, at, enums, columns)
        for child, into in _children(node):
            yield from walk(child, where, first, last, inside or into)

    yield from walk(tree, "", 0, 0, False)


def _named(node: ast.AST) -> str:
    """The name a statement gives to what is in it, if it gives one."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name if node.col_offset in {0, 4} and name == name.upper() else ""
    return ""


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """What lies in a node and may be changed; with True when it runs later than at import."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases", "msg", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_text(child):
                continue
            if isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant):
                continue  # words around values
            if isinstance(node, ast.Subscript) and isinstance(child, ast.Tuple):
                continue  # a type
            if isinstance(node, ast.Call) and _wordy(node, child):
                continue
            yield child, name == "body" and isinstance(node, ast.FunctionDef)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _wordy(call: ast.Call, child: ast.AST) -> bool:
    called = _last_name(call.func)
    if called in WORDS:
        return True
    if isinstance(child, ast.keyword) and child.arg in WORDY:
        return isinstance(child.value, ast.Constant | ast.Attribute | ast.Name | ast.Call)
    return called in CAUSE_THIRD and isinstance(child, ast.Constant) and isinstance(child.value, str)


At = Callable[..., _Place]


def _changes(
    node: ast.AST, at: At, enums: Mapping[str, list[str]], columns: Mapping[str, list[list[str]]]
) -> Iterator[_Place]:
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                yield _put(at, node, ops, index, SIGNS[type(op)]())
        case ast.BoolOp(op=op, values=values):
            yield _set(at, node, "op", SIGNS[type(op)]())
            for index in range(len(values)):
                yield _drop(at, node, index, values)
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SIGNS:
            yield _set(at, node, "op", SIGNS[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield (
                _set(at, node, "op", ast.UAdd())
                if isinstance(node.op, ast.USub)
                else _set(at, node, "operand", ast.UnaryOp(ast.Not(), operand))
            )
        case ast.If(test=test) | ast.IfExp(test=test) if not isinstance(
            test, ast.Compare | ast.BoolOp | ast.UnaryOp
        ):
            yield _set(at, node, "test", ast.UnaryOp(ast.Not(), test), shown=test)
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield _set(at, node, "value", ast.Constant(None))
        case ast.Constant(value=bool() as value):
            yield _set(at, node, "value", not value)
        case ast.Constant(value=int() as value):
            yield _set(at, node, "value", value + 1)
        case ast.Constant(value=str() as value):
            yield _set(at, node, "value", value + "X")
        case ast.Attribute(value=ast.Name(id=name), attr=member) if member in enums.get(name, []):
            others = enums[name]
            yield _set(at, node, "attr", others[(others.index(member) + 1) % len(others)])
        case ast.Dict(keys=keys, values=values):
            for index in range(len(keys)):
                yield _drop(at, node, index, keys, values, told=_told(keys[index] or values[index]))
        case ast.Set(elts=elts) | ast.Tuple(elts=elts, ctx=ast.Load()):
            for index, one in enumerate(elts):
                if not (isinstance(one, ast.Call) and _last_name(one.func) in WORDS):
                    yield _drop(at, node, index, elts, told=_told(one))
        case ast.Call(keywords=keywords) if _last_name(node.func) not in WORDS:
            for index, keyword in enumerate(keywords):
                if keyword.arg not in WORDY:
                    yield _drop(at, node, index, keywords, told=f"{keyword.arg}=")
            yield from _cells(node, at, columns)
    if isinstance(node, ast.Call) and _last_name(node.func) == "Lifecycle":
        yield from _moves_more(node, at, enums)
    for name in ("body", "orelse"):
        body = getattr(node, name, None)
        if isinstance(body, list):
            for index, line in enumerate(body):
                if _may_go(line):
                    yield _put(at, line, body, index, ast.Pass(), after="(gone)")


def _may_go(line: ast.AST) -> bool:
    """Can this line be left out? Log lines may, and calls, changes of rows and errors should not."""
    match line:
        case ast.Expr(value=ast.Call(func=func)):
            return _last_name(func) not in WORDS
        case ast.Raise() | ast.AugAssign() | ast.Continue() | ast.Break():
            return True
        case (
            ast.Assign(targets=[ast.Attribute()])
            | ast.Assign(targets=[ast.Tuple(elts=[ast.Attribute(), *_])])
        ):
            return True
    return False


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _columns(tree: ast.Module) -> dict[str, list[list[str]]]:
    """For each thing that several module-level calls make, like the rows of a table: what stands in each column."""
    made: dict[str, list[list[str]]] = {}
    for line in tree.body:
        if isinstance(line, ast.AnnAssign | ast.Assign) and line.value:
            for node in ast.walk(line.value):
                if isinstance(node, ast.Call) and node.args and _last_name(node.func)[:1].isupper():
                    made.setdefault(_last_name(node.func), []).append([ast.unparse(one) for one in node.args])
    return {
        name: [list(dict.fromkeys(column)) for column in zip(*rows, strict=True)]
        for name, rows in made.items()
        if len(rows) > 1 and len({len(row) for row in rows}) == 1
    }


def _cells(node: ast.Call, at: At, columns: Mapping[str, list[list[str]]]) -> Iterator[_Place]:
    """Each cell of a row becomes what another row has there."""
    for index, column in enumerate(columns.get(_last_name(node.func), [])):
        if len(column) > 1 and index < len(node.args):
            other = column[(column.index(ast.unparse(node.args[index])) + 1) % len(column)]
            yield _put(at, node, node.args, index, ast.parse(other, mode="eval").body)


def _moves_more(node: ast.Call, at: At, enums: Mapping[str, list[str]]) -> Iterator[_Place]:
    """A life with one more move: each of those that are not allowed."""
    table = node.args[0]
    assert isinstance(table, ast.Dict)
    for index, (old, new) in enumerate(zip(table.keys, table.values, strict=True)):
        assert isinstance(old, ast.Attribute)
        kept = list(new.elts) if isinstance(new, ast.Set) else []
        life = _last_name(old.value)
        for member in enums[life]:
            if member not in {_last_name(one) for one in kept}:
                more = ast.Attribute(ast.Name(life, ast.Load()), member, ast.Load())
                yield _put(at, old, table.values, index, ast.Set([*kept, more]), after=f"+ {member}")


def _set(at: At, node: ast.AST, field: str, value: object, shown: ast.AST | None = None) -> _Place:
    before = getattr(node, field)
    after = f"not {_told(shown)}" if shown is not None else None
    return at(shown or node, lambda: setattr(node, field, value), lambda: setattr(node, field, before), after)


def _put(
    at: At, seen: ast.AST, into: list[Any], index: int, new: ast.AST, after: str | None = None
) -> _Place:
    before = into[index]
    return at(seen, lambda: into.__setitem__(index, new), lambda: into.__setitem__(index, before), after)


def _drop(at: At, seen: ast.AST, index: int, *lists: list[Any], told: str | None = None) -> _Place:
    before = [one[index] for one in lists]

    def change() -> None:
        for one in lists:
            del one[index]

    def undo() -> None:
        for one, was in zip(lists, before, strict=True):
            one.insert(index, was)

    return at(seen, change, undo, None if told is None else f"without {told}")
