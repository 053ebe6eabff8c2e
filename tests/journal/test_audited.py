"""Whoever moves money stands in the audit log with what was moved, and by which question to the acquirer (AU-7)."""

from collections.abc import Callable

import pytest

from paygate.audit.actions import Action
from paygate.audit.models import AuditLine
from paygate.journal.cancel import cancel
from paygate.journal.capture import capture
from paygate.journal.models import Movement
from paygate.journal.parts import PartWish, capture_part, release_rest
from paygate.journal.refund import RefundWish, refund
from tests.cast import Person
from tests.make.books import NOON, booking
from tests.make.journal import reservation
from tests.make.money import chf

pytestmark = pytest.mark.django_db(transaction=True)

Deed = Callable[[Person], Movement]


def booked(anna: Person) -> Movement:
    entry = reservation(anna.terminal, chf(100))
    return capture(entry.pk, amount=chf("60.50"), by=anna.actor, now=NOON)


def booked_in_part(anna: Person) -> Movement:
    entry = reservation(anna.terminal, chf(100))
    return capture_part(entry.pk, PartWish(chf(40), "parcel 1"), by=anna.actor, now=NOON)


def released(anna: Person) -> Movement:
    return release_rest(booked_in_part(anna).entry_id, by=anna.actor, now=NOON)


def canceled(anna: Person) -> Movement:
    return cancel(reservation(anna.terminal, chf(100)).pk, by=anna.actor, now=NOON)


@pytest.mark.parametrize(
    ("deed", "action", "amount"),
    [
        (booked, Action.CAPTURED, "CHF 60.50"),
        (booked_in_part, Action.CAPTURED, "CHF 40.00"),
        (released, Action.RELEASED, "CHF 60.00"),
        (canceled, Action.CANCELED, "CHF 100.00"),
    ],
    ids=["booked", "booked in part", "rest released", "canceled"],
)
def test_it_is_put_down_who_did_what_with_how_much(
    anna: Person, deed: Deed, action: Action, amount: str
) -> None:
    movement = deed(anna)

    line = AuditLine.objects.get(action=action)
    assert (line.by, line.subject, line.at, line.result) == (
        anna.actor.name,
        f"entry:{movement.entry.transaction_id}",
        NOON,
        "done",
    )
    assert told(line) == {"amount": amount, "movement": movement.request_id}


def test_a_refund_says_which_payment_it_pays_back(anna: Person) -> None:
    payment = booking(anna.terminal, chf(100))

    movement = refund(payment.pk, RefundWish(chf(30)), by=anna.actor, now=NOON)

    line = AuditLine.objects.get(action=Action.REFUNDED)
    assert (line.by, line.subject) == (anna.actor.name, f"entry:{movement.entry.transaction_id}")
    assert told(line) == {
        "amount": "CHF 30.00",
        "payment": payment.transaction_id,
        "movement": movement.request_id,
    }


def told(line: AuditLine) -> dict[str, str]:
    return {name: str(value).replace("\N{NO-BREAK SPACE}", " ") for name, value in line.detail.items()}
