"""People: who works here, invitations, roles, and whether a second factor is asked of all."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.pages import page
from paygate.backoffice.people.forms import InviteForm, RefundLimitForm, RoleForm
from paygate.backoffice.people.words import MAY
from paygate.backoffice.visit import Visit
from paygate.mail.mailbox import MailboxRefused
from paygate.merchants.invite import InvitationRefused, invite, open_invitations, withdraw
from paygate.merchants.models import Member
from paygate.merchants.people import (
    NotOneself,
    OwnerNeeded,
    change_role,
    limit_refunds,
    people_of,
    remove,
    require_second_factor,
)
from paygate.merchants.preferences import preferences_of
from paygate.merchants.roles import Permission
from paygate.refusals import NotFound


@doorman(Permission.SEE_PEOPLE)
@require_safe
def people(request: Visit) -> HttpResponse:
    """Members with role, last sign-in and second factor; invitations that wait; the rule for all."""
    return _listed(request, None)


def _listed(request: Visit, form: RefundLimitForm | None) -> HttpResponse:
    merchant_id = request.merchant.pk
    preferences = preferences_of(merchant_id)
    limit = RefundLimitForm(None, initial={"limit": preferences.refund_limit})
    return page(
        request,
        "people/list.html.jinja",
        {
            "limit": preferences.refund_limit,
            "limit_form": form or limit,
            "people": list(people_of(merchant_id)),
            "invitations": list(open_invitations(merchant_id)),
            "required": preferences.second_factor_required,
            "live": request.merchant.live,
            "may": MAY,
            "me": request.member.pk,
            "now": request.now,
            "may_change": _may_change(request),
        },
        status=422 if form else 200,
    )


@doorman(Permission.EDIT_PEOPLE, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_person(request: Visit) -> HttpResponse:
    """Write an invitation letter."""
    form = InviteForm(
        request.POST if request.method == "POST" else None, initial={"language": (get_language() or "en")[:2]}
    )
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            invitation = invite(request.merchant, **wanted, by=request.actor, now=request.now)
        except MailboxRefused as refused:
            form.add_error("email", str(refused))
        except InvitationRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("%(email)s is invited.") % {"email": invitation.email})
            return redirect("backoffice:people")
    return page(request, "people/invite.html.jinja", {"form": form}, status=422 if form.errors else 200)


@doorman(Permission.EDIT_PEOPLE, fresh=True)
@require_POST
def withdraw_invitation(request: Visit, invitation_id: int) -> HttpResponse:
    """Its link works no more."""
    invitation = withdraw(invitation_id, by=request.actor, now=request.now)
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("backoffice:people")


@doorman(Permission.EDIT_PEOPLE, fresh=True)
@require_POST
def second_factor_rule(request: Visit) -> HttpResponse:
    """A second factor is asked of everybody, or left to each."""
    require_second_factor(request.POST.get("required") == "yes", by=request.actor, now=request.now)
    messages.success(request, _("Saved."))
    return redirect("backoffice:people")


@doorman(Permission.EDIT_PEOPLE, fresh=True)
@require_POST
def refund_limit(request: Visit) -> HttpResponse:
    """Refunds above a sum need a second person (safety.md AU-5)."""
    form = RefundLimitForm(request.POST)
    if not form.is_valid():
        return _listed(request, form)
    limit_refunds(form.cleaned_data["limit"], by=request.actor, now=request.now)
    messages.success(request, _("Saved."))
    return redirect("backoffice:people")


@doorman(Permission.SEE_PEOPLE)
@require_safe
def person(request: Visit, member_id: int) -> HttpResponse:
    """One member."""
    found = _member(request, member_id)
    return _show(request, found, RoleForm(None, initial={"role": found.role}))


@doorman(Permission.EDIT_PEOPLE, fresh=True)
@require_POST
def give_role(request: Visit, member_id: int) -> HttpResponse:
    """Another role; the person signs in anew."""
    found = _member(request, member_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            changed = change_role(found.pk, form.cleaned_data["role"], by=request.actor, now=request.now)
        except (NotOneself, OwnerNeeded) as refused:
            form.refuse(refused)
        else:
            words = _("%(name)s is now: %(role)s.")
            messages.success(request, words % {"name": changed.user, "role": changed.get_role_display()})
            return redirect("backoffice:people")
    return _show(request, found, form)


@doorman(Permission.EDIT_PEOPLE, fresh=True)
@require_POST
def remove_person(request: Visit, member_id: int) -> HttpResponse:
    """The person works here no more."""
    found = _member(request, member_id)
    try:
        remove(found.pk, by=request.actor, now=request.now)
    except (NotOneself, OwnerNeeded) as refused:
        messages.error(request, str(refused))
        return redirect("backoffice:person", found.pk)
    messages.success(request, _("%(name)s does not work here any more.") % {"name": found.user})
    return redirect("backoffice:people")


def _member(request: Visit, member_id: int) -> Member:
    found = people_of(request.merchant.pk).filter(pk=min(member_id, 2**63 - 1)).first()
    if found is None:
        raise NotFound
    return found


def _show(request: Visit, found: Member, form: RoleForm) -> HttpResponse:
    return page(
        request,
        "people/person.html.jinja",
        {
            "person": found,
            "form": form,
            "may": MAY,
            "is_me": found.pk == request.member.pk,
            "may_change": _may_change(request),
        },
        status=422 if form.errors else 200,
    )


def _may_change(request: Visit) -> bool:
    return Permission.EDIT_PEOPLE in request.actor.permissions
