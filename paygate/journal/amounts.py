"""Reserved, captured, in flight, still capturable: arithmetic over movements, no database (safety.md MO-4, MO-5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from paygate.journal.models import Kind
from paygate.journal.states import MovementState
from paygate.money.amount import Money


class Moved(Protocol):
    """What the arithmetic reads of a movement."""

    kind: str
    state: str

    @property
    def amount(self) -> Money: ...


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the money of an entry stands. All amounts are in the entry's currency."""

    reserved: Money
    captured: Money
    in_flight: Money  # captures asked and not answered

    @property
    def capturable(self) -> Money:
        """What may still be booked."""
        return self.reserved - self.captured - self.in_flight


def balance(movements: Iterable[Moved], currency: str) -> Balance:
    """Add up the movements of one entry."""
    reserved = captured = in_flight = Money(0, currency)
    for movement in movements:
        match movement.kind, movement.state:
            case Kind.AUTHORIZE, MovementState.APPROVED:
                reserved += movement.amount
            case Kind.CAPTURE, MovementState.APPROVED:
                captured += movement.amount
            case Kind.CAPTURE, MovementState.ASKED | MovementState.UNKNOWN:
                # It may have worked. Nobody books the same money twice while we find out.
                in_flight += movement.amount
    return Balance(reserved, captured, in_flight)
