"""What every connector must satisfy with what follows a reservation: bookings, reversals, refunds, batches, lists."""

from datetime import date

from paygate.acquiring.connector import (
    Approved,
    BatchAccepted,
    BatchRefused,
    Declined,
    Operation,
    TerminalRef,
    Unknown,
)
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from tests.acquiring.requests import (
    BY_AMOUNT,
    PARTIAL,
    TERMINAL,
    authorize,
    batch,
    booked,
    cancel,
    capture,
    chf,
    inquire,
    refund,
    reserved,
    reverse,
    today,
)


class TestACapture:
    def test_of_more_than_was_reserved_is_declined(self, connector):
        of = reserved(connector, 10_000)

        answer = connector.capture(capture(of, chf(10_001)))

        assert answer == Declined(DeclineReason.INVALID_AMOUNT, acquirer_code="13")

    def test_in_parts_never_exceeds_the_reservation(self, connector):
        of = reserved(connector, 10_000)
        assert isinstance(connector.capture(capture(of, chf(6000), final=False)), Approved)

        assert isinstance(connector.capture(capture(of, chf(4001), final=False)), Declined)
        assert isinstance(connector.capture(capture(of, chf(4000), final=False)), Approved)

    def test_after_the_final_one_is_declined(self, connector):
        of = reserved(connector, 10_000)
        connector.capture(capture(of, chf(6000)))

        assert isinstance(connector.capture(capture(of, chf(1))), Declined)

    def test_of_a_partial_approval_stays_within_it(self, connector):
        of = authorize(PARTIAL, chf(10_000), allow_partial=True)
        connector.authorize(of)

        assert isinstance(connector.capture(capture(of, chf(5001))), Declined)
        assert isinstance(connector.capture(capture(of, chf(5000))), Approved)

    def test_asked_twice_books_once(self, connector):
        of = reserved(connector, 10_000)
        asked = capture(of, chf(6000), final=False)

        assert connector.capture(asked) == connector.capture(asked)

        assert isinstance(connector.capture(capture(of, chf(4000))), Approved)

    def test_of_something_unknown_is_declined(self, connector):
        assert isinstance(connector.capture(capture(authorize())), Declined)

    def test_at_another_terminal_is_declined(self, connector):
        of = reserved(connector)

        answer = connector.capture(capture(of, terminal=TerminalRef("17799999", "MID-2")))

        assert isinstance(answer, Declined)


class TestACancel:
    def test_releases_a_reservation(self, connector):
        of = reserved(connector)

        assert isinstance(connector.cancel(cancel(of)), Approved)
        assert isinstance(connector.capture(capture(of)), Declined)

    def test_releases_a_booking_with_its_reservation(self, connector):
        of = reserved(connector)
        connector.capture(capture(of))

        assert isinstance(connector.cancel(cancel(of)), Approved)

    def test_comes_too_late_once_a_batch_has_it(self, connector):
        asked = booked(connector)
        connector.submit_batch(batch(asked))

        assert isinstance(connector.cancel(cancel(asked)), Declined)

    def test_of_what_is_left_closes_a_reservation_that_is_booked_in_parts(self, connector):
        of = reserved(connector, 10_000)
        part = capture(of, chf(6000), final=False)
        connector.capture(part)
        connector.submit_batch(batch(part))
        assert isinstance(connector.cancel(cancel(of, amount=chf(3999))), Declined)
        assert isinstance(connector.cancel(cancel(of, amount=chf(4001))), Declined)

        assert isinstance(connector.cancel(cancel(of, amount=chf(4000))), Approved)

        assert isinstance(connector.capture(capture(of, chf(1))), Declined)
        assert isinstance(connector.cancel(cancel(of, amount=chf(4000))), Declined)
        assert isinstance(connector.refund(refund(part, chf(6000))), Approved)

    def test_of_less_than_a_reservation_that_is_not_booked_is_declined(self, connector):
        of = reserved(connector, 10_000)

        assert isinstance(connector.cancel(cancel(of, amount=chf(4000))), Declined)
        assert isinstance(connector.capture(capture(of)), Approved)

    def test_of_what_is_left_comes_too_late_after_the_last_part(self, connector):
        of = reserved(connector, 10_000)
        connector.capture(capture(of, chf(6000)))

        assert isinstance(connector.cancel(cancel(of, amount=chf(4000))), Declined)

    def test_of_a_refund_takes_it_back(self, connector):
        asked = refund(booked(connector))
        connector.refund(asked)

        assert isinstance(connector.cancel(cancel(asked)), Approved)


