"""How long the money of a reservation is certain, as its page and the journal tell it (behaviour.md H-6, J-2)."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.backoffice.journal.guarantee import Guarantee, guarantee_of
from paygate.journal.capture import capture
from paygate.merchants.models import Booking
from tests.backoffice.reading import rows, words
from tests.make.books import NOON, again, booking
from tests.make.journal import reservation
from tests.make.money import chf

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (0 * DAY, None),
        (8 * DAY - timedelta(seconds=1), None),
        (8 * DAY, Guarantee.ENDS_SOON),
        (10 * DAY - timedelta(seconds=1), Guarantee.ENDS_SOON),
        (10 * DAY, Guarantee.OVER),
        (90 * DAY, Guarantee.OVER),
    ],
)
def test_two_days_before_the_end_it_is_told_and_from_then_on(anna, after, said):
    assert guarantee_of(reservation(anna.terminal, now=NOON), now=NOON + after) == said


def test_what_is_held_for_longer_is_told_later(anna):
    held = reservation(anna.terminal, now=NOON, booking=Booking.PRE_AUTHORIZATION)

    assert guarantee_of(held, now=NOON + 10 * DAY) is None
    assert guarantee_of(held, now=NOON + 30 * DAY) == Guarantee.OVER


def test_of_what_is_booked_nothing_is_told(anna):
    assert guarantee_of(booking(anna.terminal), now=NOON + 90 * DAY) is None


@pytest.mark.parametrize(
    ("days", "in_the_list", "on_the_page"),
    [
        (1, "", ""),
        (9, "guaranteed until tomorrow", "This reservation is guaranteed until"),
        (
            11,
            "no longer guaranteed",
            "You can still book it, but it is no longer certain that it is paid out.",
        ),
    ],
)
def test_the_journal_the_dashboard_and_the_page_say_it(anna, days, in_the_list, on_the_page):
    entry = reservation(anna.terminal, chf(100), now=clock.now() - days * DAY)
    browser = anna.browser()
    page = words(browser.get(f"/backoffice/journal/{entry.transaction_id}/"))

    for path in ("/backoffice/journal/", "/backoffice/"):
        (row,) = rows(browser.get(path))
        assert in_the_list in row
        assert ("guaranteed" in row) is bool(in_the_list)
    assert on_the_page in page
    assert ("The guarantee for this reservation" in page) is (days == 11)
    assert "Book CHF" in page


def test_after_it_was_booked_late_the_page_is_quiet(anna):
    entry = reservation(anna.terminal, now=clock.now() - 11 * DAY)

    capture(entry.pk, by=anna.actor, now=clock.now())

    page = words(anna.browser().get(f"/backoffice/journal/{again(entry).transaction_id}/"))
    assert "no longer certain" not in page
