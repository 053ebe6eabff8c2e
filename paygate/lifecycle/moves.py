"""One table of allowed moves, and the one function that makes a move (safety.md ST-1, ST-2)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from paygate.lifecycle.models import Step
from paygate.refusals import Kind, Refusal
from paygate.tenants.bulk import insert_all
from paygate.tenants.inserting import insert, insert_rows
from paygate.tenants.kept import Given, KeptChange
from paygate.tenants.owned import TenantOwned


class MoveRefused(Refusal):
    """The move is not in the table, or somebody else moved the row first."""

    code = "WRONG_STATE"
    kind = Kind.CONFLICT


class Living(Protocol):
    """A row with a state and a merchant."""

    pk: Any
    state: str
    merchant_id: int


class Lifecycle:
    """The life of one noun: from each state, the states it may move to."""

    def __init__(self, moves: Mapping[str, Collection[str]]) -> None:
        self.moves = moves

    def begin(self, row: Living, *, by: str, cause: str, now: datetime) -> None:
        """Write the first line of a new row's history."""
        _note(row, old="", new=row.state, by=by, cause=cause, now=now)

    def begin_all(
        self,
        model: type[TenantOwned],
        keys: Sequence[Any],
        first: str,
        *,
        merchant_id: int,
        by: str,
        cause: str,
        now: datetime,
    ) -> None:
        """The same for many new rows, all of them in the state `first`, in one statement."""
        insert_all(
            Step,
            [{"subject_id": str(key)} for key in keys],
            merchant_id=merchant_id,
            subject=model._meta.label,
            old="",
            new=first,
            cause=cause,
            by=by,
            at=now,
        )

    def allows(self, old: str, new: str) -> bool:
        """Is this move in the table?"""
        return new in self.moves[old]

    def move(self, row: Living, new: str, *, by: str, cause: str, now: datetime, **changes: Any) -> None:
        """Move `row` to `new`, and write `changes` with it.

        The check and the change are one UPDATE, so of two callers who both read OPEN only one gets to write PAID.
        The history is written in the same transaction. Raises `MoveRefused`.
        """
        model, old = type(row), row.state
        assert issubclass(model, models.Model)
        if not self.allows(old, new):
            raise MoveRefused(
                _("This is no longer possible: the state is %(state)s.") % {"state": _label(model, old)}
            )
        with transaction.atomic(savepoint=False):
            change = _compare_and_set(model, tuple(changes))
            moved = change.run({"state": new, **changes}, pk=row.pk, old=old)
            if moved:
                _note(row, old=old, new=new, by=by, cause=cause, now=now)
        if not moved:
            raise MoveRefused(
                _("Somebody else was faster: the state is no longer %(state)s.")
                % {"state": _label(model, old)}
            )
        for field, value in {"state": new, **changes}.items():
            setattr(row, field, value)


@cache
def _compare_and_set(model: type[models.Model], columns: tuple[str, ...]) -> KeptChange:
    """The UPDATE of a row that is still in the state it was read in."""
    state = model._meta.get_field("state")
    return KeptChange(
        lambda: model._base_manager.filter(pk=Given("pk", model._meta.pk), state=Given("old", state)),
        "state",
        *columns,
    )


def _label(model: type[models.Model], state: str) -> str:
    """The state in people's words."""
    labels = dict(getattr(model._meta.get_field("state"), "flatchoices", ()))
    return str(labels.get(state, state))


@dataclass(slots=True)
class _Chapter:
    """The lines of history that one transaction, or one savepoint in it, has yet to write."""

    depth: int  # how many savepoints it lies in
    lines: list[Step] = dataclass_field(default_factory=list)


_chapter: ContextVar[_Chapter | None] = ContextVar("paygate_chapter", default=None)


@contextmanager
def together(*, durable: bool = False) -> Iterator[None]:
    """A transaction whose moves write their history in one statement at its end, instead of one statement each.

    Inside another such block it is a savepoint, and its lines wait for the end of the outer one. What is rolled back
    leaves no line, and what is committed has all of its lines.
    """
    outer = _chapter.get()
    waits = outer if outer is not None and _writes_here(outer) else None
    with transaction.atomic(durable=durable):
        chapter = _Chapter(_depth())
        token = _chapter.set(chapter)
        try:
            yield
        finally:
            _chapter.reset(token)
        if waits is None:
            insert_rows(chapter.lines)
    if waits is not None:
        waits.lines += chapter.lines


def _writes_here(chapter: _Chapter) -> bool:
    """False inside a savepoint that is no chapter of its own: a line must be able to go with it."""
    return connection.in_atomic_block and chapter.depth == _depth()


def _depth() -> int:
    return sum(savepoint is not None for savepoint in connection.savepoint_ids)


def _note(row: Living, *, old: str, new: str, by: str, cause: str, now: datetime) -> None:
    meta = type(row)._meta  # type: ignore[attr-defined]  # a Living row is a model; Protocols cannot say so
    line = Step(
        merchant_id=row.merchant_id,
        subject=meta.label,
        subject_id=str(row.pk),
        old=old,
        new=new,
        cause=cause,
        by=by,
        at=now,
    )
    chapter = _chapter.get()
    if chapter is not None and _writes_here(chapter):
        chapter.lines.append(line)
    else:
        insert(line)


def history(row: Living) -> models.QuerySet[Step]:
    """Every step of a row, oldest first."""
    meta = type(row)._meta  # type: ignore[attr-defined]  # as above
    return Step.objects.filter(subject=meta.label, subject_id=str(row.pk))


def in_states(states: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """The database knows the states too."""
    return models.CheckConstraint(condition=models.Q(state__in=states.values), name=name)
