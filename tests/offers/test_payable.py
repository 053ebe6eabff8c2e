"""May it be paid now; claim, count, expire (safety.md ST-6, ST-7, ST-9, CT-2, INV-17)."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from paygate import clock
from paygate.lifecycle.moves import MoveRefused
from paygate.offers import payable, tasks
from paygate.offers.change import disable
from paygate.offers.models import Offer
from paygate.offers.payable import CLAIM_LASTS, NotPayable, WhyNot, expire_due, why_not_payable
from paygate.offers.states import OfferState
from paygate.refusals import Kind
from paygate.tenants.context import across_tenants
from paygate.tenants.sweeping import each_within
from tests.make.books import NOON
from tests.make.claims import claimed, ended, latest, paid
from tests.make.offers import offer as an_offer

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def offer(anna) -> Offer:
    return an_offer(anna.terminal, now=NOON, max_attempts=3)


class TestAClaim:
    def test_is_held_by_one_attempt_at_a_time(self, offer):
        claimed(offer)

        with pytest.raises(NotPayable) as refusal:
            claimed(offer, now=NOON + CLAIM_LASTS - SECOND)

        assert refusal.value.why is WhyNot.IN_PROGRESS
        assert (refusal.value.code, refusal.value.kind) == ("NOT_PAYABLE", Kind.CONFLICT)
        assert str(refusal.value) == "This link cannot be paid now."
        assert latest(offer).attempts == 1

    def test_lasts_a_quarter_of_an_hour(self, offer):
        """Ten minutes at the bank, and some for the way there and back (3D-1)."""
        claimed(offer)

        assert latest(offer).claimed_until == NOON + timedelta(minutes=15)

    def test_is_known_to_whoever_holds_the_offer_in_hand(self, offer):
        with transaction.atomic():
            mine = payable.lock(offer.pk)
            payable.claim(mine, "first", now=NOON)
            assert _claim_of(mine) == _claim_of(latest(offer)) == ("first", NOON + CLAIM_LASTS, 1)
            payable.hand_over(mine, "first", "second", now=NOON + SECOND)
            assert _claim_of(mine) == _claim_of(latest(offer)) == ("second", NOON + SECOND + CLAIM_LASTS, 1)
            payable.hold_until_known(mine, "second", now=NOON + SECOND)
            assert _claim_of(mine) == _claim_of(latest(offer)) == ("second", None, 1)
            payable.release(mine, "second", by="payer", now=NOON + SECOND)
            assert _claim_of(mine) == _claim_of(latest(offer)) == ("", None, 1)

    def test_touches_no_other_offer(self, anna, offer):
        other = an_offer(anna.terminal, now=NOON)
        theirs = claimed(other)
        before = _all_of(other)

        with transaction.atomic():
            mine = payable.lock(offer.pk)
            payable.note_opened(mine, now=NOON)
            payable.claim(mine, theirs, now=NOON + SECOND)  # even under the same name
            payable.hand_over(mine, theirs, "next", now=NOON + SECOND)
            payable.hand_over(mine, "next", theirs, now=NOON + SECOND)
            payable.hold_until_known(mine, theirs, now=NOON + SECOND)
            payable.release(mine, theirs, by="payer", now=NOON + SECOND)
            payable.claim(mine, theirs, now=NOON + SECOND)
            payable.mark_paid(mine, by="payer", now=NOON + SECOND)

        assert _all_of(other) == before

    def test_that_was_let_go_may_not_ask_for_money_though_the_offer_is_free(self, offer):
        attempt = claimed(offer)
        ended(offer, attempt)
        assert _claim_of(latest(offer)) == ("", None, 1)

        with pytest.raises(NotPayable) as refusal:
            _hold(offer, attempt, now=NOON)
        assert refusal.value.why is WhyNot.IN_PROGRESS

    def test_ends_with_the_payment(self, offer):
        claimed(offer)
        paid(offer)

        assert _claim_of(latest(offer)) == ("", None, 1)

    def test_lapses_when_the_payer_does_not_come_back(self, offer):
        first = claimed(offer)

        second = claimed(offer, now=NOON + CLAIM_LASTS)

        assert (latest(offer).claim, latest(offer).attempts) == (second, 2)
        with pytest.raises(NotPayable):
            _hold(offer, first, now=NOON + CLAIM_LASTS)

    def test_no_longer_lapses_once_the_acquirer_is_asked(self, offer):
        _hold(offer, claimed(offer), now=NOON + SECOND)

        with pytest.raises(NotPayable):
            claimed(offer, now=NOON + 9 * DAY)

    def test_that_lapsed_may_not_ask_for_money(self, offer):
        attempt = claimed(offer)

        with pytest.raises(NotPayable):
            _hold(offer, attempt, now=NOON + CLAIM_LASTS)

    def test_begun_before_the_deadline_may_finish_after_it(self, offer):
        attempt = claimed(offer, now=offer.expires_at - SECOND)

        _hold(offer, attempt, now=offer.expires_at + 5 * SECOND)
        paid(offer, now=offer.expires_at + 6 * SECOND)

        assert latest(offer).state == OfferState.PAID

    def test_is_refused_from_the_deadline_on(self, offer):
        with pytest.raises(NotPayable) as refusal:
            claimed(offer, now=offer.expires_at)

        assert refusal.value.why is WhyNot.EXPIRED

    def test_of_another_attempt_is_not_released(self, offer):
        attempt = claimed(offer)

        ended(offer, "another")

        assert latest(offer).claim == attempt

    def test_of_a_paid_offer_may_not_ask_for_money(self, offer):
        attempt = claimed(offer)
        paid(offer)

        with pytest.raises(NotPayable) as refusal:
            _hold(offer, attempt, now=NOON)
        assert refusal.value.why is WhyNot.PAID


class TestAttempts:
    def test_are_counted_and_the_last_one_disables(self, offer):
        for made in (1, 2):
            ended(offer, claimed(offer))
            assert (latest(offer).attempts, latest(offer).state) == (made, OfferState.OPEN)

        ended(offer, claimed(offer))

        assert (latest(offer).attempts, latest(offer).state) == (3, OfferState.DISABLED)
        with pytest.raises(NotPayable) as refusal:
            claimed(offer)
        assert refusal.value.why is WhyNot.DISABLED

    def test_are_never_more_than_allowed_also_while_the_last_one_is_left_behind(self, offer):
        """The last payer went away; nobody has tidied up yet."""
        ended(offer, claimed(offer))
        ended(offer, claimed(offer))
        claimed(offer)

        with pytest.raises(NotPayable):
            claimed(offer, now=NOON + CLAIM_LASTS)

        assert latest(offer).attempts == 3

    @pytest.mark.parametrize("end", ["DISABLED", "EXPIRED"])
    def test_that_are_used_up_change_nothing_about_what_has_ended(self, anna, end):
        offer = an_offer(anna.terminal, now=NOON, max_attempts=1)
        attempt = claimed(offer)
        Offer.objects.filter(pk=offer.pk).update(state=end)

        ended(offer, attempt)

        assert (latest(offer).state, latest(offer).claim) == (end, "")

    def test_have_no_limit_where_none_is_set(self, anna):
        offer = an_offer(anna.terminal, now=NOON, max_attempts=0)

        for _ in range(30):
            ended(offer, claimed(offer))

        assert (latest(offer).attempts, latest(offer).state) == (30, OfferState.OPEN)


@pytest.mark.parametrize(
    ("state", "claim", "expired", "why"),
    [
        ("OPEN", False, False, None),
        ("OPEN", True, False, "IN_PROGRESS"),
        ("OPEN", True, True, "IN_PROGRESS"),
        ("OPEN", False, True, "EXPIRED"),
        ("PAID", False, False, "PAID"),
        ("PAID", False, True, "PAID"),
        ("DISABLED", False, False, "DISABLED"),
        ("DISABLED", True, False, "IN_PROGRESS"),
        ("EXPIRED", False, True, "EXPIRED"),
    ],
)
def test_why_it_cannot_be_paid(offer, state, claim, expired, why):
    offer.state, offer.claim = state, "attempt" if claim else ""

    assert why_not_payable(offer, now=offer.expires_at if expired else NOON) == why


@pytest.mark.parametrize("end", ["EXPIRED", "DISABLED"])
def test_what_has_ended_is_paid_by_nothing(anna, offer, end):
    """Who asks for money holds the offer until it is known; nobody else may."""
    Offer.objects.filter(pk=offer.pk).update(state=end)

    with pytest.raises(MoveRefused):
        paid(offer)

    assert (latest(offer).state, latest(offer).paid_at) == (end, None)


def test_opening_a_link_changes_nothing_but_first_opened(offer):
    before = {field.attname: getattr(offer, field.attname) for field in Offer._meta.concrete_fields}

    payable.note_opened(offer, now=NOON)
    payable.note_opened(latest(offer), now=NOON + DAY)

    after = latest(offer)
    changed = {name for name, value in before.items() if getattr(after, name) != value}
    assert changed == {"first_opened_at"}
    assert after.first_opened_at == NOON


def test_of_two_who_open_a_link_at_once_the_first_one_counts(offer):
    late = latest(offer)

    payable.note_opened(offer, now=NOON)
    payable.note_opened(late, now=NOON + DAY)

    assert latest(offer).first_opened_at == NOON


class TestExpiring:
    def test_moves_what_is_due_and_nothing_else(self, anna, offer):
        longer = an_offer(anna.terminal, now=NOON, expires_at=offer.expires_at + DAY)
        back = an_offer(anna.terminal, now=NOON)
        disable(back.pk, by=anna.actor, now=NOON)

        assert expire_due(now=offer.expires_at - SECOND) == 0
        assert expire_due(now=offer.expires_at) == 1
        assert expire_due(now=offer.expires_at) == 0

        states = [latest(row).state for row in (offer, longer, back)]
        assert states == [OfferState.EXPIRED, OfferState.OPEN, OfferState.DISABLED]

    def test_waits_for_who_is_paying(self, offer):
        attempt = claimed(offer, now=offer.expires_at - SECOND)

        assert expire_due(now=offer.expires_at) == 0
        ended(offer, attempt, now=offer.expires_at + SECOND)
        assert expire_due(now=offer.expires_at + SECOND) == 1

    def test_is_not_kept_from_its_work_by_what_is_not_due(self, anna, monkeypatch):
        """It takes so many at once; those that stay as they are do not count."""
        monkeypatch.setattr(payable, "MARK_EXPIRED_AT_ONCE", 1)
        back = an_offer(anna.terminal, now=NOON)
        disable(back.pk, by=anna.actor, now=NOON)
        an_offer(anna.terminal, now=NOON, expires_at=back.expires_at + DAY)
        due = an_offer(anna.terminal, now=NOON)
        newest = an_offer(anna.terminal, now=NOON + SECOND, expires_at=due.expires_at)
        disable(newest.pk, by=anna.actor, now=NOON + SECOND)

        assert expire_due(now=due.expires_at) == 1
        assert latest(due).state == OfferState.EXPIRED

    def test_does_not_wait_for_who_went_away(self, offer):
        claimed(offer, now=offer.expires_at - SECOND)
        lapsed = offer.expires_at - SECOND + CLAIM_LASTS

        assert expire_due(now=lapsed - SECOND) == 0
        assert expire_due(now=lapsed) == 1
        assert _claim_of(latest(offer)) == ("", None, 1)

    @pytest.mark.parametrize(
        "changes",
        [
            {"state": "DISABLED"},
            {"expires_at": NOON + 90 * DAY},
            {"claim": "somebody", "claimed_until": None},
        ],
        ids=["taken back", "longer", "being paid"],
    )
    def test_looks_again_once_the_offer_is_locked(self, monkeypatch, offer, changes, caplog):
        """It changed after the job had made its list."""

        def meanwhile(*told, **more):
            Offer.objects.filter(pk=offer.pk).update(**changes)
            return each_within(*told, **more)

        monkeypatch.setattr("paygate.offers.payable.each_within", meanwhile)

        assert expire_due(now=offer.expires_at) == 0
        assert latest(offer).state == changes.get("state", OfferState.OPEN)
        assert "expire" not in caplog.text, "and nothing went wrong"

    def test_is_told_before_the_job_came(self, offer):
        assert offer.state_at(offer.expires_at - SECOND) == OfferState.OPEN
        assert offer.state_at(offer.expires_at) == OfferState.EXPIRED

    def test_is_a_job_for_all_merchants(self, anna, carla):
        long_ago = clock.now() - 30 * DAY
        offers = [an_offer(person.terminal, now=long_ago) for person in (anna, carla)]

        tasks.expire_due()

        with across_tenants():
            assert {latest(offer).state for offer in offers} == {OfferState.EXPIRED}

    def test_comes_back_never(self, anna, offer):
        """A clock that jumps back revives no link (TM-3)."""
        expire_due(now=offer.expires_at)

        with pytest.raises(NotPayable) as refusal:
            claimed(offer, now=NOON)
        assert refusal.value.why is WhyNot.EXPIRED


class TestTheDatabase:
    def test_knows_the_states(self, offer):
        with pytest.raises(IntegrityError, match="offer_state_known"), transaction.atomic():
            Offer.objects.filter(pk=offer.pk).update(state="SENT")

    @pytest.mark.parametrize("changes", [{"state": "PAID"}, {"paid_at": NOON}])
    def test_wants_a_time_for_paid_and_only_for_paid(self, offer, changes):
        with pytest.raises(IntegrityError, match="offer_paid_has_time"), transaction.atomic():
            Offer.objects.filter(pk=offer.pk).update(**changes)

    @pytest.mark.parametrize("minor", [0, -1])
    def test_wants_more_than_nothing(self, offer, minor):
        with pytest.raises(IntegrityError, match="amount_positive"), transaction.atomic():
            Offer.objects.filter(pk=offer.pk).update(amount_minor=minor)


def _claim_of(offer: Offer) -> tuple[str, datetime | None, int]:
    return offer.claim, offer.claimed_until, offer.attempts


def _all_of(offer: Offer) -> dict[str, object]:
    return {**Offer.objects.values().get(pk=offer.pk)}


def _hold(offer: Offer, attempt: str, *, now) -> None:
    with transaction.atomic():
        payable.hold_until_known(payable.lock(offer.pk), attempt, now=now)
