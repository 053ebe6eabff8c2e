"""Counting, atomically, in windows of time, by hashed keys (safety.md CT-4)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory

from paygate.limits.count import client_address, forget, hit, is_too_many
from paygate.limits.models import Counter
from paygate.tenants.context import within
from tests.at_once import at_once
from tests.make.books import NOON

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.django_db
class TestCounting:
    def test_goes_on_within_a_window_and_begins_anew_in_the_next(self):
        hour = NOON.replace(minute=0)

        counts = [hit("a", per=HOUR, now=hour + minutes * MINUTE) for minutes in (0, 1, 59, 60, 61, 119, 120)]

        assert counts == [1, 2, 3, 1, 2, 3, 1]

    def test_is_of_each_key_and_of_each_window_by_itself(self):
        assert hit("a", per=HOUR, now=NOON) == 1
        assert hit("b", per=HOUR, now=NOON) == 1
        assert hit("a", per=HOUR, now=NOON) == 2
        assert hit("a", per=MINUTE, now=NOON) == 1

    def test_keeps_no_address_in_clear(self):
        hit("card page 192.0.2.7", per=HOUR, now=NOON)

        assert "192" not in Counter.objects.get().key

    def test_is_forgotten_when_its_window_is_over(self):
        hit("a", per=HOUR, now=NOON)
        hit("b", per=24 * HOUR, now=NOON)

        assert Counter.objects.order_by("expires_at")[0].expires_at == datetime(
            2026, 11, 23, 13, 0, tzinfo=UTC
        )
        assert forget(now=NOON + HOUR) == 0
        assert forget(now=NOON + HOUR + timedelta(seconds=1)) == 1
        assert Counter.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted(transactional_db):
    with within(1):
        counts = at_once(*[lambda: hit("a", per=HOUR, now=NOON)] * 8)

    assert sorted(counts) == list(range(1, 9))


@pytest.mark.parametrize(
    ("hits", "limit", "strict", "relaxed"),
    [(5, 5, False, False), (6, 5, True, False), (5000, 5, True, False), (5001, 5, True, True)],
)
def test_a_limit_is_over_when_it_is_passed(settings, hits, limit, strict, relaxed):
    settings.PAYGATE_LIMITS = "strict"
    assert is_too_many(hits, limit) is strict
    settings.PAYGATE_LIMITS = "relaxed"
    assert is_too_many(hits, limit) is relaxed


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "address"),
    [
        (0, "192.0.2.7", "", "192.0.2.7"),
        (0, "192.0.2.7", "198.51.100.1", "192.0.2.7"),  # a raw header is not believed
        (1, "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # what the client wrote itself comes first
        (2, "10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "10.0.0.1", "198.51.100.1", "10.0.0.1"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "not an address", "unknown"),
        (0, "", "", "unknown"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),  # one household, one address
        (0, "2001:db8:1:2:ffff::1", "", "2001:db8:1:2::"),
        (0, "::ffff:192.0.2.7", "", "192.0.2.7"),  # as a server that listens on both names it
        (0, "::ffff:192.0.2.8", "", "192.0.2.8"),
    ],
)
def test_where_a_request_came_from(settings, proxies, remote, forwarded, address):
    settings.PAYGATE_TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}

    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers)) == address
