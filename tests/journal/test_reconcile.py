"""The acquirer's list of a day is compared with the books (safety.md OC-12)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.alarms.raising import alarms_of
from paygate.checkout.decide import confirm
from paygate.checkout.giving_back import put
from paygate.jobs.interface import run_due
from paygate.jobs.registry import PERIODIC
from paygate.journal.capture import HeldBack, capture
from paygate.journal.models import Decision, Entry, Kind, Movement, Origin, ReconciledDay
from paygate.journal.reconcile import days_to_compare, look_after_held_back, look_after_orphans, reconcile
from paygate.journal.review import DecisionRefused, movements_under_review, propose, verdicts_for
from paygate.journal.states import MovementState, Verdict
from paygate.journal.tasks import captures_due
from paygate.merchants.models import Booking, Role
from tests.backoffice.reading import words
from tests.cast import a_terminal, somebody
from tests.make.books import again, asked_of_acquirer, booking, the_movement
from tests.make.journal import reservation
from tests.make.money import chf

pytestmark = pytest.mark.django_db

# The pretend acquirer's list goes by its own clock, so these stories happen today.
NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.date()


def orphan(anna, amount: int = 4990, request_id: str = "1-LOST") -> ledger.Record:
    """The acquirer approved something that our books, restored from yesterday, do not have."""
    with ledger.opened() as book:
        return book.write(
            ledger.Record(
                request_id=request_id,
                op="AUTH",
                terminal=anna.terminal.number,
                amount=amount,
                currency="CHF",
                reference=f"ref-{request_id}",
                code="00",
                at=NOW.isoformat(),
                approved=amount,
                approval_code="A1",
                method="VISA",
            )
        )


def forgotten_there(entry: Entry) -> ledger.Record:
    """The acquirer's book lacks the reservation."""
    request_id = the_movement(entry, Kind.AUTHORIZE).request_id
    with ledger.opened() as book:
        found = book.find(request_id)
        assert found is not None
        book._connection.execute("DELETE FROM operation WHERE request_id = ?", (request_id,))
    return found


def test_a_day_on_which_both_agree_changes_nothing(anna):
    entry = reservation(anna.terminal, now=NOW)
    booking(anna.terminal, now=NOW)

    compared = reconcile(anna.terminal, TODAY, now=NOW)

    assert compared is not None
    assert (compared.orphans, compared.missing) == (0, 0)
    assert again(entry).held_back_since is None
    assert Entry.objects.count() == 2


def test_an_orphan_comes_into_the_journal_and_waits_for_two_people(anna):
    reservation(anna.terminal, now=NOW)
    orphan(anna)

    for _ in range(2):
        reconcile(anna.terminal, TODAY, now=NOW)

    entry = Entry.objects.get(origin=Origin.ORPHAN)
    assert (entry.state, entry.amount, entry.acquirer_reference) == ("PENDING", chf("49.90"), "ref-1-LOST")
    movement = movements_under_review().get()
    assert (movement.request_id, movement.entry) == ("1-LOST", entry)
    assert ReconciledDay.objects.get().orphans == 0, "the second time it is known"


def test_an_orphan_is_given_back_when_a_second_person_confirms(anna):
    dora = somebody(anna.terminal, "Dora", Role.MANAGER)
    reservation(anna.terminal, now=NOW)
    orphan(anna)
    reconcile(anna.terminal, TODAY, now=NOW)
    movement = movements_under_review().get()

    assert verdicts_for(movement) == (Verdict.GIVE_BACK,)
    with pytest.raises(DecisionRefused):
        said(movement, Verdict.HAPPENED, anna)
    confirm(said(movement, Verdict.GIVE_BACK, anna).pk, by=dora.actor, now=NOW)
    run_due()

    entry = Entry.objects.get(origin=Origin.ORPHAN)
    assert (entry.state, entry.succeeded) == ("CANCELED", False)
    assert next(row for row in ledger.listed() if row["request_id"] == "1-LOST")["undone"] == "REVERSAL"


