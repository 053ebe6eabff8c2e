"""Sweeps over many merchants' rows (safety.md TN-3)."""

from paygate.tenants.context import current
from paygate.tenants.sweeping import each_within


def test_each_row_is_worked_on_within_its_merchant_and_one_defect_stops_nobody():
    seen: list[tuple[int | None, str]] = []

    def do(key: str) -> bool:
        seen.append((current(), key))
        if key == "broken":
            raise ValueError
        return key != "nothing to do"

    done = each_within([(1, "a"), (2, "broken"), (3, "nothing to do"), (1, "b")], do, what="test")

    assert done == 2
    assert seen == [(1, "a"), (2, "broken"), (3, "nothing to do"), (1, "b")]
    assert current() is None
