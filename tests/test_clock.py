"""One clock for all processes (safety.md TM-1, TM-3, TE-3)."""

from datetime import UTC, datetime, timedelta

import pytest

from paygate import clock
from paygate.tenants.models import Merchant

pytestmark = pytest.mark.django_db


def apart(moment: datetime) -> timedelta:
    """How far from the host's clock."""
    return moment - datetime.now(UTC)


def test_it_tells_the_moment_in_utc():
    assert clock.now().utcoffset() == timedelta()
    assert abs(apart(clock.now())) < timedelta(seconds=2)


def test_it_goes_on_within_a_transaction():
    """The database's `now()` would stand still from the transaction's beginning."""
    before = clock.now()
    Merchant.objects.count()

    assert before < clock.now()


@pytest.mark.parametrize("spelled", ["86400", "-86400", "0", ""])
def test_it_is_shifted_for_tests(settings, spelled):
    settings.PAYGATE_CLOCK_OFFSET = spelled

    assert abs(apart(clock.now()) - timedelta(seconds=int(spelled or "0"))) < timedelta(seconds=2)


def test_the_shift_may_stand_in_a_file_that_is_read_again(settings, tmp_path):
    file = tmp_path / "offset"
    settings.PAYGATE_CLOCK_OFFSET = f"@{file}"
    for seconds in (0, 3600, -3600):
        file.write_text(f"{seconds}\n")

        assert abs(apart(clock.now()) - timedelta(seconds=seconds)) < timedelta(seconds=2)


def test_the_demos_past_is_told_as_it_was_then():
    before = clock.now()
    with clock.as_of(before - timedelta(days=9)) as then:
        assert timedelta() <= clock.now() - then < timedelta(minutes=1)
        with clock.as_of(before - timedelta(days=2)) as later:
            assert timedelta() <= clock.now() - later < timedelta(minutes=1)
    assert clock.now() >= before
