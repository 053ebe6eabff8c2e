"""The last line is the database: what no code may write, by whatever way (safety.md LK-4)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, models, transaction

from paygate.acquiring.simulator.faults import set_fault
from paygate.journal.models import BookingPeriod, Entry, Kind, Movement
from paygate.journal.parts import PartWish, capture_part
from tests.make.books import NOON, booking, the_movement, the_open_period
from tests.make.journal import reservation
from tests.make.money import chf


def copy_of(row: models.Model, **changes: object) -> models.Model:
    """Another row like this one, not saved."""
    fields = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
    return type(row)(**fields | changes)


def refuses(constraint: str):
    """The database refuses what is written here, by this constraint."""
    return pytest.raises(IntegrityError, match=f"(?i){constraint}")


@pytest.fixture
def entry(anna) -> Entry:
    return reservation(anna.terminal, chf(100), now=NOON, single_use_of="offer-1")


def written(row: models.Model) -> None:
    """Written around all of our code."""
    with transaction.atomic():
        row.save(force_insert=True)


def changed(row: models.Model, **changes: object) -> None:
    """Changed around all of our code."""
    with transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changes)


class TestAnOffer:
    def test_has_one_success(self, entry):
        with refuses("one_success_per_offer|merchant_id, .*single_use_of"):
            written(copy_of(entry, transaction_id="another", authentication_id=None))

    def test_may_have_many_payments_that_were_no_success(self, entry):
        for number in range(3):
            written(copy_of(entry, transaction_id=f"another-{number}", succeeded=False, state="DECLINED"))

    def test_that_is_none_does_not_count(self, entry):
        for number in range(2):
            written(copy_of(entry, transaction_id=f"another-{number}", single_use_of=""))

    def test_of_another_merchant_is_another(self, entry, carla):
        from paygate.tenants.context import within

        with within(carla.merchant.pk):
            other = reservation(carla.terminal, now=NOON, single_use_of="offer-1")
            assert other.succeeded


class TestAnEntry:
    @pytest.mark.parametrize("booked", [-1, 10_001])
    def test_is_booked_within_its_reservation(self, entry, booked):
        with refuses("entry_booked_within_reservation"):
            changed(entry, booked_minor=booked)

    @pytest.mark.parametrize("amount", [0, -1])
    def test_is_of_more_than_nothing(self, entry, amount):
        with refuses("amount_positive|entry_booked"):
            changed(entry, amount_minor=amount)

    @pytest.mark.parametrize("in_parts", [-1, 10_001])
    def test_has_no_more_in_parts_than_is_booked(self, anna, in_parts):
        with refuses("entry_parts_are_booked"):
            changed(booking(anna.terminal, chf(100)), parts_minor=in_parts)

    def test_never_shrinks_below_what_is_booked(self, anna):
        entry = booking(anna.terminal, chf(100))

        with refuses("entry_booked_within_reservation"):
            changed(entry, amount_minor=9_999)

    def test_has_a_known_state(self, entry):
        with refuses("entry_state_known"):
            changed(entry, state="PARTLY")

    @pytest.mark.parametrize("state", ["AUTHORIZED", "CAPTURED"])
    def test_that_is_kept_is_a_success(self, entry, state):
        with refuses("entry_kept_is_success"):
            changed(entry, state=state, succeeded=False)

    def test_has_a_public_id_of_its_own(self, entry):
        with refuses("one_entry_per_transaction_id|transaction_id"):
            written(copy_of(entry, single_use_of=""))


class TestAMovement:
    @pytest.mark.parametrize("state", ["ASKED", "UNKNOWN", "APPROVED"])
    def test_that_books_is_the_only_one(self, anna, state):
        movement = the_movement(booking(anna.terminal, chf(100)), Kind.CAPTURE)

        with refuses("one_capture_per_entry|merchant_id, .*entry_id"):
            written(copy_of(movement, request_id="another", state=state))

    @pytest.mark.parametrize("kind", [Kind.CAPTURE, Kind.CANCEL, Kind.RELEASE])
    def test_that_is_on_its_way_is_the_only_step(self, anna, entry, kind):
        set_fault("CAPTURE", "drop_after_commit")
        shoes = capture_part(entry.pk, PartWish(chf(40), "shoes"), by=anna.actor, now=NOON)
        other = (
            {"part": "", "part_number": None} if kind != Kind.CAPTURE else {"part": "hat", "part_number": 2}
        )

        with refuses("one_step_at_a_time|merchant_id, .*entry_id"):
            written(copy_of(shoes, request_id="another", kind=kind, final=kind != Kind.CAPTURE, **other))

    @pytest.mark.parametrize(
        ("constraint", "changes"),
        [
            ("one_capture_per_part|merchant_id, .*part", {"part_number": 2}),
            ("one_number_per_part|merchant_id, .*part_number", {"part": "hat", "state": "DECLINED"}),
            ("part_is_a_booking", {"part": "", "part_number": 2}),
            ("part_is_a_booking", {"part": "hat", "part_number": None}),
            ("part_is_a_booking", {"part": "hat", "part_number": 2, "kind": Kind.CANCEL}),
            ("part_is_a_booking", {"part": "", "part_number": None}),  # and not the last one
            ("part_refunded_within_booking", {"part": "hat", "part_number": 2, "refunded_minor": 4001}),
        ],
    )
    def test_that_books_a_part_is_the_only_one_of_its_name(self, anna, entry, constraint, changes):
        shoes = capture_part(entry.pk, PartWish(chf(40), "shoes"), by=anna.actor, now=NOON)

        with refuses(constraint):
            written(copy_of(shoes, request_id="another", **changes))

    @pytest.mark.parametrize("state", ["DECLINED", "NOT_SENT"])
    def test_that_failed_to_book_leaves_room_for_another(self, anna, state):
        movement = the_movement(booking(anna.terminal, chf(100)), Kind.CAPTURE)

        written(copy_of(movement, request_id="another", state=state))

    def test_that_reserves_is_the_only_one(self, entry):
        with refuses("one_authorization_per_entry|merchant_id, .*entry_id"):
            written(copy_of(the_movement(entry, Kind.AUTHORIZE), request_id="another", state="DECLINED"))

    def test_has_a_request_id_that_no_other_has(self, entry):
        movement = the_movement(entry, Kind.AUTHORIZE)

        with refuses("request_id"):
            written(copy_of(movement, kind=Kind.CANCEL))

    def test_has_a_request_id_that_no_other_merchants_has(self, entry, carla):
        from paygate.tenants.context import within

        request_id = the_movement(entry, Kind.AUTHORIZE).request_id
        with within(carla.merchant.pk):
            movement = the_movement(reservation(carla.terminal, now=NOON), Kind.AUTHORIZE)
            with refuses("request_id"):
                changed(movement, request_id=request_id)

    def test_is_of_more_than_nothing(self, entry):
        with refuses("amount_positive"):
            changed(the_movement(entry, Kind.AUTHORIZE), amount_minor=0)

    def test_has_a_known_state(self, entry):
        with refuses("movement_state_known"):
            changed(the_movement(entry, Kind.AUTHORIZE), state="LOST")


class TestAPeriod:
    def test_is_the_only_open_one_of_its_terminal(self, anna):
        booking(anna.terminal)

        with refuses("one_open_period_per_terminal|merchant_id, .*terminal_id"):
            written(copy_of(the_open_period(anna.terminal), number=2))

    def test_has_a_number_of_its_own(self, anna):
        booking(anna.terminal)

        with refuses("one_period_per_number|number"):
            written(copy_of(the_open_period(anna.terminal), state="CLOSED", closed_at=NOON + timedelta(1)))

    def test_has_a_known_state(self, anna):
        booking(anna.terminal)

        with refuses("period_state_known"):
            changed(the_open_period(anna.terminal), state="FROZEN")


@pytest.mark.parametrize("model", [Entry, Movement, BookingPeriod])
def test_what_the_books_point_at_is_not_deleted(anna, model):
    booking(anna.terminal)
    fields = [field for field in model._meta.concrete_fields if field.is_relation]

    assert fields
    assert {field.remote_field.on_delete for field in fields} == {models.PROTECT}
