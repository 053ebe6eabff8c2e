"""What nobody could find out, two people decide (safety.md 2.1 REVIEW, AU-5, BA-3)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from paygate import clock
from paygate.acquiring.simulator.faults import clear, set_fault
from paygate.checkout.decide import confirm
from paygate.checkout.giving_back import put
from paygate.checkout.models import Attempt
from paygate.jobs.interface import run_due
from paygate.journal.batch_close import close_batch
from paygate.journal.capture import capture
from paygate.journal.models import BookingPeriod, Decision, Entry, Kind, Movement
from paygate.journal.review import (
    DecisionRefused,
    NotUnderReview,
    OnlyByAnother,
    movements_under_review,
    propose,
    turn_down,
)
from paygate.journal.schedules import GIVE_BACKS, INQUIRIES, JITTER
from paygate.journal.settling import settle
from paygate.journal.states import PeriodState, Verdict
from paygate.journal.unanswered import ask_again, inquire
from paygate.lifecycle.moves import history
from paygate.mail.models import Mail
from paygate.merchants.models import Role
from paygate.merchants.reach import NotPermitted
from paygate.offers.models import Offer
from tests.at_once import at_once, refused
from tests.cast import somebody
from tests.make.books import NOON, booking, file_behind_our_back, the_movement
from tests.make.journal import reservation
from tests.make.offers import offer
from tests.make.walk import pay

pytestmark = pytest.mark.django_db

KNOWN = "Called the acquirer at 10:15, Mr. Huber"


@pytest.fixture
def dora(alpenblick):
    """A second manager."""
    return somebody(alpenblick, "Dora", Role.MANAGER)


def unanswered_booking(anna) -> Movement:
    """A booking whose answer never came, after a week of asking."""
    entry = reservation(anna.terminal, now=NOON)
    set_fault("CAPTURE", "drop_after_commit")
    capture(entry.pk, by=anna.actor, now=NOON)
    return under_review(the_movement(entry, Kind.CAPTURE))


def under_review(movement: Movement) -> Movement:
    """The schedule is used up."""
    Movement.objects.filter(pk=movement.pk).update(
        review_since=NOON + timedelta(days=7), next_inquiry_at=None
    )
    return Movement.objects.get(pk=movement.pk)


def unanswered_payment(anna) -> tuple[Offer, Movement]:
    """A wallet payment that nobody could find out about."""
    made = offer(anna.terminal, now=NOON)
    set_fault("AUTH", "drop_after_commit")
    pay(made, now=NOON)
    movement = Movement.objects.get(entry__single_use_of=str(made.pk))
    return made, under_review(movement)


def unanswered_give_back(anna) -> Movement:
    """Money that must not be kept, and an acquirer that never acknowledged its giving back."""
    made = offer(anna.terminal, now=NOON, payer_email="carla@example.org")
    set_fault("AUTH", "partial_amount")
    set_fault("REVERSAL", "drop_before_read", 100)
    pay(made, now=NOON)
    run_due()
    return under_review(Movement.objects.get(kind=Kind.REVERSE))


def doubted_give_back(anna, answer: str) -> Movement:
    """A give-back that was acknowledged, or refused, and then the acquirer did not say what it holds."""
    made = offer(anna.terminal, now=NOON, payer_email="carla@example.org")
    set_fault("AUTH", "partial_amount")
    if answer == "refused":
        set_fault("REVERSAL", "soft_decline")
    set_fault("INQUIRY", "drop_before_read", 100)
    pay(made, now=NOON)
    movement = Movement.objects.get(kind=Kind.REVERSE)
    due = movement.next_inquiry_at
    while due:
        due = put(movement.pk, now=due)
    movement.refresh_from_db()
    assert movement.is_under_review
    clear()
    return movement


def proposed(movement: Movement, verdict: Verdict, by, **more) -> Decision:
    return propose(movement_id=movement.pk, verdict=verdict, reason=KNOWN, by=by.actor, now=NOON, **more)


def test_a_booking_that_happened_is_booked(anna, dora):
    movement = unanswered_booking(anna)

    decision = proposed(movement, Verdict.HAPPENED, anna, acquirer_reference="A-77")
    assert Movement.objects.get(pk=movement.pk).is_under_review
    confirm(decision.pk, by=dora.actor, now=NOON)

    movement.refresh_from_db()
    assert (movement.state, movement.entry.state, movement.acquirer_reference) == (
        "APPROVED",
        "CAPTURED",
        "A-77",
    )
    assert movement.period is not None
    assert list(history(movement).values_list("new", "by"))[-1] == ("APPROVED", dora.actor.name)
    assert not movements_under_review().exists()


def test_a_booking_that_did_not_happen_can_be_booked_again(anna, dora):
    movement = unanswered_booking(anna)

    confirm(proposed(movement, Verdict.DID_NOT_HAPPEN, anna).pk, by=dora.actor, now=NOON)

    movement.refresh_from_db()
    assert (movement.state, movement.decline_reason, movement.entry.booked_minor) == (
        "DECLINED",
        "DECIDED",
        0,
    )


def test_asking_again_begins_the_schedule_anew(anna, dora):
    movement = unanswered_booking(anna)

    confirm(proposed(movement, Verdict.ASK_AGAIN, anna).pk, by=dora.actor, now=NOON)

    movement.refresh_from_db()
    assert (movement.review_since, movement.inquiries, movement.next_inquiry_at) == (None, 0, NOON)


@pytest.mark.parametrize("what", ["booking", "give-back"])
def test_asking_again_gives_it_a_whole_schedule(what, anna, dora, monkeypatch):
    """safety.md OC-5, OC-8: counted from the decision, days after the sending."""
    monkeypatch.setattr("paygate.journal.schedules.secrets.randbelow", lambda span: JITTER)  # no jitter
    later = NOON + timedelta(days=8)
    ask: Callable[..., object]
    if what == "booking":
        movement, ask, schedule = unanswered_booking(anna), ask_again, INQUIRIES[1:]
        set_fault("INQUIRY", "drop_before_read", 100)
    else:
        movement, ask, schedule = unanswered_give_back(anna), put, GIVE_BACKS
    decision = propose(movement_id=movement.pk, verdict="ASK_AGAIN", reason=KNOWN, by=anna.actor, now=NOON)
    confirm(decision.pk, by=dora.actor, now=later)

    asked = []
    while due := Movement.objects.get(pk=movement.pk).next_inquiry_at:
        ask(movement.pk, now=due)
        asked.append(due - later)

    assert asked[:-1] == [timedelta(0), *schedule]
    assert Movement.objects.get(pk=movement.pk).is_under_review, "and then two people again"


@pytest.mark.parametrize(
    ("verdict", "attempt", "entry", "state"),
    [
        (Verdict.HAPPENED, "PAID", "AUTHORIZED", "PAID"),
        (Verdict.DID_NOT_HAPPEN, "DECLINED", "DECLINED", "OPEN"),
    ],
)
def test_a_payment_ends_as_decided_with_all_that_follows(verdict, attempt, entry, state, anna, dora):
    made, movement = unanswered_payment(anna)

    confirm(proposed(movement, verdict, dora).pk, by=anna.actor, now=NOON)

    made.refresh_from_db()
    assert (Attempt.objects.get(offer=made).state, Entry.objects.get().state, made.state) == (
        attempt,
        entry,
        state,
    )


def test_money_that_must_not_be_kept_is_only_given_back_or_asked_about_again(anna, dora):
    """safety.md OC-7: never kept, not even by a decision."""
    give_back = unanswered_give_back(anna)

    with pytest.raises(DecisionRefused):
        proposed(give_back, Verdict.DID_NOT_HAPPEN, anna)
    clear()
    confirm(proposed(give_back, Verdict.HAPPENED, anna).pk, by=dora.actor, now=NOON)
    put(give_back.pk, now=clock.now() + timedelta(minutes=2))

    give_back.refresh_from_db()
    assert (Entry.objects.get().state, give_back.state) == ("CANCELED", "APPROVED")
    assert give_back.look_again_at is None, "people may err: it is looked at like any other"
    assert [mail.kind for mail in Mail.objects.all()] == ["not_paid"], "the message that the page promised"


def test_a_give_back_that_is_asked_about_again_is_tried_at_once(anna, dora):
    give_back = unanswered_give_back(anna)
    clear()

    confirm(proposed(give_back, Verdict.ASK_AGAIN, anna).pk, by=dora.actor, now=NOON)
    put(give_back.pk, now=NOON)

    assert Entry.objects.get().state == "CANCELED"


@pytest.mark.parametrize("answer", ["acknowledged", "refused"])
def test_a_give_back_whose_answer_is_in_doubt_is_over_when_two_people_say_so(answer, anna, dora):
    movement = doubted_give_back(anna, answer)

    confirm(proposed(movement, Verdict.HAPPENED, anna).pk, by=dora.actor, now=NOON)

    movement.refresh_from_db()
    assert (movement.review_since, movement.look_again_at) == (None, None)
    reserved = Movement.objects.get(kind=Kind.AUTHORIZE)
    assert (Entry.objects.get().state, reserved.state) == ("CANCELED", "DECLINED")
    assert not movements_under_review().exists()
    assert [mail.kind for mail in Mail.objects.all()] == ["not_paid"], "the message that the page promised"


@pytest.mark.parametrize("answer", ["acknowledged", "refused"])
def test_a_give_back_whose_answer_is_in_doubt_is_looked_at_again(answer, anna, dora):
    movement = doubted_give_back(anna, answer)

    confirm(proposed(movement, Verdict.ASK_AGAIN, anna).pk, by=dora.actor, now=NOON)
    movement.refresh_from_db()
    assert movement.look_again_at == NOON
    put(movement.pk, now=NOON)

    last = Movement.objects.filter(kind=Kind.REVERSE).latest("pk")
    put(last.pk, now=last.next_inquiry_at or NOON)
    assert Entry.objects.get().state == "CANCELED"
    assert Movement.objects.filter(kind=Kind.REVERSE).count() == (2 if answer == "refused" else 1)


def test_the_same_person_cannot_be_both(anna, dora):
    """safety.md AU-5; and the database says so too."""
    decision = proposed(unanswered_booking(anna), Verdict.HAPPENED, anna)

    with pytest.raises(OnlyByAnother):
        confirm(decision.pk, by=anna.actor, now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(
            confirmed=True, ended_by=anna.actor.name, ended_at=NOON
        )

    assert Movement.objects.get(kind=Kind.CAPTURE).state == "UNKNOWN"


def test_who_may_not_review_decides_nothing(anna, beat):
    movement = unanswered_booking(anna)

    with pytest.raises(NotPermitted):
        proposed(movement, Verdict.HAPPENED, beat)
    decision = proposed(movement, Verdict.HAPPENED, anna)
    with pytest.raises(NotPermitted):
        confirm(decision.pk, by=beat.actor, now=NOON)


def test_a_decision_that_is_turned_down_changes_nothing_and_makes_room_for_another(anna, dora):
    movement = unanswered_booking(anna)
    first = proposed(movement, Verdict.HAPPENED, anna)

    with pytest.raises(NotUnderReview):
        proposed(movement, Verdict.DID_NOT_HAPPEN, dora)
    turn_down(first.pk, by=dora.actor, now=NOON)
    with pytest.raises(NotUnderReview):
        confirm(first.pk, by=dora.actor, now=NOON)

    second = proposed(movement, Verdict.DID_NOT_HAPPEN, dora)
    confirm(second.pk, by=anna.actor, now=NOON)
    assert Movement.objects.get(pk=movement.pk).state == "DECLINED"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_decision_says_how_one_knows(reason, anna):
    movement = unanswered_booking(anna)

    with pytest.raises(DecisionRefused) as said:
        propose(movement_id=movement.pk, verdict=Verdict.HAPPENED, reason=reason, by=anna.actor, now=NOON)

    assert said.value.field == "reason"
    assert not Decision.objects.exists()


def test_what_is_not_under_review_is_not_decided(anna):
    entry = booking(anna.terminal)

    with pytest.raises(NotUnderReview):
        proposed(the_movement(entry, Kind.CAPTURE), Verdict.DID_NOT_HAPPEN, anna)


def test_what_was_found_out_meanwhile_is_not_decided_any_more(anna, dora):
    movement = unanswered_booking(anna)
    decision = proposed(movement, Verdict.DID_NOT_HAPPEN, anna)
    answer = inquire(movement)
    with transaction.atomic():
        settle(movement, answer, now=NOON)

    with pytest.raises(NotUnderReview):
        confirm(decision.pk, by=dora.actor, now=NOON)

    assert Movement.objects.get(pk=movement.pk).state == "APPROVED"


def contradicted_batch(anna) -> BookingPeriod:
    """The acquirer has another batch of this number."""
    other = booking(anna.terminal)
    file_behind_our_back(other, number=1)
    Movement.objects.filter(entry=other, kind=Kind.CAPTURE).update(period=None)
    booking(anna.terminal)
    period = close_batch(anna.terminal, by=anna.actor, now=NOON)
    assert period is not None
    assert (period.state, period.review_since) == (PeriodState.REFUSED, NOON)
    return period


def test_a_contradicted_batch_is_accepted_as_filed(anna, dora):
    """safety.md BA-3."""
    period = contradicted_batch(anna)

    decision = propose(period_id=period.pk, verdict=Verdict.HAPPENED, reason=KNOWN, by=anna.actor, now=NOON)
    confirm(decision.pk, by=dora.actor, now=NOON)

    period.refresh_from_db()
    assert (period.state, period.review_since) == (PeriodState.CLOSED, None)


def test_a_contradicted_batch_is_filed_again(anna, dora):
    period = contradicted_batch(anna)

    decision = propose(period_id=period.pk, verdict=Verdict.ASK_AGAIN, reason=KNOWN, by=anna.actor, now=NOON)
    confirm(decision.pk, by=dora.actor, now=NOON)

    period.refresh_from_db()
    assert period.state == PeriodState.REFUSED
    assert period.review_since is not None, "the acquirer says the same again"


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_decide_once(anna, dora):
    movement = unanswered_booking(anna)
    emil = somebody(anna.terminal, "Emil", Role.MANAGER)
    decision = proposed(movement, Verdict.HAPPENED, anna)

    outcomes = at_once(
        lambda: confirm(decision.pk, by=dora.actor, now=NOON),
        lambda: confirm(decision.pk, by=emil.actor, now=NOON),
    )

    assert refused(outcomes, NotUnderReview) == 1
    assert list(history(movement).values_list("new", flat=True)) == ["ASKED", "UNKNOWN", "APPROVED"]