def test_an_orphan_booking_is_an_alarm_until_the_acquirer_takes_it_out_of_its_list(anna):
    """safety.md OC-12: without its reservation it is no payment of ours, and somebody has to ask the acquirer."""
    reservation(anna.terminal, now=NOW)
    lost = orphan(anna)
    with ledger.opened() as book:
        booked = book.write(
            replace(lost, request_id="1-BOOKED", op="CAPTURE", original="1-LOST", reference="ref")
        )

    reconcile(anna.terminal, TODAY, now=NOW)

    (alarm,) = alarms_of(anna.merchant.pk)
    assert (alarm.kind, alarm.subject) == ("ORPHAN", "1-BOOKED")
    assert alarm.detail == f"{TODAY} {anna.terminal.number}: CAPTURE of {chf('49.90')}"
    page = words(anna.browser().get("/backoffice/"))
    assert "The acquirer's list has a booking that your journal does not know." in page
    assert look_after_orphans(anna.terminal, now=NOW) == 0
    assert look_after_orphans(a_terminal(anna.merchant, "17000012"), now=NOW) == 0, "not theirs"

    with ledger.opened() as book:
        book.write(replace(booked, undone="CANCEL"))
    assert look_after_orphans(anna.terminal, now=NOW) == 1
    assert alarms_of(anna.merchant.pk) == []


def said(movement: Movement, verdict: Verdict, by) -> Decision:
    return propose(movement_id=movement.pk, verdict=verdict, reason="In their list", by=by.actor, now=NOW)


def test_a_payment_that_their_list_lacks_is_not_booked(anna):
    entry = reservation(anna.terminal, now=NOW, booking=Booking.AUTOMATIC)
    forgotten_there(entry)

    compared = reconcile(anna.terminal, TODAY, now=NOW)

    assert compared is not None
    assert compared.missing == 1
    with pytest.raises(HeldBack):
        capture(entry.pk, by=anna.actor, now=NOW)
    assert list(captures_due(NOW + timedelta(days=1))) == []
    assert asked_of_acquirer("CAPTURE") == []


def test_a_payment_that_is_found_after_all_can_be_booked(anna):
    entry = reservation(anna.terminal, now=NOW)
    record = forgotten_there(entry)
    reconcile(anna.terminal, TODAY, now=NOW)
    assert look_after_held_back(anna.terminal) == 0
    with ledger.opened() as book:
        book.write(record)

    assert look_after_held_back(anna.terminal) == 1

    capture(entry.pk, by=anna.actor, now=NOW)
    assert again(entry).state == "CAPTURED"


@pytest.mark.parametrize("change", [{"approved": 4000}, {"undone": "REVERSAL"}])
def test_another_amount_or_undone_without_us_is_as_bad_as_missing(change, anna):
    entry = reservation(anna.terminal, now=NOW)
    with ledger.opened() as book:
        record = book.find(the_movement(entry, Kind.AUTHORIZE).request_id)
        assert record is not None
        book.write(replace(record, **change))

    reconcile(anna.terminal, TODAY, now=NOW)

    assert again(entry).held_back_since == NOW


def test_what_we_call_declined_and_they_call_approved_is_given_back(anna):
    """safety.md OC-9: the list is an answer too."""
    set_fault("AUTH", "refuse_connect")
    entry = reservation(anna.terminal, now=NOW)
    assert entry.state == "FAILED"
    movement = the_movement(entry, Kind.AUTHORIZE)
    orphan(anna, request_id=movement.request_id)

    reconcile(anna.terminal, TODAY, now=NOW)

    give_back = Movement.objects.get(about=movement)
    put(give_back.pk, now=NOW)
    give_back.refresh_from_db()
    assert (give_back.state, again(entry).state) == (MovementState.APPROVED, "FAILED")


def test_without_a_list_nothing_is_concluded(anna, monkeypatch):
    from paygate.acquiring.connector import Unknown
    from paygate.acquiring.simulator.connector import SimulatorConnector

    entry = reservation(anna.terminal, now=NOW)
    monkeypatch.setattr(SimulatorConnector, "list_day", lambda *_: Unknown("timeout"))

    assert reconcile(anna.terminal, TODAY, now=NOW) is None
    assert again(entry).held_back_since is None
    assert not ReconciledDay.objects.exists()


def test_each_day_is_compared_once_and_only_when_it_is_over(anna):
    tomorrow = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) + timedelta(days=1)
    assert days_to_compare(anna.terminal, now=tomorrow + timedelta(hours=7)) == []
    reservation(anna.terminal, now=NOW)

    assert days_to_compare(anna.terminal, now=tomorrow + timedelta(hours=5)) == []
    assert days_to_compare(anna.terminal, now=tomorrow + timedelta(hours=7)) == [TODAY]
    reconcile(anna.terminal, TODAY, now=NOW)
    assert days_to_compare(anna.terminal, now=tomorrow + timedelta(hours=7)) == []


def test_the_hourly_job_compares_every_terminal(anna, settings):
    reservation(anna.terminal, now=NOW)
    orphan(anna)
    settings.PAYGATE_CLOCK_OFFSET = str(2 * 24 * 3600)

    PERIODIC["journal.reconcile_due"].function()
    run_due()

    assert ReconciledDay.objects.get(day=TODAY).orphans == 1