class TestAReversal:
    def test_gives_back_what_was_never_answered(self, connector):
        of = authorize()
        set_fault(Operation.AUTHORIZE, "drop_after_commit")
        connector.authorize(of)

        assert isinstance(connector.reverse(reverse(of)), Approved)

        assert connector.inquire(inquire(of)) == Declined(DeclineReason.GIVEN_BACK, acquirer_code="21")
        assert isinstance(connector.capture(capture(of)), Declined)

    def test_of_something_unknown_is_acknowledged_and_remembered(self, connector):
        of = authorize()
        assert isinstance(connector.reverse(reverse(of)), Approved)

        late = connector.authorize(of)

        assert late == Declined(DeclineReason.GIVEN_BACK, acquirer_code="21")

    def test_may_be_repeated_under_the_same_id_and_under_another(self, connector):
        of = reserved(connector)
        asked = reverse(of)

        assert connector.reverse(asked) == connector.reverse(asked)
        assert isinstance(connector.reverse(reverse(of)), Approved)

    def test_does_not_pretend_at_another_terminal(self, connector):
        of = reserved(connector)
        asked = reverse(authorize(request_id=of.request_id, terminal=TerminalRef("17799999", "MID-2")))

        assert isinstance(connector.reverse(asked), Declined)
        assert isinstance(connector.capture(capture(of)), Approved)


class TestARefund:
    def test_pays_back_a_booking_in_parts(self, connector):
        asked = booked(connector, 10_000)

        assert isinstance(connector.refund(refund(asked, chf(3000))), Approved)
        assert isinstance(connector.refund(refund(asked, chf(7000))), Approved)

    def test_of_what_is_only_reserved_is_declined(self, connector):
        assert isinstance(connector.refund(refund(reserved(connector))), Declined)

    def test_asked_twice_pays_once(self, connector):
        asked = refund(booked(connector))

        assert connector.refund(asked) == connector.refund(asked)

        assert sum(row["op"] == Operation.REFUND for row in ledger.listed()) == 1


class TestABatch:
    def test_is_accepted_once_and_then_known(self, connector):
        lines = booked(connector), booked(connector)
        asked = batch(*lines)

        first, again, renamed = map(connector.submit_batch, (asked, asked, batch(*lines)))

        assert isinstance(first, BatchAccepted)
        assert first == again
        assert not first.duplicate
        assert renamed == BatchAccepted(first.reference, duplicate=True)

    def test_of_a_number_that_was_used_for_others_is_refused(self, connector):
        connector.submit_batch(batch(booked(connector)))

        answer = connector.submit_batch(batch(booked(connector)))

        assert answer == BatchRefused("other_content", contradicts=True)

    def test_with_a_line_that_another_batch_has_is_refused(self, connector):
        line = booked(connector)
        connector.submit_batch(batch(line, number=1))

        assert connector.submit_batch(batch(line, number=2)) == BatchRefused("line")

    def test_with_a_line_that_nobody_booked_is_refused(self, connector):
        assert connector.submit_batch(batch(capture(authorize()))) == BatchRefused("line")

    def test_subtracts_refunds_from_its_totals(self, connector):
        line = booked(connector, 10_000)
        back = refund(line, chf(2500))
        connector.refund(back)
        asked = batch(line, back)

        assert dict(asked.totals) == {"CHF": 7500}
        assert isinstance(connector.submit_batch(asked), BatchAccepted)

    def test_is_the_same_bytes_whatever_the_order_of_its_lines(self, connector):
        lines = booked(connector), booked(connector)

        assert batch(*lines).body == batch(*reversed(lines)).body

    def test_whose_answer_was_lost_is_sent_again_without_harm(self, connector):
        asked = batch(booked(connector))
        set_fault(Operation.BATCH, "drop_after_commit")
        assert isinstance(connector.submit_batch(asked), Unknown)

        assert isinstance(connector.submit_batch(asked), BatchAccepted)


class TestTheListOfADay:
    def test_holds_what_was_approved_and_what_was_taken_back(self, connector):
        kept, released = booked(connector), reserved(connector)
        connector.cancel(cancel(released))
        connector.authorize(authorize(BY_AMOUNT, chf(105)))

        lines = connector.list_day(TERMINAL, today())

        assert isinstance(lines, tuple)
        assert [(line.operation, line.undone) for line in lines] == [
            (Operation.AUTHORIZE, False),
            (Operation.CAPTURE, False),
            (Operation.AUTHORIZE, True),
        ]
        assert kept.request_id in {line.request_id for line in lines}

    def test_is_empty_for_another_day_and_another_terminal(self, connector):
        booked(connector)

        assert connector.list_day(TERMINAL, date(2020, 1, 1)) == ()
        assert connector.list_day(TerminalRef("17799999", "MID-2"), today()) == ()

    def test_that_cannot_be_read_is_no_list(self, connector):
        set_fault(Operation.LIST, "truncated")

        assert isinstance(connector.list_day(TERMINAL, today()), Unknown)
