"""The chain of the audit log: what is taken out, put in or changed is seen (safety.md AU-7)."""

from datetime import timedelta

import pytest

from paygate.audit.chain import breaks, chain, chain_all, check_points, hash_of
from paygate.audit.models import AuditLine, Checkpoint
from paygate.audit.purge import purge
from paygate.operations import cli
from paygate.tenants.context import across_tenants
from tests.audit.conftest import lines
from tests.walls import without_walls


def broken(person, now):
    return list(breaks(person.merchant.pk, now=now))


@pytest.fixture
def chained(anna, now):
    """Five lines in the chain, and no wall around them."""
    found = lines(anna, 5, now=now)
    chain(anna.merchant.pk)
    without_walls()
    return [line.pk for line in found]


def test_lines_get_their_places_in_the_order_they_were_written(anna, now):
    lines(anna, 3, now=now)

    assert chain(anna.merchant.pk) == 3
    lines(anna, 1, now=now + timedelta(hours=1))
    chain_all()

    assert [line.place for line in AuditLine.objects.order_by("pk")] == [1, 2, 3, 4]
    assert AuditLine.objects.get(place=2).previous_hash == AuditLine.objects.get(place=1).hash
    assert broken(anna, now) == []


def test_each_merchant_has_a_chain_of_their_own(anna, carla, now):
    lines(anna, 2, now=now)
    with across_tenants():
        lines(carla, 1, now=now)
        chain_all()

        assert list(AuditLine.objects.filter(merchant=carla.merchant).values_list("place", flat=True)) == [1]
        assert broken(carla, now) == []


def test_a_line_written_before_another_but_seen_after_it_is_chained_after_it(anna, now):
    """Of two transactions, the one that took its number first may end last."""
    first, second, third = lines(anna, 3, now=now)
    without_walls()
    AuditLine.objects.filter(pk=second.pk).delete()
    chain(anna.merchant.pk)
    second.save(force_insert=True)

    chain(anna.merchant.pk)

    assert AuditLine.objects.get(pk=second.pk).place == 3
    assert broken(anna, now) == []


@pytest.mark.parametrize("column", ["by", "person", "action", "subject", "came_from", "result"])
def test_a_changed_line_is_named(anna, chained, now, column):
    AuditLine.objects.filter(place=3).update(**{column: "something else"})

    (told,) = broken(anna, now)
    assert told.startswith(f"line 3 of the chain (row {chained[2]}")
    assert told.endswith("was changed")


def test_a_line_taken_out_is_named(anna, chained, now):
    AuditLine.objects.filter(place=3).delete()

    assert broken(anna, now) == ["between line 2 and line 4 of the chain, lines are missing"]


def test_the_first_line_taken_out_is_named(anna, chained, now):
    AuditLine.objects.filter(place=1).delete()

    assert broken(anna, now) == ["between line 0 and line 2 of the chain, lines are missing"]


def test_a_chain_that_was_made_anew_does_not_fit_its_checkpoint(anna, chained, now):
    check_points(now=now)
    AuditLine.objects.filter(place=2).update(by="member:99")
    previous = ""
    for line in AuditLine.objects.order_by("place"):
        line.previous_hash = previous
        line.hash = previous = hash_of(line)
        line.save()

    (told,) = broken(anna, now)
    assert "is not what the checkpoint of 2026-02-04 says" in told


def test_an_end_that_was_cut_off_is_seen_by_the_checkpoint(anna, chained, now):
    check_points(now=now)
    AuditLine.objects.filter(place__gt=3).delete()

    assert broken(anna, now) == ["the chain ends at line 3, and reached line 5 on 2026-02-04"]


def test_a_line_that_nobody_chains_is_seen_after_a_day(anna, now):
    lines(anna, 1, now=now)

    assert broken(anna, now + timedelta(hours=23)) == []
    assert len(broken(anna, now + timedelta(days=2))) == 1


def test_a_day_has_one_checkpoint(anna, chained, now):
    assert check_points(now=now) == 1
    assert check_points(now=now + timedelta(hours=2)) == 0
    assert check_points(now=now + timedelta(days=1)) == 1
    assert list(Checkpoint.objects.values_list("place", flat=True)) == [5, 5]


def test_after_36_months_lines_go_and_the_rest_can_still_be_verified(anna, now):
    lines(anna, 3, now=now - timedelta(days=1200))
    chain(anna.merchant.pk)
    check_points(now=now - timedelta(days=1199))
    lines(anna, 2, now=now)
    chain(anna.merchant.pk)

    assert purge(now=now) == 1

    assert list(AuditLine.objects.values_list("place", flat=True)) == [4, 5]
    assert broken(anna, now) == []
    assert purge(now=now) == 0


def test_nothing_goes_before_its_time_or_without_a_checkpoint(anna, now):
    lines(anna, 1, now=now - timedelta(days=1200))
    lines(anna, 1, now=now - timedelta(days=1000))
    chain(anna.merchant.pk)

    purge(now=now)
    check_points(now=now)
    purge(now=now)

    assert AuditLine.objects.count() == 2


def test_taking_out_young_lines_up_to_a_checkpoint_is_seen(anna, chained, now):
    check_points(now=now)
    lines(anna, 1, now=now + timedelta(days=1))
    chain(anna.merchant.pk)
    AuditLine.objects.filter(place__lte=5).delete()

    assert broken(anna, now + timedelta(days=1)) == [
        "between line 0 and line 6 of the chain, lines are missing"
    ]


def verify() -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["verify-audit"])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command_says_whether_the_log_is_whole(anna, chained, capsys):
    assert verify() == 0
    assert capsys.readouterr().out == "100001: whole, 5 lines\n"

    AuditLine.objects.filter(place=2).update(by="member:99")
    AuditLine.objects.filter(place=4).delete()

    assert verify() == 1
    assert f"100001: line 2 of the chain (row {chained[1]}" in capsys.readouterr().out
