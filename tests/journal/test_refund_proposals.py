"""Refunds above the merchant's limit, by two people (safety.md AU-5): who is late changes nothing."""

from datetime import timedelta
from functools import partial

import pytest

from paygate.audit.models import AuditLine
from paygate.journal.models import Entry, RefundProposal
from paygate.journal.parts import PartWish, capture_part
from paygate.journal.refund import (
    NeedsSecondPerson,
    NotRefundable,
    NotWithinBooking,
    RefundWish,
    WhichPart,
    refund,
)
from paygate.journal.refund_proposals import (
    ProposedAlready,
    confirm,
    open_proposal,
    proposal_of,
    propose,
    turn_down,
)
from paygate.merchants.models import Preferences, Role
from paygate.merchants.reach import Actor, NotPermitted
from paygate.refusals import NotFound
from tests.at_once import at_once, refused
from tests.cast import Person, somebody
from tests.invariants import assert_invariants_hold
from tests.make.books import NOON, again, asked_of_acquirer, booking
from tests.make.journal import reservation
from tests.make.money import chf, eur

LATER = NOON + timedelta(hours=1)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(anna, transactional_db) -> Entry:
    """CHF 100 are booked, and more than CHF 50 are refunded by two."""
    Preferences.objects.update_or_create(merchant=anna.merchant, defaults={"refund_limit": 50})
    return booking(anna.terminal, chf(100))


@pytest.fixture
def rosa(anna) -> Person:
    return somebody(anna.terminal, "Rosa", Role.REFUNDER)


@pytest.fixture
def rita(anna) -> Person:
    return somebody(anna.terminal, "Rita", Role.REFUNDER)


def test_two_people_who_propose_at_the_same_moment_make_one_proposal(anna, rosa, payment):
    outcomes = at_once(
        *[partial(propose, payment.pk, chf(80), by=one.actor, now=NOON) for one in (anna, rosa)] * 2
    )

    assert refused(outcomes, ProposedAlready) == 3
    assert RefundProposal.objects.count() == 1
    assert asked_of_acquirer("REFUND") == []


def test_of_two_who_confirm_at_the_same_moment_one_pays_back(anna, rosa, rita, payment):
    proposal = propose(payment.pk, chf(80), by=anna.actor, now=NOON)

    outcomes = at_once(*[partial(confirm, proposal, by=one.actor, now=NOON) for one in (rosa, rita)] * 2)

    # The second looks at what is left before it looks at the proposal.
    assert refused(outcomes, (NeedsSecondPerson, NotWithinBooking)) == 3
    assert [row["amount"] for row in asked_of_acquirer("REFUND")] == [8000]
    assert again(payment).refunded_minor == 8000
    assert_invariants_hold(now=NOON)


def test_a_small_proposal_is_confirmed_once_though_more_is_left(anna, rosa, rita, payment):
    proposal = propose(payment.pk, chf(30), by=anna.actor, now=NOON)

    outcomes = at_once(*[partial(confirm, proposal, by=one.actor, now=NOON) for one in (rosa, rita)] * 2)

    assert refused(outcomes, NeedsSecondPerson) == 3
    assert again(payment).refunded_minor == 3000
    assert len(asked_of_acquirer("REFUND")) == 1


def test_of_a_yes_and_a_no_at_the_same_moment_one_counts(anna, rosa, rita, payment):
    for _ in range(3):
        proposal = propose(payment.pk, chf(20), by=anna.actor, now=NOON)
        before = again(payment).refunded_minor

        confirmed, turned_down = at_once(
            partial(confirm, proposal, by=rosa.actor, now=NOON),
            partial(turn_down, proposal, by=rita.actor, now=NOON),
        )

        assert turned_down == isinstance(confirmed, NeedsSecondPerson), (confirmed, turned_down)
        assert again(payment).refunded_minor == before + (0 if turned_down else 2000)
    assert_invariants_hold(now=NOON)


def test_nobody_confirms_the_own_proposal_nor_turns_down_what_is_settled(anna, rosa, payment):
    proposal = propose(payment.pk, chf(30), by=anna.actor, now=NOON)

    with pytest.raises(NeedsSecondPerson):
        confirm(proposal, by=anna.actor, now=NOON)
    assert asked_of_acquirer("REFUND") == []
    assert again(payment).refunded_minor == 0, "nothing stays taken"

    movement = confirm(proposal, by=rosa.actor, now=NOON)

    proposal.refresh_from_db()
    assert (proposal.refund, proposal.ended_by, proposal.ended_at) == (movement.entry, rosa.actor.name, NOON)
    assert not turn_down(proposal, by=anna.actor, now=NOON)
    with pytest.raises(NeedsSecondPerson):
        confirm(proposal, by=rosa.actor, now=NOON)


