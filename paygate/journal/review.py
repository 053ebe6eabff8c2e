"""What nobody could find out, two people decide: one says what became of it, another confirms (safety.md 2.1, AU-5).

Confirming moves money and the payer's attempt with it, so it stands where both are known: `checkout/decide.py`.
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.journal.models import BookingPeriod, Decision, Kind, Movement, Origin
from paygate.journal.movements import lock
from paygate.journal.states import PeriodState, Verdict
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import NotFound, Refusal

LONGEST_REASON: Final = 500


class NotUnderReview(Refusal):
    """It was found out meanwhile, or somebody has said already what became of it."""

    code = "NOT_UNDER_REVIEW"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _("There is nothing to decide any more, or another decision waits for its confirmation.")
        )


class OnlyByAnother(Refusal):
    """Who proposed a decision cannot confirm it (safety.md AU-5)."""

    code = "ONLY_BY_ANOTHER"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("Two people decide: somebody else has to confirm this."))


class DecisionRefused(Refusal):
    """What was entered does not do; `field` says which."""

    code = "DECISION_INVALID"
    kind = RefusalKind.INVALID


def movements_under_review() -> QuerySet[Movement]:
    """Questions to the acquirer whose answer two people must give, the longest waiting first."""
    waiting = Movement.objects.filter(Q(settled_at=None) | Q(kind=Kind.REVERSE), review_since__isnull=False)
    return waiting.select_related("entry__terminal", "about").order_by("review_since", "pk")


def periods_under_review() -> QuerySet[BookingPeriod]:
    """Batches that contradict what the acquirer has (safety.md BA-3)."""
    waiting = BookingPeriod.objects.filter(review_since__isnull=False, state=PeriodState.REFUSED)
    return waiting.select_related("terminal").order_by("review_since", "pk")


def verdicts_for(movement: Movement | None) -> tuple[Verdict, ...]:
    """What can be said of it.

    Money that must not be kept is given back or asked about again, never kept (OC-7); an orphan is given back (OC-12).
    """
    if movement is None or movement.kind == Kind.REVERSE:
        return (Verdict.HAPPENED, Verdict.ASK_AGAIN)
    if movement.entry.origin == Origin.ORPHAN:
        return (Verdict.GIVE_BACK,)
    return (Verdict.HAPPENED, Verdict.DID_NOT_HAPPEN, Verdict.ASK_AGAIN)


def propose(
    *,
    movement_id: int | None = None,
    period_id: int | None = None,
    verdict: str,
    reason: str,
    acquirer_reference: str = "",
    by: Actor,
    now: datetime,
) -> Decision:
    """The first person's word. Raises `DecisionRefused`, `NotUnderReview`, `NotFound`."""
    by.require(Permission.REVIEW)
    reason, acquirer_reference = reason.strip(), acquirer_reference.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise DecisionRefused(_("Say how you know, in at most 500 characters."), field="reason")
    if len(acquirer_reference) > 64:
        raise DecisionRefused(_("A reference has at most 64 characters."), field="acquirer_reference")
    with transaction.atomic(durable=True):
        movement, period = _subject(movement_id, period_id)
        if verdict not in verdicts_for(movement):
            raise DecisionRefused(_("Choose what became of it."), field="verdict")
        decision = Decision.objects.create(
            merchant_id=by.merchant_id,
            movement=movement,
            period=period,
            verdict=verdict,
            reason=reason,
            acquirer_reference=acquirer_reference,
            proposed_by=by.name,
            proposed_at=now,
        )
        _put_down(Action.VERDICT_PROPOSED, decision, by=by, now=now)
        return decision


def turn_down(decision_id: int, *, by: Actor, now: datetime) -> None:
    """The second person does not agree, or the first one takes it back. Raises `NotUnderReview`."""
    by.require(Permission.REVIEW)
    open_ones = Decision.objects.filter(pk=decision_id, ended_at=None)
    with transaction.atomic():
        if not open_ones.update(ended_by=by.name, ended_at=now):
            raise NotUnderReview
        decision = Decision.objects.select_related("movement__entry", "period__terminal").get(pk=decision_id)
        _put_down(Action.VERDICT_TURNED_DOWN, decision, by=by, now=now)


def confirm(decision_id: int, *, by: Actor, now: datetime) -> Decision:
    """The second person's word, inside the caller's transaction, who carries it out.

    Raises `OnlyByAnother` for the one who proposed it, and `NotUnderReview`.
    """
    by.require(Permission.REVIEW)
    decision = Decision.objects.select_related("movement", "period").filter(pk=decision_id).first()
    if decision is None:
        raise NotFound
    if decision.proposed_by == by.name:
        raise OnlyByAnother
    subject = decision.movement or decision.period
    assert subject is not None
    if subject.review_since is None or (decision.movement and not decision.movement.is_under_review):
        raise NotUnderReview
    open_ones = Decision.objects.filter(pk=decision_id, ended_at=None)
    if not open_ones.update(ended_by=by.name, ended_at=now, confirmed=True):
        raise NotUnderReview
    _put_down(Action.VERDICT_CONFIRMED, decision, by=by, now=now)
    return decision


def _put_down(action: Action, decision: Decision, *, by: Actor, now: datetime) -> None:
    movement, period = decision.movement, decision.period
    about = f"entry:{movement.entry.transaction_id}" if movement else ""
    if period:
        about = f"batch:{period.terminal.number}/{period.number}"
    detail = {"verdict": decision.verdict, "reason": decision.reason, "proposed by": decision.proposed_by}
    if movement:
        detail["movement"] = movement.request_id
    record(action, merchant_id=decision.merchant_id, by=by.name, subject=about, detail=detail, now=now)


def _subject(movement_id: int | None, period_id: int | None) -> tuple[Movement | None, BookingPeriod | None]:
    """What is decided about, locked, if it is under review and nobody has said anything yet."""
    if movement_id is not None:
        found = movements_under_review().filter(pk=movement_id).first()
        if found is None:
            raise NotUnderReview
        lock(found.entry_id)
        subject: Movement | BookingPeriod = Movement.objects.select_for_update().get(pk=found.pk)
        still = found.decisions.filter(ended_at=None)
    else:
        assert period_id is not None, "a decision is about a movement or a batch"
        period = periods_under_review().filter(pk=period_id).first()
        if period is None:
            raise NotUnderReview
        subject = BookingPeriod.objects.select_for_update().get(pk=period.pk)
        still = period.decisions.filter(ended_at=None)
    if still.exists() or subject.review_since is None:
        raise NotUnderReview
    return (subject, None) if isinstance(subject, Movement) else (None, subject)
