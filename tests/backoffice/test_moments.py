"""Moments in words, in the merchant's zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from paygate.backoffice.home.views import next_closing_time
from paygate.backoffice.moments import full_time, short_time

ZURICH = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "today 00:30"),
        (datetime(2026, 11, 22, 22, 30, tzinfo=UTC), "yesterday 23:30"),
        (datetime(2026, 11, 24, 21, 0, tzinfo=UTC), "tomorrow 22:00"),
        (datetime(2026, 3, 12, 9, 0, tzinfo=UTC), "12 Mar"),
        (datetime(2025, 3, 12, 9, 0, tzinfo=UTC), "12 Mar 2025"),
    ],
)
def test_lists_say_it_short(moment, said):
    with translation.override("en"):
        assert short_time(moment, now=NOW, zone=ZURICH, language="en") == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "12 July 2026, 16:05:09 CEST"),
        ("de", "12. Juli 2026, 16:05:09 CEST"),
        ("fr", "12 juillet 2026, 16:05:09 CEST"),
        ("it", "12 luglio 2026, 16:05:09 CEST"),
    ],
)
def test_details_say_it_whole_and_with_its_zone(language, said):
    assert full_time(datetime(2026, 7, 12, 14, 5, 9, tzinfo=UTC), zone=ZURICH, language=language) == said


@pytest.mark.parametrize(
    ("now", "closes"),
    [
        (datetime(2026, 11, 23, 20, 59, tzinfo=UTC), datetime(2026, 11, 23, 21, tzinfo=UTC)),
        (datetime(2026, 11, 23, 21, 0, tzinfo=UTC), datetime(2026, 11, 24, 21, tzinfo=UTC)),
        # Summer time begins in the night before: 22:00 is an hour earlier in UTC.
        (datetime(2026, 3, 28, 21, 30, tzinfo=UTC), datetime(2026, 3, 29, 20, tzinfo=UTC)),
        (datetime(2026, 10, 24, 20, 30, tzinfo=UTC), datetime(2026, 10, 25, 21, tzinfo=UTC)),
    ],
)
def test_the_batch_closes_at_ten_in_the_evening_on_every_day(now, closes):
    assert next_closing_time(now) == closes
