"""What the journal says when it will not: its name for programs, its field in a form, its words for people."""

from collections.abc import Callable
from functools import partial

import pytest
from django.utils import translation

from paygate.journal.cancel import NotCancelable
from paygate.journal.capture import HeldBack, NotCapturable, NotWithinReservation
from paygate.journal.credit import NotCreditable, NothingToCredit
from paygate.journal.parts import NothingLeft, NotInParts, PartTaken
from paygate.journal.refund import NeedsSecondPerson, NotRefundable, NotWithinBooking, WhichPart
from paygate.journal.refund_proposals import ProposedAlready
from paygate.refusals import Kind, Refusal
from tests.make.money import chf

LEFT = chf("12.50")
REFUSALS = (
    (
        partial(NotWithinReservation, LEFT),
        "AMOUNT_INVALID",
        Kind.INVALID,
        "amount",
        "at most what is reserved",
    ),
    (
        partial(NotWithinBooking, LEFT),
        "AMOUNT_INVALID",
        Kind.INVALID,
        "amount",
        "what is left of the booking",
    ),
    (NothingToCredit, "AMOUNT_INVALID", Kind.INVALID, "amount", "more than nothing"),
    (WhichPart, "PART_NOT_NAMED", Kind.INVALID, "part", "which of them is refunded"),
    (NotCapturable, "TRANSACTION_IN_WRONG_STATE", Kind.CONFLICT, "", "no reservation to book"),
    (HeldBack, "TRANSACTION_IN_WRONG_STATE", Kind.CONFLICT, "", "once the acquirer knows it"),
    (NotCancelable, "TRANSACTION_IN_WRONG_STATE", Kind.CONFLICT, "", "batch is still open"),
    (NotRefundable, "TRANSACTION_IN_WRONG_STATE", Kind.CONFLICT, "", "Only what is booked"),
    (NothingLeft, "TRANSACTION_IN_WRONG_STATE", Kind.CONFLICT, "", "no rest to release"),
    (ProposedAlready, "TRANSACTION_IN_WRONG_STATE", Kind.CONFLICT, "", "Confirm it or turn it down"),
    (NotCreditable, "NOT_CREDITABLE", Kind.CONFLICT, "", "for a payment only"),
    (NotInParts, "NOT_IN_PARTS", Kind.CONFLICT, "", "booked whole"),
    (PartTaken, "ALREADY_CAPTURED", Kind.CONFLICT, "", "of this name"),
    (NeedsSecondPerson, "PERMISSION_DENIED", Kind.CONFLICT, "", "by a second person"),
    (partial(NeedsSecondPerson, "Somebody else"), "PERMISSION_DENIED", Kind.CONFLICT, "", "Somebody else"),
)


@pytest.mark.parametrize(
    ("refuse", "code", "kind", "field", "words"), REFUSALS, ids=[row[-1] for row in REFUSALS]
)
def test_a_refusal_has_a_name_a_place_and_words(
    refuse: Callable[[], Refusal], code: str, kind: Kind, field: str, words: str
) -> None:
    refusal = refuse()

    with translation.override("en"):
        assert (refusal.code, refusal.kind, refusal.field) == (code, kind, field)
        assert words in str(refusal)


@pytest.mark.parametrize("refused", [NotWithinReservation, NotWithinBooking])
@pytest.mark.parametrize(
    ("language", "amount"), [("en", "CHF 12.50"), ("fr", "CHF 12,50"), (None, "CHF 12.50")]
)
def test_what_is_left_is_told_as_the_reader_writes_amounts(refused, language, amount):
    with translation.override(language):
        refusal = refused(LEFT)

        assert amount in str(refusal).replace("\N{NO-BREAK SPACE}", " ")
        assert refusal.left == LEFT
