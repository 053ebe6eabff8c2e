"""Invariants that compare our books with the acquirer's (safety.md 23): INV-03, 04, 05, 08, 13, 18.

The acquirer is the simulator; its ledger is a file of its own and survives whatever happens to ours.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from django.db.models import Exists, OuterRef

from paygate.acquiring.connector import Operation
from paygate.acquiring.simulator.ledger import Record
from paygate.journal.models import BookingPeriod, Kind, Movement
from paygate.journal.movements import MONEY_IS_MOVED
from paygate.journal.states import PeriodState
from paygate.operations.invariants_view import SIMULATOR, Broken, View

APPROVED: Final = "00"
MOVES_MONEY: Final = (Operation.AUTHORIZE, Operation.CAPTURE, Operation.REFUND)
AS_ASKED: Final = {
    Kind.AUTHORIZE: Operation.AUTHORIZE,
    Kind.CAPTURE: Operation.CAPTURE,
    Kind.CANCEL: Operation.CANCEL,
    Kind.RELEASE: Operation.CANCEL,
    Kind.REFUND: Operation.REFUND,
    Kind.REVERSE: Operation.REVERSE,
}


def what_stands_there_is_kept_here(view: View) -> Iterator[Broken]:
    """INV-03: each approval that still stands there is one of ours that counts on it, or is under repair."""
    for record in view.book.values():
        if record.op not in MOVES_MONEY or not record.stands:
            continue
        asked = view.asked.get(record.request_id)
        if asked is None:
            yield Broken(
                f"the acquirer approved {record.op} {record.request_id} of terminal {record.terminal}, and the journal"
                " knows nothing of it",
                view.terminals[record.terminal],
            )
        elif not asked.is_kept and not asked.under_repair and not asked.being_canceled:
            yield Broken(f"the acquirer holds what we do not: {asked}", asked.merchant_id)


def what_is_kept_here_stands_there(view: View) -> Iterator[Broken]:
    """INV-03, the other way round: nobody has given back there what we count on."""
    for asked in view.asked.values():
        if asked.kind not in MONEY_IS_MOVED or not asked.is_kept:
            continue
        record = view.book.get(asked.request_id)
        if record is not None and record.undone and not (asked.under_repair or asked.being_canceled):
            yield Broken(f"we count on what the acquirer has given back: {asked}", asked.merchant_id)


def approvals_are_the_acquirers(view: View) -> Iterator[Broken]:
    """INV-04: what we took for approved is approved there, for the same amount, currency and terminal."""
    for asked in view.asked.values():
        if asked.kind not in (*MONEY_IS_MOVED, Kind.RELEASE) or not asked.is_kept:
            continue
        record = view.book.get(asked.request_id)
        theirs = record and (record.code, record.op, record.approved, record.currency, record.terminal)
        ours = (APPROVED, AS_ASKED[Kind(asked.kind)], asked.amount_minor, asked.currency, asked.terminal)
        if theirs != ours:
            yield Broken(f"the acquirer has {_named(record)} for {asked}", asked.merchant_id)


def nothing_was_asked_twice(view: View) -> Iterator[Broken]:
    """INV-05, on the acquirer's side."""
    for request_id, count in Counter(row.request_id for row in view.records or ()).items():
        if count > 1:
            yield Broken(f"the acquirer has {request_id} {count} times", None)
    for record in view.book.values():
        if record.op in MOVES_MONEY and record.count > 1:
            yield Broken(
                f"{record.op} {record.request_id} was sent {record.count} times",
                view.terminals[record.terminal],
            )


def batches_are_the_acquirers(view: View) -> Iterator[Broken]:
    """INV-08: a closed batch is booked there with our count, totals and hash, and no other is booked there."""
    simulated = Movement.objects.filter(
        period=OuterRef("pk"), entry__contract__connector=SIMULATOR
    ).order_by()
    booked = {(row.terminal, row.batch): row for row in view.book.values() if _is_booked_batch(row)}
    rows = BookingPeriod.objects.exclude(state=PeriodState.OPEN).filter(Exists(simulated)).order_by()
    names = ("pk", "merchant_id", "terminal__number", "number", "state", "review_since", "line_count", "totals",
             "content_hash")  # fmt: skip
    for pk, merchant_id, terminal, number, state, review, *ours in rows.values_list(*names):
        record = booked.pop((terminal, number), None)
        theirs = [record.line_count, record.totals, record.content_hash] if record else None
        if state == PeriodState.CLOSED and theirs != ours:
            yield Broken(f"period {pk} is closed, and the acquirer has {_named(record)}", merchant_id)
        elif state == PeriodState.REFUSED and theirs is not None and review is None:
            yield Broken(f"period {pk} is refused, and the acquirer has it", merchant_id)
    for (terminal, number), record in booked.items():
        yield Broken(
            f"the acquirer has batch {number} of terminal {terminal} as {record.request_id}, and we have not",
            view.terminals[terminal],
        )


def bookings_are_in_the_same_batch_there(view: View) -> Iterator[Broken]:
    """INV-08: the acquirer took each booking into the batch that we filed it with."""
    for asked in view.asked.values():
        record = view.book.get(asked.request_id)
        if asked.kind not in (Kind.CAPTURE, Kind.REFUND) or record is None or record.undone:
            continue
        filed = asked.period if asked.period_state == PeriodState.CLOSED else None
        if (filed or record.batch) and record.batch != asked.period:
            yield Broken(
                f"period {asked.period} here, batch {record.batch} there: {asked}", asked.merchant_id
            )


def a_shift_that_was_refused_is_not_claimed(view: View) -> Iterator[Broken]:
    """INV-13: the shift can only go down with the acquirer's answer (safety.md 3D-9)."""
    for record in view.book.values():
        refused = record.shift_refused and record.op == Operation.AUTHORIZE  # elsewhere it means nothing
        asked = view.asked.get(record.request_id) if refused else None
        if asked is not None and asked.liability_shift:
            yield Broken(f"the issuer refused the liability shift: {asked}", asked.merchant_id)


def amounts_are_the_acquirers(view: View) -> Iterator[Broken]:
    """INV-18: the acquirer was asked for what stands in our books."""
    for asked in view.asked.values():
        record = view.book.get(asked.request_id)
        if record is None:
            continue
        if (record.amount, record.currency) != (asked.amount_minor, asked.currency):
            yield Broken(f"the acquirer was asked for {_named(record)}: {asked}", asked.merchant_id)


def _is_booked_batch(record: Record) -> bool:
    return record.op == Operation.BATCH and record.stands


def _named(record: Record | None) -> str:
    if record is None:
        return "nothing"
    if record.op == Operation.BATCH:
        return f"{record.line_count} bookings of {record.totals}"
    return f"{record.op} {record.code} of {record.amount} {record.currency}, {record.approved} approved"