def test_what_is_turned_down_is_over_and_leaves_others_alone(anna, rosa, payment):
    another = booking(anna.terminal, chf(100))
    first = propose(payment.pk, chf(80), by=anna.actor, now=NOON)
    second = propose(another.pk, chf("0.01"), by=anna.actor, now=NOON)

    assert turn_down(first, by=rosa.actor, now=LATER)

    first.refresh_from_db()
    assert (first.ended_by, first.ended_at, first.refund) == (rosa.actor.name, LATER, None)
    assert (open_proposal(payment), open_proposal(another)) == (None, second)
    told = AuditLine.objects.filter(action__in=["refund proposed", "refund turned down"]).order_by("pk")
    assert [(line.by, line.subject, line.detail) for line in told] == [
        (
            anna.actor.name,
            f"entry:{payment.transaction_id}",
            {"amount": "CHF\u00a080.00", "proposed by": anna.actor.name},
        ),
        (
            anna.actor.name,
            f"entry:{another.transaction_id}",
            {"amount": "CHF\u00a00.01", "proposed by": anna.actor.name},
        ),
        (
            rosa.actor.name,
            f"entry:{payment.transaction_id}",
            {"amount": "CHF\u00a080.00", "proposed by": anna.actor.name},
        ),
    ]
    propose(payment.pk, chf(70), by=rosa.actor, now=LATER)


def test_who_confirms_what_was_turned_down_does_not_confirm_the_next_one(anna, rosa, payment):
    first = propose(payment.pk, chf(30), by=anna.actor, now=NOON)
    turn_down(first, by=rosa.actor, now=NOON)
    second = propose(payment.pk, chf(30), by=anna.actor, now=NOON)

    with pytest.raises(NeedsSecondPerson):
        confirm(first, by=rosa.actor, now=NOON)

    assert open_proposal(payment) == second
    assert asked_of_acquirer("REFUND") == []


def test_a_confirmation_is_for_the_payment_and_the_sum_that_were_proposed(anna, rosa, payment):
    proposal = propose(payment.pk, chf(40), by=anna.actor, now=NOON)
    another = booking(anna.terminal, chf(100))

    for entry, amount in ((payment, chf(60)), (another, chf(40))):
        with pytest.raises(NeedsSecondPerson):
            refund(entry.pk, RefundWish(amount, proposal=proposal.pk), by=rosa.actor, now=NOON)

    assert asked_of_acquirer("REFUND") == []


def test_the_limit_itself_takes_one_person_and_a_centime_more_takes_two(anna, payment):
    with pytest.raises(NeedsSecondPerson):
        refund(payment.pk, RefundWish(chf("50.01")), by=anna.actor, now=NOON)

    refund(payment.pk, RefundWish(chf(50)), by=anna.actor, now=NOON)

    assert again(payment).refunded_minor == 5000


@pytest.mark.parametrize("amount", [chf(0), chf(-1), chf("100.01"), eur(10)], ids=str)
def test_nonsense_is_not_proposed(anna, payment, amount):
    with pytest.raises(NotWithinBooking):
        propose(payment.pk, amount, by=anna.actor, now=NOON)


def test_what_cannot_be_refunded_is_not_proposed(anna, payment):
    reserved = reservation(anna.terminal, chf(100), now=NOON)

    with pytest.raises(NotRefundable):
        propose(reserved.pk, chf(80), by=anna.actor, now=NOON)


def test_only_who_may_refund_proposes_confirms_and_turns_down(anna, payment):
    cashier = somebody(anna.terminal, "Casimir", Role.CASHIER).actor
    proposal = propose(payment.pk, chf(80), by=anna.actor, now=NOON)

    for deed in (
        partial(propose, payment.pk, chf(80), by=cashier, now=NOON),
        partial(confirm, proposal, by=cashier, now=NOON),
        partial(turn_down, proposal, by=cashier, now=NOON),
    ):
        with pytest.raises(NotPermitted):
            deed()


def test_a_proposal_is_found_by_its_own_merchant_and_payment_only(anna, carla, payment):
    proposal = propose(payment.pk, chf(80), by=anna.actor, now=NOON)
    another = booking(anna.terminal, chf(10))
    of_another = propose(another.pk, chf(10), by=anna.actor, now=NOON)

    assert proposal_of(anna.actor, payment.transaction_id, proposal.pk) == proposal
    for by, transaction_id in ((carla.actor, payment.transaction_id), (anna.actor, another.transaction_id)):
        with pytest.raises(NotFound):
            proposal_of(by, transaction_id, proposal.pk)
    with pytest.raises(NotFound):
        proposal_of(anna.actor, payment.transaction_id, of_another.pk)


def test_what_is_proposed_of_a_part_is_paid_back_of_that_part(anna, rosa, payment):
    """behaviour.md H-14."""
    entry = reservation(anna.terminal, chf(100))
    shoes, hat = (
        capture_part(entry.pk, PartWish(chf(40), name), by=anna.actor, now=NOON) for name in ("shoes", "hat")
    )
    with pytest.raises(WhichPart):
        propose(entry.pk, chf(30), by=anna.actor, now=NOON)
    proposal = propose(entry.pk, chf(30), part=hat.pk, by=anna.actor, now=NOON)

    back = confirm(proposal_of(rosa.actor, entry.transaction_id, proposal.pk), by=rosa.actor, now=NOON)

    assert back.entry.pays_back_part == hat
    shoes.refresh_from_db()
    hat.refresh_from_db()
    assert (shoes.refunded, hat.refunded) == (chf(0), chf(30))


def test_who_does_not_see_the_journal_sees_no_proposal(anna, payment):
    proposal = propose(payment.pk, chf(80), by=anna.actor, now=NOON)
    nobody = Actor(anna.merchant.pk, "member:0", frozenset())

    with pytest.raises(NotPermitted):
        proposal_of(nobody, payment.transaction_id, proposal.pk)
