"""`paygate invariants`: a healthy shop holds all of them, and what breaks one is found (safety.md 23)."""

import json
from datetime import timedelta

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout.models import Attempt
from paygate.journal.models import Movement
from paygate.offers.models import Offer
from paygate.operations import cli
from paygate.operations.invariants import INVARIANTS, evaluate
from paygate.operations.invariants_rows import LIVES
from paygate.operations.invariants_view import one_moment
from paygate.tenants.context import across_tenants, within
from tests.at_once import at_once
from tests.house import test_lives
from tests.invariants import assert_invariants_hold, broken
from tests.make.desks import Desk, desk
from tests.make.offers import offer
from tests.operations.shop import STORIES, filed, in_minutes, paid, silent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_clock(settings) -> None:
    """Stories may let time pass."""
    settings.PAYGATE_CLOCK_OFFSET = ""


def test_a_shop_with_a_story_of_each_kind_holds_all_of_them():
    hotel = desk()
    flowers = desk("200002", "17000099", name="Carla's Flowers")
    filed(flowers)
    for name, tell in STORIES.items():
        tell(hotel)
        assert broken() == {}, name

    results = {result.invariant.id: result for result in evaluate(now=clock.now())}
    assert all(result.applies for result in results.values())
    assert all(result.looked_at > 0 for result in results.values() if result.applies)

    in_minutes(60)
    assert_invariants_hold()
    in_minutes(60 * 24 * 8)
    assert_invariants_hold()


def test_every_invariant_of_the_list_has_its_row():
    assert [one.id for one in INVARIANTS] == [f"INV-{number:02}" for number in range(1, 21)]
    assert all(bool(one.because) != bool(one.checks or one.against_acquirer) for one in INVARIANTS)


def test_every_life_is_judged_by_its_own_table():
    assert {id(life) for life in LIVES.values()} == {id(life) for life in test_lives.LIVES.values()}


def test_a_shift_can_be_refused_with_the_reservation_only():
    """Beside an authorization it means nothing (docs/howto/use-the-simulator.md)."""
    hotel = desk()
    set_fault("CAPTURE", "shift_refused")
    filed(hotel)
    assert any(row["op"] == "CAPTURE" and row["shift_refused"] for row in ledger.listed())

    assert_invariants_hold()


@pytest.mark.parametrize(
    "mode", ["drop_before_read", "drop_after_commit", "late_reply", "malformed", "refuse_connect"]
)
@pytest.mark.parametrize("op", ["AUTH", "CAPTURE", "CANCEL", "REFUND", "BATCH"])
def test_what_is_on_its_way_breaks_nothing(op, mode):
    """Not at once, and not when it has been found out."""
    hotel = desk()
    set_fault(op, mode)
    if op == "REFUND":
        STORIES["refunded"](hotel)
    elif op == "CANCEL":
        STORIES["canceled"](hotel)
    elif op == "AUTH":
        paid(hotel)
    else:
        filed_or_not(hotel)
    assert_invariants_hold()

    in_minutes(1)
    in_minutes(8)
    in_minutes(60)
    assert_invariants_hold()


def filed_or_not(hotel: Desk) -> None:
    """A booking that may stay unanswered, and a batch that may."""
    filed(hotel)
    paid(hotel)


def test_an_answer_that_comes_between_the_two_books_is_no_alarm(monkeypatch):
    """The acquirer's book is read first; what is approved a moment later stands in ours alone."""
    hotel = desk()
    paid(hotel)
    book, looks = ledger.listed(), []

    def listed() -> list[dict[str, object]]:
        looks.append(1)
        return [] if len(looks) == 1 else book

    monkeypatch.setattr(ledger, "listed", listed)
    assert broken() == {}
    assert len(looks) == 2

    book.clear()
    assert set(broken()) == {"INV-04"}, "what is still missing at the second look is missing"


def test_a_question_that_is_due_for_an_hour_is_not_forgotten_and_one_due_for_two_days_is():
    """A jump of the clock by a day breaks nothing (safety.md TM-3)."""
    hotel = desk()
    silent(hotel)
    now = clock.now()

    assert_invariants_hold(now=now + timedelta(hours=23))
    assert set(broken(now=now + timedelta(days=2))) >= {"INV-06"}


@pytest.mark.django_db(transaction=True)
def test_a_look_sees_one_moment_and_keeps_nobody_from_writing(alpenblick):
    with across_tenants(), one_moment():
        before = Offer.objects.count()
        (made,) = at_once(lambda: offer(alpenblick))
        assert isinstance(made, Offer)
        assert Offer.objects.count() == before

    assert Offer.objects.count() == before + 1
    assert_invariants_hold()


def test_where_no_simulator_is_the_books_are_judged_alone(settings):
    hotel = desk()
    filed(hotel)
    settings.PAYGATE_SIMULATOR = False
    ledger.reset()
    assert_invariants_hold()

    settings.PAYGATE_SIMULATOR = True
    assert set(broken()) == {"INV-04", "INV-08"}


def test_the_command_says_of_each_whether_it_holds_and_ends_with_0_only_if_all_do(capsys):
    hotel = desk()
    link = paid(hotel)

    assert run("invariants") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:6] for line in lines] == [one.id for one in INVARIANTS]
    assert lines[8] == "INV-09  holds           1 looked at  refunds stay within what was booked"

    with hotel.in_view():
        Movement.objects.filter(entry=link.entry).update(amount_minor=1)
    assert run("invariants") == 1
    said = capsys.readouterr().out
    assert "INV-04  BROKEN" in said
    assert f"        entry {link.entry.pk} is AUTHORIZED without an approved reservation like it" in said


def test_the_command_says_it_to_programs_too(capsys):
    hotel = desk()
    link = paid(hotel)
    with hotel.in_view():
        Attempt.objects.filter(pk=link.attempt.pk).update(shift_offered=True, amount_minor=1)

    assert run("invariants", "--json") == 1

    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert len(rows) == 20
    assert set(rows["INV-18"]) == {"id", "title", "holds", "looked_at", "broken", "applies", "because"}
    assert (rows["INV-18"]["holds"], rows["INV-01"]["holds"]) == (False, True)
    assert rows["INV-18"]["broken"] == [
        f"attempt {link.attempt.pk} (entry {link.entry.pk}): the amount changed on the way"
    ]
    assert (rows["INV-09"]["applies"], rows["INV-09"]["because"]) == (True, "")


def test_a_simulator_that_does_not_answer_is_said_so(settings, capsys):
    settings.PAYGATE_SIMULATOR_URL = "http://127.0.0.1:9"

    assert run("invariants") == 2
    assert capsys.readouterr().err == "The simulator's ledger cannot be read: connection refused.\n"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended, within(1):
        cli.main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code
