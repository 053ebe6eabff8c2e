"""The day at a glance, and what a person chooses for themselves: language and merchant."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.alarms.kinds import AlarmKind
from paygate.alarms.raising import alarms_of
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.backoffice.doorman import CHOSEN, doorman
from paygate.backoffice.form_parts import terminals_of
from paygate.backoffice.journal.cases import count_open
from paygate.backoffice.journal.guarantee import guarantee_of
from paygate.backoffice.journal.words import booked_less, lacks_shift, marks_of
from paygate.backoffice.letters.words import mail_mark
from paygate.backoffice.pages import page, total_of
from paygate.backoffice.sums import contents_of, sums_of
from paygate.backoffice.visit import Visit
from paygate.journal.find import Search as JournalSearch
from paygate.journal.find import entries_of, periods_of
from paygate.journal.models import BookingPeriod, EntryType, Kind, Movement
from paygate.journal.periods import CLOSING_TIME, CLOSING_ZONE
from paygate.journal.states import EntryState, MovementState, PeriodState
from paygate.languages import LANGUAGES
from paygate.mail.archive import not_sent
from paygate.merchants.licence import Feature, is_set_up
from paygate.merchants.models import Terminal, TerminalKind
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.offers.find import Search, offers_of
from paygate.offers.states import OfferState
from paygate.tenants.context import within

LATEST: Final = 6  # rows of each kind


@doorman(Permission.SEE_OFFERS)
@require_safe
def home(request: Visit) -> HttpResponse:
    """What waits, what happened, and what somebody should look at."""
    open_periods = list(periods_of(request.actor).filter(state=PeriodState.OPEN))
    open_offers = offers_of(request.actor, Search(states=(OfferState.OPEN,)), now=request.now)
    reservations = entries_of(
        request.actor, JournalSearch(states=(EntryState.AUTHORIZED,), type=EntryType.PAYMENT)
    )
    latest = list(entries_of(request.actor, JournalSearch())[:LATEST])
    return page(
        request,
        "home/home.html.jinja",
        {
            "has_offers": Feature.SECURE_PAYGATE in request.features,
            "waits_for_settings": Feature.SECURE_PAYGATE in request.features
            and not is_set_up(request.member),
            "offers": sums_of(open_offers.order_by("expires_at")),
            "to_book": sums_of(reservations.filter(booked_minor=0).order_by("-created_at")),
            "open_periods": open_periods,
            "idle_terminals": _idle_terminals(request, open_periods),
            "contents": contents_of(open_periods),
            "closes_at": next_closing_time(request.now),
            "undelivered": not_sent()[:LATEST],
            "latest": latest,
            "mark_of": marks_of(latest),
            "mail_mark": mail_mark,
            "lacks_shift": lacks_shift,
            "booked_less": booked_less,
            "guarantee_of": lambda entry: guarantee_of(entry, now=request.now),
            "methods": METHODS,
            "may_edit": Permission.EDIT_OFFERS in request.actor.permissions,
            **_alarms(request),
        },
    )


def _idle_terminals(request: Visit, open_periods: list[BookingPeriod]) -> list[Terminal]:
    """The Secure PayGate terminals with nothing in an open batch: the next booking opens one."""
    if Feature.SECURE_PAYGATE not in request.features:
        return []
    busy = {period.terminal_id for period in open_periods}
    return [one for one in terminals_of(request, kind=TerminalKind.SPG) if one.pk not in busy]


def _alarms(request: Visit) -> dict[str, object]:
    asked = Movement.objects.filter(merchant_id=request.merchant.pk, review_since=None).select_related(
        "entry"
    )
    refused = periods_of(request.actor).filter(state=PeriodState.REFUSED, review_since=None)
    # What is given back is no question that waits for its answer: whatever that is, nothing is kept.
    unanswered = asked.filter(state=MovementState.UNKNOWN, give_backs=None).exclude(kind=Kind.REVERSE)
    going_on = Q(settled_at=None) | Q(state=MovementState.DECLINED, look_again_at__isnull=False)
    return {
        # What is to be decided has a banner of its own, with the way there.
        "alarms": [alarm for alarm in alarms_of(request.merchant.pk) if alarm.kind != AlarmKind.REVIEW],
        "to_decide": count_open(),
        "total_of": total_of,
        "unanswered": list(unanswered[:LATEST]),
        "being_given_back": list(asked.filter(going_on, kind=Kind.REVERSE)[:LATEST]),
        "refused_periods": list(refused[:LATEST]),
    }


def next_closing_time(now: datetime) -> datetime:
    """The first 22:00 in Zurich after `now`: when open batches are closed by themselves."""
    local = now.astimezone(CLOSING_ZONE)
    moment = datetime.combine(local.date(), CLOSING_TIME, CLOSING_ZONE)
    if moment <= local:
        moment = datetime.combine(local.date() + timedelta(days=1), CLOSING_TIME, CLOSING_ZONE)
    return moment


@doorman(Permission.SEE_OFFERS)
@require_POST
def choose_language(request: Visit) -> HttpResponse:
    """The person's own language, from now on and on every machine."""
    language = request.POST.get("language", "")
    if language in LANGUAGES:
        request.user.language = language
        request.user.save(update_fields=["language"])
        translation.activate(language)
    return redirect(_next(request))


@doorman(Permission.SEE_OFFERS)
@require_POST
def choose_merchant(request: Visit) -> HttpResponse:
    """Work for another merchant, of those this person works for."""
    for member in request.memberships:
        if str(member.merchant_id) == request.POST.get("merchant"):
            request.session[CHOSEN] = member.merchant_id
            with within(member.merchant_id):
                record(
                    Action.WORKS_HERE_NOW,
                    merchant_id=member.merchant_id,
                    by=f"member:{member.pk}",
                    subject=f"person:{request.user.email}",
                    now=request.now,
                )
            messages.info(request, _("You are now working for %(name)s.") % {"name": member.merchant.name})
    return redirect("backoffice:home")


def _next(request: Visit) -> str:
    """Back to where the person was, if that is one of our pages."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "backoffice:home"
