"""Ask a person by letter to work for the merchant: one link, for seven days, used once (safety.md AU-1, AU-4)."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from paygate.accounts.letters import SENDER, SENDER_LOCAL
from paygate.accounts.models import User
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.languages import ui_language
from paygate.mail.archive import PERSONAL
from paygate.mail.mailbox import one_line, parse_mailbox
from paygate.mail.outbox import Letter, queue, render
from paygate.merchants.models import Invitation, Member, Role
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import Kind, NotFound, Refusal
from paygate.tenants.context import across_tenants, within
from paygate.tenants.models import Merchant

VALID: Final = timedelta(days=7)
MOST_WAITING: Final = 50  # invitations of one merchant that nobody has answered yet

_SALT: Final = "paygate.invitation"


class InvitationRefused(Refusal):
    """This person cannot be invited, or not so."""

    code = "INVITATION_REFUSED"
    kind = Kind.INVALID


class InvitationOver(Refusal):
    """The link was used, withdrawn, replaced, is older than seven days, or was never ours."""

    code = "INVITATION_OVER"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("This invitation is no longer valid."))


def invite(
    merchant: Merchant, *, email: str, role: str, language: str, by: Actor, now: datetime
) -> Invitation:
    """Write the letter. A second one to the same person replaces the first, whose link works no more.

    Raises `MailboxRefused` and `InvitationRefused`.
    """
    by.require(Permission.EDIT_PEOPLE)
    email = parse_mailbox(email).lower()
    if role not in Role.values:
        raise InvitationRefused(_("Choose one of the values in the list."), field="role")
    if Member.objects.filter(merchant=merchant, user__email=email).exists():
        raise InvitationRefused(_("This person works here already."), field="email")
    with transaction.atomic():
        waiting = Invitation.objects.select_for_update().filter(merchant=merchant, ended_at=None)
        waiting.filter(email=email).update(ended_at=now)
        if waiting.filter(expires_at__gt=now).count() >= MOST_WAITING:
            raise InvitationRefused(_("Too many invitations are waiting for an answer. Withdraw some first."))
        invitation = Invitation.objects.create(
            merchant=merchant,
            email=email,
            role=role,
            language=ui_language(language),
            invited_by=by.name,
            invited_at=now,
            expires_at=now + VALID,
        )
        queue(_letter(invitation, merchant, by=by), merchant_id=merchant.pk, now=now)
        _put_down(Action.PERSON_INVITED, invitation, {"role": role}, by=by.name, now=now)
    return invitation


def withdraw(invitation_id: int, *, by: Actor, now: datetime) -> Invitation:
    """Its link works no more. Raises `NotFound` for one that is not open any more, like for a foreign one."""
    by.require(Permission.EDIT_PEOPLE)
    with transaction.atomic():
        invitation = open_invitations(by.merchant_id).select_for_update().filter(pk=invitation_id).first()
        if invitation is None:
            raise NotFound
        Invitation.objects.filter(pk=invitation.pk).update(ended_at=now)
        _put_down(Action.INVITATION_WITHDRAWN, invitation, {"role": invitation.role}, by=by.name, now=now)
    return invitation


def open_invitations(merchant_id: int) -> QuerySet[Invitation]:
    """Those nobody has answered, the newest first; also those whose time is over."""
    return Invitation.objects.filter(merchant_id=merchant_id, ended_at=None)


def read(token: str, *, now: datetime) -> Invitation:
    """The open invitation behind a link, with its merchant. Raises `InvitationOver`."""
    try:
        pk = int(signing.Signer(salt=_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise InvitationOver from None
    with across_tenants():
        found = Invitation.objects.select_related("merchant").filter(pk=pk, ended_at=None, expires_at__gt=now)
        invitation = found.first()
    if invitation is None:
        raise InvitationOver
    return invitation


def accept(invitation: Invitation, *, name: str, password: str, now: datetime) -> Member:
    """A new person, with this name and password. Raises `InvitationOver`; whoever has an account joins with `join`."""
    with within(invitation.merchant_id), transaction.atomic():
        if User.objects.filter(email=invitation.email).exists():
            raise InvitationOver
        _use_up(invitation, now=now)
        user = User.objects.create_user(
            invitation.email,
            password,
            name=one_line(name, 80),
            language=invitation.language,
            home=invitation.merchant,
        )
        return _joined(invitation, user, now=now)


def join(invitation: Invitation, user: User, *, now: datetime) -> Member:
    """Somebody who has an account and is signed in works for this merchant too. Raises `InvitationOver`."""
    if user.email != invitation.email:
        raise InvitationOver
    with within(invitation.merchant_id), transaction.atomic():
        _use_up(invitation, now=now)
        return _joined(invitation, user, now=now)


def _use_up(invitation: Invitation, *, now: datetime) -> None:
    """Of two at once, one gets it."""
    still = Invitation.objects.filter(pk=invitation.pk, ended_at=None, expires_at__gt=now)
    if not still.update(ended_at=now, accepted=True):
        raise InvitationOver


def _joined(invitation: Invitation, user: User, *, now: datetime) -> Member:
    member = Member.objects.create(merchant_id=invitation.merchant_id, user=user, role=invitation.role)
    _put_down(
        Action.PERSON_JOINED,
        invitation,
        {"role": invitation.role, "invited by": invitation.invited_by},
        by=f"member:{member.pk}",
        now=now,
    )
    return member


def _put_down(
    action: Action, invitation: Invitation, detail: dict[str, object], *, by: str, now: datetime
) -> None:
    record(
        action,
        merchant_id=invitation.merchant_id,
        by=by,
        subject=f"person:{invitation.email}",
        detail=detail,
        now=now,
        person=invitation.email if action is Action.PERSON_JOINED else "",
    )


def link_of(invitation: Invitation) -> str:
    """The address in the letter. Nothing of it is stored: it is the row's number, signed by this installation."""
    token = signing.Signer(salt=_SALT).sign(str(invitation.pk))
    return f"{settings.PAYGATE_PUBLIC_URL}{reverse('invitation', args=[token])}"


def _letter(invitation: Invitation, merchant: Merchant, *, by: Actor) -> Letter:
    kind, _colon, key = by.name.partition(":")
    inviter = (
        Member.objects.select_related("user").filter(merchant=merchant, pk=key) if kind == "member" else ()
    )
    person = next((str(member.user) for member in inviter), merchant.name)
    written = render(
        "merchants/letters/invitation",
        invitation.language,
        {
            "merchant_name": SENDER,
            "test": settings.PAYGATE_ENV != "production",
            "link": link_of(invitation),
            "employer": merchant.name,
            "inviter": person,
            "role": invitation.get_role_display,
            "email": invitation.email,
            "until": invitation.expires_at.astimezone(ZoneInfo(merchant.zone)),
            "zone": merchant.zone,
        },
    )
    return Letter(
        kind=PERSONAL,
        to=invitation.email,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=invitation.language,
        sender_name=SENDER,
        sender_local=SENDER_LOCAL,
        about=f"invitation:{invitation.pk}",
    )
