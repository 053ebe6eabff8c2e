"""Write a line of the audit log, in the transaction of whoever does what it tells (safety.md AU-7).

Never called on a payer's way to the receipt: what payers do stands in the histories (lifecycle).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from paygate.audit.actions import Action
from paygate.audit.models import AuditLine
from paygate.audit.origin import origin
from paygate.tenants.inserting import insert_rows

LONGEST: Final = 500  # characters of one value; a letter's text is told by its beginning
HIDDEN: Final = "[hidden]"

_SECRET: Final = re.compile(r"(?i)passw|secret|token|api_?key|private|recovery|cvc|card_?number")


def record(
    action: Action,
    *,
    merchant_id: int,
    by: str,
    subject: str = "",
    detail: Mapping[str, object] | None = None,
    now: datetime,
    result: str = "done",
    person: str = "",
) -> None:
    """One line: `by` is an actor's name ("member:12"), `subject` what it was done to ("offer:<id>").

    `detail` holds values by name, or what `changes` made. `person` is needed only where nobody is signed in yet.
    Costs one statement; the chain is made by a job (chain.py).
    """
    lines = {subject: detail or {}}
    record_each(action, lines, merchant_id=merchant_id, by=by, now=now, result=result, person=person)


def record_each(
    action: Action,
    lines: Mapping[str, Mapping[str, object]],
    *,
    merchant_id: int,
    by: str,
    now: datetime,
    result: str = "done",
    person: str = "",
) -> None:
    """A line for each subject with its detail, in one statement."""
    here = origin()
    insert_rows(
        [
            AuditLine(
                merchant_id=merchant_id,
                at=now,
                by=by[:60],
                person=(person or here.person)[:254],
                action=action.value,
                subject=subject[:80],
                detail=masked(detail),
                came_from=here.address[:45],
                result=result,
                request_id=here.request_id[:40],
            )
            for subject, detail in lines.items()
        ]
    )


def changes(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """What differs, by name, with the old and the new value. Empty when nothing does."""
    return {
        name: {"old": old.get(name), "new": value} for name, value in new.items() if old.get(name) != value
    }


def masked(detail: Mapping[str, object]) -> dict[str, Any]:
    """The detail as it may be kept: named secrets hidden, values as JSON has them, long ones cut."""
    return {name: _mask(value) if _SECRET.search(name) else _plain(value) for name, value in detail.items()}


def _mask(value: object) -> Any:
    if isinstance(value, Mapping):
        return {name: _mask(inner) for name, inner in value.items()}
    return HIDDEN if value not in (None, "", [], False, True) else value


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return masked({str(name): inner for name, inner in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
