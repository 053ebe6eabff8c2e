"""Who works for a merchant, in which role, and whether a second factor is asked of them (safety.md AU-2 to AU-4)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from paygate.accounts.presence import sign_out
from paygate.accounts.second_factor import second_factors
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.merchants.models import Member, Preferences, Role
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import Kind, NotFound, Refusal


class NotOneself(Refusal):
    """Nobody changes their own role, or removes themselves."""

    code = "NOT_ONESELF"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("You cannot change or remove yourself. Another owner can."))


class OwnerNeeded(Refusal):
    """A merchant has an owner at all times."""

    code = "OWNER_NEEDED"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("This is the only owner. Make somebody else an owner first."))


def people_of(merchant_id: int) -> QuerySet[Member]:
    """Everybody who works for the merchant; each knows whether there is a second factor (`has_second_factor`)."""
    members = Member.objects.filter(merchant_id=merchant_id).select_related("user")
    return members.annotate(has_second_factor=Exists(second_factors(OuterRef("user")))).order_by("pk")


def change_role(member_id: int, role: str, *, by: Actor, now: datetime) -> Member:
    """From now on this is the person's role; whoever it is signs in anew (AU-3).

    Raises `NotOneself`, `OwnerNeeded`, `NotFound`.
    """
    by.require(Permission.EDIT_PEOPLE)
    if role not in Role.values:
        raise NotFound
    with transaction.atomic():
        member = _other(member_id, by=by)
        old = member.role
        if role == old:
            return member
        if old == Role.OWNER:
            _keep_an_owner(member)
        Member.objects.filter(pk=member.pk).update(role=role)
        member.role = role
        _put_down(Action.ROLE_CHANGED, member, {"role": {"old": old, "new": role}}, by=by, now=now)
        sign_out(member.user_id)
    return member


def remove(member_id: int, *, by: Actor, now: datetime) -> Member:
    """The person works here no more, and is signed out. What was done stays under the name.

    Raises `NotOneself`, `OwnerNeeded`, `NotFound`.
    """
    by.require(Permission.EDIT_PEOPLE)
    with transaction.atomic():
        member = _other(member_id, by=by)
        if member.role == Role.OWNER:
            _keep_an_owner(member)
        _put_down(Action.PERSON_REMOVED, member, {"role": member.role}, by=by, now=now)
        sign_out(member.user_id)
        Member.objects.filter(pk=member.pk).delete()
    return member


def require_second_factor(required: bool, *, by: Actor, now: datetime) -> None:
    """Does everybody who works here need a second factor? Enforced by the back office's doorman."""
    by.require(Permission.EDIT_PEOPLE)
    with transaction.atomic():
        changed = Preferences.objects.filter(merchant_id=by.merchant_id).exclude(
            second_factor_required=required
        )
        if not changed.update(second_factor_required=required):
            return
        record(
            Action.SECOND_FACTOR_RULE,
            merchant_id=by.merchant_id,
            by=by.name,
            subject="settings",
            detail={"required": {"old": not required, "new": required}},
            now=now,
        )


def limit_refunds(limit: int | None, *, by: Actor, now: datetime) -> None:
    """Above how much, in whole units of any currency, a refund needs a second person; None: never (safety.md AU-5)."""
    by.require(Permission.EDIT_PEOPLE)
    with transaction.atomic():
        settings = Preferences.objects.select_for_update().filter(merchant_id=by.merchant_id).first()
        if settings is None or settings.refund_limit == limit:
            return
        detail = {"limit": {"old": settings.refund_limit, "new": limit}}
        Preferences.objects.filter(pk=settings.pk).update(refund_limit=limit)
        record(
            Action.REFUND_LIMIT,
            merchant_id=by.merchant_id,
            by=by.name,
            subject="settings",
            detail=detail,
            now=now,
        )


def _other(member_id: int, *, by: Actor) -> Member:
    """The member, locked with all owners, so that two owners cannot remove each other at once."""
    rows = Member.objects.filter(merchant_id=by.merchant_id).select_for_update(of=("self",))
    list(rows.filter(role=Role.OWNER).order_by("pk"))
    member = rows.select_related("user").filter(pk=member_id).first()
    if member is None:
        raise NotFound
    if f"member:{member.pk}" == by.name:
        raise NotOneself
    return member


def _keep_an_owner(leaving: Member) -> None:
    others = Member.objects.filter(merchant_id=leaving.merchant_id, role=Role.OWNER).exclude(pk=leaving.pk)
    if not others.exists():
        raise OwnerNeeded


def _put_down(action: Action, member: Member, detail: dict[str, object], *, by: Actor, now: datetime) -> None:
    subject = f"person:{member.user.email}"
    record(action, merchant_id=member.merchant_id, by=by.name, subject=subject, detail=detail, now=now)
