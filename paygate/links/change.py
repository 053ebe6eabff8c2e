"""Create, edit, delete and restore a multi-use link; remove what was deleted long ago."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import changes, record
from paygate.lifecycle.moves import together
from paygate.links.models import Link, LinkTotal
from paygate.links.payable import lock, totals_of
from paygate.links.states import LIFE, LinkState
from paygate.links.terms import LinkTerms, too_late
from paygate.merchants.models import Terminal
from paygate.merchants.preferences import require_complete
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import Kind, Refusal, TermsRefused

KEPT_MONTHS: Final = 6  # a deleted link stays in the list, and can be restored (SPG-MUL-08 to 10)


class NotActive(Refusal):
    """A deleted link is not edited: it is restored first."""

    code = "NOT_ACTIVE"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("This link was deleted. Restore it before you change it."))


class ChangedMeanwhile(Refusal):
    """Somebody saved other terms since these were looked at."""

    code = "CHANGED_MEANWHILE"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _(
                "This link was changed meanwhile. Nothing was saved: open it again, and make your changes there."
            )
        )


def create_link(
    terminal: Terminal, terms: LinkTerms, *, form_id: UUID, by: Actor, now: datetime
) -> tuple[Link, bool]:
    """A link on these terms, and whether it was made now: one form makes one link, however often it is sent (ID-6).

    Raises `TermsRefused` with every problem, `SettingsIncomplete` or `NotPermitted`.
    """
    by.require(Permission.EDIT_OFFERS)
    made = Link.objects.filter(form_id=form_id).first()
    if made:
        return made, False
    if not by.is_set_up:
        require_complete(terminal.merchant_id)
    problems = list(terms.problems(terminal, now=now))
    if problems:
        raise TermsRefused(problems)
    try:
        with together():
            link = Link(
                merchant_id=terminal.merchant_id,
                terminal=terminal,
                form_id=form_id,
                created_at=now,
                created_by=by.name,
                changed_at=now,
                changed_by=by.name,
                **terms.columns(),
            )
            link.save(force_insert=True)
            LIFE.begin(link, by=by.name, cause="created", now=now)
            _put_down(Action.LINK_CREATED, link, {"description": link.description}, by=by, now=now)
    except IntegrityError:
        made = Link.objects.filter(form_id=form_id).first()
        if made is None:
            raise
        return made, False
    return link, True


def change_link(link_id: UUID, terms: LinkTerms, *, seen: int, by: Actor, now: datetime) -> Link:
    """Write new terms over those of the revision that was `seen`. Who is paying already keeps the terms of then.

    The same terms again change nothing, and nobody is told of them.

    Raises `TermsRefused`, `NotActive` or `ChangedMeanwhile`.
    """
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        link = lock(link_id)
        if link.state != LinkState.ACTIVE:
            raise NotActive
        if link.revision != seen:
            raise ChangedMeanwhile
        problems = [*terms.problems(link.terminal, now=now), *too_late(terms, totals_of(link))]
        if problems:
            raise TermsRefused(problems)
        written = terms.columns()
        before = {name: getattr(link, name) for name in written}
        changed = changes(before, written)
        if not changed:
            return link
        _put_down(Action.LINK_CHANGED, link, changed, by=by, now=now)
        Link.objects.filter(pk=link.pk).update(
            **written, revision=F("revision") + 1, changed_at=now, changed_by=by.name
        )
    return Link.objects.get(pk=link_id)


def delete_link(link_id: UUID, *, by: Actor, now: datetime) -> None:
    """Nobody begins to pay it any more; for six months it can be restored (SPG-MUL-05, 07). Raises `MoveRefused`."""
    _move(link_id, LinkState.DELETED, Action.LINK_DELETED, deleted_at=now, by=by, now=now)


def restore_link(link_id: UUID, *, by: Actor, now: datetime) -> None:
    """A deleted link takes payments again, within its dates and limits (SPG-MUL-10). Raises `MoveRefused`."""
    _move(link_id, LinkState.ACTIVE, Action.LINK_RESTORED, deleted_at=None, by=by, now=now)


def _move(
    link_id: UUID, to: LinkState, action: Action, *, deleted_at: datetime | None, by: Actor, now: datetime
) -> None:
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        link = lock(link_id)
        _put_down(action, link, {}, by=by, now=now)
        LIFE.move(
            link,
            to,
            by=by.name,
            cause="deleted" if to is LinkState.DELETED else "restored",
            now=now,
            deleted_at=deleted_at,
            changed_at=now,
            changed_by=by.name,
        )


def due_for_removal(now: datetime) -> list[tuple[int, UUID]]:
    """Links deleted at least six months ago, with their merchants."""
    due = Link.objects.filter(state=LinkState.DELETED, deleted_at__lte=six_months_before(now))
    return list(due.order_by("deleted_at").values_list("merchant_id", "pk"))


def remove(link_id: UUID, *, now: datetime) -> bool:
    """Remove a deleted link and its counters for good; its payments stay in the journal (SPG-MUL-09).

    Looked at again under its lock: it may have been restored meanwhile.
    """
    with transaction.atomic():
        link = lock(link_id)
        if link.state != LinkState.DELETED or link.deleted_at is None:
            return False
        if link.deleted_at > six_months_before(now):
            return False
        LinkTotal.objects.filter(link=link).delete()
        link.delete()
    return True


def six_months_before(now: datetime) -> datetime:
    """The same time of day six months earlier, on a day that every month has."""
    months = now.year * 12 + now.month - 1 - KEPT_MONTHS
    return now.replace(year=months // 12, month=months % 12 + 1, day=min(now.day, 28))


def removed_from(deleted_at: datetime) -> datetime:
    """From when on a link that was deleted then is removed: the same day six months on, else the first after it."""
    is_everywhere = deleted_at.day <= 28
    months = deleted_at.year * 12 + deleted_at.month - 1 + KEPT_MONTHS + (not is_everywhere)
    day = deleted_at.day if is_everywhere else 1
    return deleted_at.replace(year=months // 12, month=months % 12 + 1, day=day)


def _put_down(action: Action, link: Link, detail: Mapping[str, object], *, by: Actor, now: datetime) -> None:
    record(
        action, merchant_id=link.merchant_id, by=by.name, subject=f"link:{link.pk}", detail=detail, now=now
    )
