"""Invariants of offers, attempts and the journal, by our own books alone (safety.md 23).

Each function yields what breaks it, with one question to the database for all rows.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from django.db.models import BigIntegerField, Case, Count, Exists, F, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from paygate.acquiring.connector import BatchLine, TerminalRef, batch_request
from paygate.checkout.models import Attempt
from paygate.checkout.states import MONEY_ASKED, AttemptState
from paygate.journal.models import BookingPeriod, Entry, EntryType, Kind, Movement
from paygate.journal.movements import MONEY_IS_MOVED, WAITING
from paygate.journal.reversal import UNACKNOWLEDGED
from paygate.journal.states import EntryState, MovementState, PeriodState
from paygate.journal.unanswered import OPERATIONS
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.offers.models import Offer
from paygate.offers.states import OfferState
from paygate.operations.invariants_view import (
    KEPT,
    ON_ITS_WAY,
    UNANSWERED,
    Broken,
    View,
    is_looked_after,
    is_scheduled,
    text_of,
)

AT_ONCE: Final = [row.name for row in METHODS.values() if not row.needs_capture]
NOTHING: Final = Value(0, output_field=BigIntegerField())
FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)
IN_BATCH: Final = [row.name for row in METHODS.values() if row.in_batch]


def bookings_stay_within_the_reservation(view: View) -> Iterator[Broken]:
    """INV-01, and the columns that count bookings say the same as the bookings; a rest that is released is the rest."""
    booking = Q(kind=Kind.CAPTURE)
    approved = Q(state=MovementState.APPROVED)
    sums = (
        Movement.objects.order_by()
        .values(
            "merchant_id",
            "entry_id",
            "entry__amount_minor",
            "entry__booked_minor",
            "entry__parts_minor",
            "entry__state",
            "entry__method",
            "entry__type",
        )
        .annotate(
            captured=Coalesce(Sum("amount_minor", filter=booking & approved), NOTHING),
            in_parts=Coalesce(Sum("amount_minor", filter=booking & approved & ~Q(part="")), NOTHING),
            released=Coalesce(Sum("amount_minor", filter=Q(kind=Kind.RELEASE) & approved), NOTHING),
            spent=Coalesce(
                Sum("amount_minor", filter=booking & Q(state__in=[*ON_ITS_WAY, MovementState.APPROVED])),
                NOTHING,
            ),
            foreign=Count("pk", filter=~Q(currency=F("entry__currency"))),
        )
        .annotate(
            booked=Case(
                When(entry__state=EntryState.CANCELED, then=NOTHING),
                When(
                    entry__type=EntryType.REFUND,
                    entry__state=EntryState.CAPTURED,
                    then=F("entry__amount_minor"),
                ),
                When(
                    entry__method__in=AT_ONCE, entry__state=EntryState.CAPTURED, then=F("entry__amount_minor")
                ),
                default=F("spent"),
            )
        )
    )
    for row in sums.filter(
        Q(captured__gt=F("entry__amount_minor"))
        | Q(foreign__gt=0)
        | ~Q(booked=F("entry__booked_minor"))
        | ~Q(in_parts=F("entry__parts_minor"))
        | Q(released__gt=0) & ~Q(captured=F("entry__amount_minor") - F("released"))
    ):
        yield Broken(
            f"entry {row['entry_id']}: {row['captured']} booked ({row['entry__booked_minor']} noted, in parts"
            f" {row['in_parts']}, {row['entry__parts_minor']} noted) of {row['entry__amount_minor']}, {row['released']}"
            f" released, {row['foreign']} movements in another currency",
            row["merchant_id"],
        )


def an_offer_is_paid_by_one_success(view: View) -> Iterator[Broken]:
    """INV-02. Settling and finishing are one transaction here, so nothing stands between PAID and its success."""
    success = Attempt.objects.filter(offer=OuterRef("pk"), state=AttemptState.PAID, entry__succeeded=True)
    for offer, merchant_id in (
        Offer.objects.filter(state=OfferState.PAID)
        .exclude(Exists(success.order_by()))
        .order_by()
        .values_list("pk", "merchant_id")
    ):
        yield Broken(f"offer {offer} is paid by nothing", merchant_id)
    twice = Entry.objects.filter(succeeded=True).exclude(single_use_of="").order_by()
    for row in twice.values("merchant_id", "single_use_of").annotate(n=Count("pk")).filter(n__gt=1):
        yield Broken(f"offer {row['single_use_of']} is paid {row['n']} times", row["merchant_id"])
    attempts = Attempt.objects.annotate(spelled=text_of("offer", Attempt)).filter(
        Q(entry__succeeded=True) & ~Q(state=AttemptState.PAID)
        | Q(entry__succeeded=True, offer__isnull=False)
        & (~Q(offer__state=OfferState.PAID) | ~Q(entry__single_use_of=F("spelled")))
        | Q(state=AttemptState.PAID) & (Q(entry=None) | Q(entry__succeeded=False))
    )
    names = ("pk", "state", "entry_id", "entry__state", "offer_id", "offer__state", "merchant_id")
    for pk, state, entry, entry_state, offer, offer_state, merchant_id in attempts.order_by().values_list(
        *names
    ):
        yield Broken(
            f"attempt {pk} is {state}, its entry {entry} {entry_state}, its offer {offer} {offer_state}",
            merchant_id,
        )
    begun = Attempt.objects.filter(entry=OuterRef("pk")).order_by()
    lonely = Entry.objects.filter(succeeded=True).exclude(single_use_of="").exclude(Exists(begun)).order_by()
    for pk, merchant_id in lonely.values_list("pk", "merchant_id"):
        yield Broken(f"entry {pk} was begun by no attempt", merchant_id)


def a_claim_without_end_has_an_attempt_that_waits(view: View) -> Iterator[Broken]:
    """INV-02: while the acquirer is asked, its attempt and no other holds the offer."""
    mine = Attempt.objects.annotate(spelled=text_of("form_id", Attempt)).filter(state__in=MONEY_ASKED)
    holder = mine.filter(offer=OuterRef("pk"), spelled=OuterRef("claim")).order_by()
    held = Offer.objects.filter(claimed_until=None).exclude(claim="").exclude(Exists(holder)).order_by()
    for offer, merchant_id in held.values_list("pk", "merchant_id"):
        yield Broken(f"offer {offer} is held by no attempt, for ever", merchant_id)
    lost = mine.filter(offer__isnull=False).filter(
        ~Q(offer__claim=F("spelled")) | Q(offer__claimed_until__isnull=False)
    )
    for pk, merchant_id in lost.order_by().values_list("pk", "merchant_id"):
        yield Broken(f"attempt {pk} asks for money for an offer that it does not hold", merchant_id)


def a_success_has_one_reservation_like_it(view: View) -> Iterator[Broken]:
    """INV-04. A refund has its approved question instead."""
    begun_as = Case(
        When(type=EntryType.REFUND, then=Value(Kind.REFUND.value)), default=Value(Kind.AUTHORIZE.value)
    )
    reserved = Movement.objects.filter(
        entry=OuterRef("pk"),
        kind=OuterRef("begun_as"),
        state=MovementState.APPROVED,
        amount_minor=OuterRef("amount_minor"),
        currency=OuterRef("currency"),
        approval_code=OuterRef("approval_code"),
        acquirer_reference=OuterRef("acquirer_reference"),
    )
    kept = Entry.objects.annotate(begun_as=begun_as).filter(Q(state__in=KEPT) | Q(succeeded=True))
    rows = kept.filter(
        ~Exists(reserved.order_by()) | ~Q(contract__terminal=F("terminal")) | ~Q(contract__method=F("method"))
    )
    for pk, state, merchant_id in rows.order_by().values_list("pk", "state", "merchant_id"):
        yield Broken(f"entry {pk} is {state} without an approved reservation like it", merchant_id)


def own_references_are_used_once(view: View) -> Iterator[Broken]:
    """INV-05, on our side."""
    batches = BookingPeriod.objects.exclude(request_id="").order_by()
    for row in batches.values("request_id").annotate(n=Count("pk")).filter(n__gt=1):
        yield Broken(f"{row['n']} batches are filed as {row['request_id']}", None)
    twice = Movement.objects.order_by().values("request_id").annotate(n=Count("pk")).filter(n__gt=1)
    for row in twice:
        yield Broken(f"{row['n']} movements are asked as {row['request_id']}", None)
    taken = Movement.objects.filter(request_id__in=batches.values("request_id")).order_by()
    for pk, request_id, merchant_id in taken.values_list("pk", "request_id", "merchant_id"):
        yield Broken(f"movement {pk} has the reference of a batch, {request_id}", merchant_id)


def every_question_is_asked_again(view: View) -> Iterator[Broken]:
    """INV-06: whatever is not settled has a lease or a time at which somebody asks, or two people decide."""
    attended = Attempt.objects.filter(entry=OuterRef("entry"), state__in=MONEY_ASKED).order_by()
    asked_long_ago = Q(state=MovementState.ASKED, lease_until__lte=view.forgotten_since)
    overdue = Q(review_since=None, next_inquiry_at__lte=view.forgotten_since)
    forward = ~Q(kind=Kind.REVERSE) & (
        Q(state__in=UNANSWERED) & (~is_scheduled() | overdue)
        | asked_long_ago
        | Q(kind=Kind.AUTHORIZE, state__in=WAITING, review_since=None) & ~Exists(attended)
    )
    back = Q(kind=Kind.REVERSE) & (
        Q(state__in=UNACKNOWLEDGED, review_since=None)
        & (Q(next_inquiry_at=None) | Q(next_inquiry_at__lte=view.forgotten_since))
        | Q(look_again_at__lte=view.forgotten_since)
    )
    rows = Movement.objects.filter(Q(state__in=WAITING) | Q(kind=Kind.REVERSE)).filter(
        forward & ~is_looked_after() | back
    )
    for pk, kind, state, merchant_id in rows.order_by().values_list("pk", "kind", "state", "merchant_id"):
        yield Broken(f"movement {pk}: nobody asks about {kind} {state}", merchant_id)
    batches = BookingPeriod.objects.filter(state=PeriodState.CLOSING).filter(
        Q(next_try_at=None) | Q(next_try_at__lte=view.forgotten_since)
    )
    for pk, merchant_id in batches.order_by().values_list("pk", "merchant_id"):
        yield Broken(f"period {pk}: nobody files the batch", merchant_id)


def nobody_waits_for_what_has_come(view: View) -> Iterator[Broken]:
    """INV-06: an attempt that asked for money ends with the answer, or with the give-back."""
    still = Movement.objects.filter(entry=OuterRef("entry")).filter(
        Q(kind=Kind.AUTHORIZE, state__in=WAITING) | Q(kind=Kind.REVERSE, state__in=UNACKNOWLEDGED)
    )
    rows = Attempt.objects.filter(state__in=MONEY_ASKED).exclude(Exists(still.order_by()))
    for pk, state, merchant_id in rows.order_by().values_list("pk", "state", "merchant_id"):
        yield Broken(f"attempt {pk} stays {state} although the answer is in", merchant_id)


def what_is_not_kept_is_given_back(view: View) -> Iterator[Broken]:
    """INV-07, also for what is being given back: an approval there has a give-back that came after it, or is due."""
    approved = Movement.objects.filter(kind__in=MONEY_IS_MOVED, state=MovementState.APPROVED)
    names = ("pk", "kind", "settled_at", "entry_id", "entry__state", "merchant_id")
    rows = list(approved.exclude(entry__state__in=KEPT).order_by().values_list(*names))
    canceled = Movement.objects.filter(kind=Kind.CANCEL, state=MovementState.APPROVED).order_by()
    by_cancel = set(canceled.values_list("entry_id", flat=True)) if rows else set()
    given_back = _given_back() if rows else {}
    for pk, kind, settled_at, entry, state, merchant_id in rows:
        until = given_back.get(pk)
        if until is not None and (settled_at is None or until >= settled_at):
            continue
        if state != EntryState.CANCELED or entry not in by_cancel:
            yield Broken(f"entry {entry} is {state}, and movement {pk} ({kind}) was approved", merchant_id)


def _given_back() -> dict[int, datetime]:
    """Up to when each movement is given back: to the last answer that held, for ever while one is under way."""
    found: dict[int, datetime] = {}
    give_backs = Movement.objects.filter(kind=Kind.REVERSE, about__isnull=False).order_by()
    names = ("about_id", "settled_at", "look_again_at", "review_since")
    for about, settled_at, look_again_at, review_since in give_backs.values_list(*names):
        until = settled_at if settled_at and look_again_at is None and review_since is None else FOR_EVER
        found[about] = max(until, found.get(about, until))
    return found


def a_booking_stands_in_one_batch(view: View) -> Iterator[Broken]:
    """INV-08: each booking of a method with batches, and nothing else, while nobody is canceling it."""
    canceling = Movement.objects.filter(entry=OuterRef("entry"), kind=Kind.CANCEL, state__in=ON_ITS_WAY)
    booking = Q(
        kind__in=[Kind.CAPTURE, Kind.REFUND], state=MovementState.APPROVED, entry__method__in=IN_BATCH
    ) & (Q(entry__state=EntryState.CAPTURED) | Q(entry__state=EntryState.AUTHORIZED) & ~Q(part=""))
    rows = Movement.objects.filter(
        Q(booking, period=None) & ~Exists(canceling.order_by())
        | Q(period__isnull=False) & (~booking | ~Q(period__terminal=F("entry__terminal")))
    )
    names = ("pk", "kind", "state", "entry_id", "entry__state", "period_id", "merchant_id")
    for pk, kind, state, entry, entry_state, period, merchant_id in rows.order_by().values_list(*names):
        where = f"in period {period}" if period else "in no batch"
        yield Broken(
            f"movement {pk} ({kind} {state}) of entry {entry} ({entry_state}) is {where}", merchant_id
        )


def a_batch_is_what_it_was_frozen_with(view: View) -> Iterator[Broken]:
    """INV-08: the lines of a frozen batch are still its count, its totals and its hash (safety.md BA-2)."""
    lines: dict[int, list[BatchLine]] = defaultdict(list)
    rows = Movement.objects.filter(period__isnull=False).exclude(period__state=PeriodState.OPEN).order_by()
    for period, request_id, kind, minor, currency in rows.values_list(
        "period_id", "request_id", "kind", "amount_minor", "currency"
    ):
        lines[period].append(BatchLine(request_id, OPERATIONS[Kind(kind)], Money(minor, currency)))
    frozen = BookingPeriod.objects.exclude(state=PeriodState.OPEN).order_by()
    names = ("pk", "terminal__number", "number", "line_count", "totals", "content_hash", "merchant_id")
    for pk, terminal, number, count, totals, content_hash, merchant_id in frozen.values_list(*names):
        now = batch_request(request_id="", terminal=TerminalRef(terminal, ""), number=number, lines=lines[pk])
        if (len(now.lines), dict(now.totals), now.content_hash) != (count, totals, content_hash):
            yield Broken(
                f"period {pk}: frozen with {count} bookings of {totals}, has {len(now.lines)} of {dict(now.totals)}",
                merchant_id,
            )


def refunds_stay_within_the_booking(view: View) -> Iterator[Broken]:
    """INV-09, and the column that counts refunds says the same as the refunds."""
    live = Q(refunds__state__in=[EntryState.PENDING, *KEPT])
    payments = Entry.objects.filter(type=EntryType.PAYMENT).order_by()
    sums = payments.filter(Q(refunds__isnull=False) | Q(refunded_minor__gt=0)).annotate(
        given_back=Coalesce(Sum("refunds__amount_minor", filter=live), NOTHING),
        foreign=Count(
            "refunds",
            filter=~Q(refunds__currency=F("currency")) | ~Q(refunds__contract=F("contract")),
        ),
    )
    wrong = sums.filter(
        ~Q(given_back=F("refunded_minor"))
        | Q(given_back__gt=F("booked_minor"), refunded_beyond=False)
        | Q(given_back__gt=0) & ~Q(state=EntryState.CAPTURED) & Q(parts_minor=0)
        | Q(foreign__gt=0)
    )
    names = ("pk", "given_back", "refunded_minor", "booked_minor", "state", "foreign", "merchant_id")
    for pk, refunded, noted, booked, state, foreign, merchant_id in wrong.values_list(*names):
        yield Broken(
            f"entry {pk} ({state}): {refunded} refunded ({noted} noted) of {booked} booked, {foreign} of another kind",
            merchant_id,
        )


def refunds_stay_within_their_part(view: View) -> Iterator[Broken]:
    """INV-09, of payments that were booked in parts: each refund is of an approved part of its own payment."""
    live = Q(refunds__state__in=[EntryState.PENDING, *KEPT])
    parts = Movement.objects.filter(Q(refunds__isnull=False) | Q(refunded_minor__gt=0)).order_by()
    sums = parts.annotate(
        given_back=Coalesce(Sum("refunds__amount_minor", filter=live), NOTHING),
        foreign=Count("refunds", filter=~Q(refunds__pays_back=F("entry"))),
    )
    wrong = sums.filter(
        ~Q(given_back=F("refunded_minor"))
        | Q(given_back__gt=F("amount_minor"), refunded_beyond=False)
        | Q(given_back__gt=0) & (Q(part="") | ~Q(state=MovementState.APPROVED))
        | Q(foreign__gt=0)
    )
    names = ("pk", "given_back", "refunded_minor", "amount_minor", "foreign", "merchant_id")
    for pk, refunded, noted, booked, foreign, merchant_id in wrong.values_list(*names):
        yield Broken(
            f"part {pk}: {refunded} refunded ({noted} noted) of {booked} booked, {foreign} of another payment",
            merchant_id,
        )
    unnamed = Entry.objects.filter(pays_back__parts_minor__gt=0, pays_back_part=None).order_by()
    for pk, merchant_id in unnamed.values_list("pk", "merchant_id"):
        yield Broken(f"refund {pk} says not which part it pays back", merchant_id)


def an_offer_takes_no_more_attempts_than_it_allows(view: View) -> Iterator[Broken]:
    """INV-17. A second try that the issuer asked for is the same attempt to the payer, and has no third (OC-13)."""
    over = Offer.objects.filter(max_attempts__gt=0, attempts__gt=F("max_attempts")).order_by()
    for offer, made, most, merchant_id in over.values_list("pk", "attempts", "max_attempts", "merchant_id"):
        yield Broken(f"offer {offer}: {made} attempts of {most}", merchant_id)
    third = Attempt.objects.filter(second_try_of__second_try_of__isnull=False).order_by()
    for pk, merchant_id in third.values_list("pk", "merchant_id"):
        yield Broken(f"attempt {pk} is a third try without the payer", merchant_id)
    made_attempts = Attempt.objects.filter(offer__isnull=False, second_try_of=None).order_by()
    for row in (
        made_attempts.values("offer_id", "offer__attempts", "merchant_id")
        .annotate(n=Count("pk"))
        .filter(n__gt=F("offer__attempts"))
    ):
        yield Broken(
            f"offer {row['offer_id']}: {row['n']} attempts, {row['offer__attempts']} counted",
            row["merchant_id"],
        )
