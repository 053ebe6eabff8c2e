"""A multi-use link is made once, changed, deleted, restored, and in the end removed (SPG-MUL)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from paygate.audit.models import AuditLine
from paygate.lifecycle.moves import MoveRefused, history
from paygate.links.change import (
    ChangedMeanwhile,
    NotActive,
    change_link,
    create_link,
    delete_link,
    due_for_removal,
    remove,
    removed_from,
    restore_link,
    six_months_before,
)
from paygate.links.find import Search, link_of, links_of
from paygate.links.models import Link, LinkTotal
from paygate.links.payable import WhyClosed, count_paid, hold, totals_of, why_closed
from paygate.links.terms import LinkTerms, terms_of
from paygate.merchants.models import Role
from paygate.merchants.reach import NotPermitted
from paygate.refusals import NotFound, TermsRefused
from tests.cast import a_terminal, somebody
from tests.make.books import NOON
from tests.make.links import a_link
from tests.make.money import chf

LATER = datetime(2026, 12, 1, tzinfo=UTC)


def terms(**changes) -> LinkTerms:
    return LinkTerms(**{"description": "Donation", "currency": "CHF"} | changes)


def paid(link: Link, amount, times: int = 1) -> None:
    for _ in range(times):
        hold(link.pk, amount)
        count_paid(link.pk, amount)


def test_a_link_is_made_with_its_history_and_its_line_in_the_audit_log(anna):
    link, made = create_link(anna.terminal, terms(), form_id=uuid4(), by=anna.actor, now=NOON)

    assert made
    assert [(step.old, step.new, step.by) for step in history(link)] == [("", "ACTIVE", anna.actor.name)]
    line = AuditLine.objects.get()
    assert (line.action, line.subject) == ("link created", f"link:{link.pk}")


def test_a_form_that_is_sent_twice_makes_one_link(anna):
    form = uuid4()

    first, _ = create_link(anna.terminal, terms(), form_id=form, by=anna.actor, now=NOON)
    second, made = create_link(
        anna.terminal, terms(description="Other"), form_id=form, by=anna.actor, now=NOON
    )

    assert (second.pk, made) == (first.pk, False)
    assert Link.objects.count() == 1


def test_of_wrong_terms_nothing_is_made(anna):
    with pytest.raises(TermsRefused):
        create_link(anna.terminal, terms(description=""), form_id=uuid4(), by=anna.actor, now=NOON)

    assert not Link.objects.exists()


def test_who_may_not_write_offers_makes_no_link(alpenblick):
    reader = somebody(alpenblick, "Rita", Role.READER)

    with pytest.raises(NotPermitted):
        create_link(alpenblick, terms(), form_id=uuid4(), by=reader.actor, now=NOON)


def test_a_link_is_changed_and_the_audit_log_says_what_was_before(anna):
    """SPG-MUL-06."""
    link = a_link(anna.terminal, now=NOON)

    changed = change_link(link.pk, terms(amount=chf(20)), seen=1, by=anna.actor, now=LATER)

    assert (changed.amount, changed.revision, changed.changed_at) == (chf(20), 2, LATER)
    detail = AuditLine.objects.get(action="link changed").detail
    assert detail["amount_minor"] == {"old": None, "new": 2000}
    assert "booking" not in detail


def test_the_same_terms_again_change_nothing(anna):
    link = a_link(anna.terminal, now=NOON)

    same = change_link(link.pk, terms_of(link), seen=1, by=anna.actor, now=LATER)

    assert (same.revision, same.changed_at) == (1, NOON)
    assert not AuditLine.objects.filter(action="link changed").exists()


def test_an_old_form_undoes_nothing(anna):
    link = a_link(anna.terminal)
    change_link(link.pk, terms(amount=chf(20)), seen=1, by=anna.actor, now=NOON)

    with pytest.raises(ChangedMeanwhile):
        change_link(link.pk, terms(), seen=1, by=anna.actor, now=NOON)


@pytest.mark.parametrize(
    ("limit", "field"),
    [({"most_payments": 2}, "most_payments"), ({"most_total": chf("29.99")}, "most_total")],
)
def test_a_limit_is_not_set_below_what_was_paid(anna, limit, field):
    link = a_link(anna.terminal)
    paid(link, chf(10), times=3)

    with pytest.raises(TermsRefused) as refused:
        change_link(link.pk, terms(**limit), seen=1, by=anna.actor, now=NOON)

    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_limit_on_the_sum_counts_what_was_paid_in_its_currency(anna):
    link = a_link(anna.terminal)
    paid(link, chf(100))

    changed = change_link(link.pk, terms(currency="EUR", most_payments=1), seen=1, by=anna.actor, now=NOON)

    assert why_closed(changed, totals_of(changed), now=NOON) == WhyClosed.USED_UP


def test_a_deleted_link_says_so_and_is_restored(anna):
    """SPG-MUL-05, 07, 10."""
    link = a_link(anna.terminal)

    delete_link(link.pk, by=anna.actor, now=NOON)
    deleted = Link.objects.get()
    assert (deleted.state, deleted.deleted_at) == ("DELETED", NOON)
    assert why_closed(deleted, [], now=NOON) == WhyClosed.DELETED
    restore_link(link.pk, by=anna.actor, now=LATER)

    restored = Link.objects.get()
    assert (restored.state, restored.deleted_at) == ("ACTIVE", None)
    assert why_closed(restored, [], now=LATER) is None
    assert [step.cause for step in history(link)] == ["created", "deleted", "restored"]


def test_what_is_deleted_is_not_edited_and_not_deleted_again(anna):
    link = a_link(anna.terminal)
    delete_link(link.pk, by=anna.actor, now=NOON)

    with pytest.raises(NotActive):
        change_link(link.pk, terms(), seen=1, by=anna.actor, now=NOON)
    with pytest.raises(MoveRefused):
        delete_link(link.pk, by=anna.actor, now=NOON)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 5, 23, 12, tzinfo=UTC)),
        (datetime(2026, 3, 1, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC)),
        (datetime(2026, 8, 31, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2026, 6, 30, tzinfo=UTC), datetime(2025, 12, 28, tzinfo=UTC)),
    ],
)
def test_six_months_earlier_is_a_day_that_every_month_has(now, then):
    assert six_months_before(now) == then


@pytest.mark.parametrize("day", [1, 23, 28, 29, 30, 31])
def test_the_day_that_is_told_is_the_day_on_which_it_goes(day):
    deleted_at = datetime(2026, 8, day, 9, tzinfo=UTC)

    goes_at = removed_from(deleted_at)

    assert six_months_before(goes_at) >= deleted_at
    assert six_months_before(goes_at - timedelta(days=1)) < deleted_at


def test_a_deleted_link_stays_for_six_months_and_goes_then(anna):
    """SPG-MUL-08, 09."""
    link, kept = a_link(anna.terminal), a_link(anna.terminal)
    paid(link, chf(10))
    delete_link(link.pk, by=anna.actor, now=NOON)
    in_six_months = NOON.replace(year=2027, month=5)

    assert due_for_removal(in_six_months - timedelta(seconds=1)) == []
    assert not remove(link.pk, now=in_six_months - timedelta(seconds=1))
    assert due_for_removal(in_six_months) == [(anna.merchant.pk, link.pk)]
    assert remove(link.pk, now=in_six_months)

    assert list(Link.objects.all()) == [kept]
    assert not LinkTotal.objects.exists()


def test_what_was_restored_in_the_last_moment_stays(anna):
    link = a_link(anna.terminal)
    delete_link(link.pk, by=anna.actor, now=NOON)
    restore_link(link.pk, by=anna.actor, now=LATER)

    assert not remove(link.pk, now=NOON + timedelta(days=400))
    assert Link.objects.exists()


def test_links_are_found_by_text_state_terminal_and_who_made_them(anna):
    second = a_terminal(anna.merchant, "17000012", "Groups")
    roof = a_link(anna.terminal, description="Donation for the roof", reference_prefix="ROOF-")
    museum = a_link(second, description="Museum shop")
    delete_link(museum.pk, by=anna.actor, now=NOON)

    def found(**search) -> set[Link]:
        return set(links_of(anna.actor, Search(**search)))

    assert found() == {roof, museum}
    assert found(text="roof") == found(text="ROOF-") == {roof}
    assert found(states=("DELETED",)) == {museum}
    assert found(terminal="17000012") == {museum}
    assert found(text="x", people=("system",)) == {roof, museum}


def test_a_foreign_link_is_as_unknown_as_any(anna, carla):
    theirs = a_link(carla.terminal)

    for spelled in (str(theirs.pk), str(uuid4()), "nonsense"):
        with pytest.raises(NotFound):
            link_of(anna.actor, spelled)
