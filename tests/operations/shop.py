"""A shop whose books hold one story of each kind, as the invariants find them."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import clear, set_fault
from paygate.acquiring.simulator.ledger import Record
from paygate.audit.chain import chain_all
from paygate.cards.tasks import wipe_expired_keys
from paygate.checkout.tasks import tie_up_loose_ends
from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.journal.batch_close import close_batch
from paygate.journal.cancel import cancel
from paygate.journal.capture import capture
from paygate.journal.parts import PartWish, booked_parts, capture_part, release_rest
from paygate.journal.refund import RefundWish, refund
from paygate.merchants.models import Booking
from paygate.merchants.reach import system
from paygate.money.amount import Money
from paygate.offers.change import disable
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, REFUSED, Buyer
from tests.make.desks import Desk, Link
from tests.make.money import chf


def paid(hotel: Desk, number: str = MASTERCARD, **terms: Any) -> Link:
    """An offer, and Carla who paid it or tried to."""
    link = hotel.link(**terms)
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(number)
    return link


def booked(hotel: Desk, amount: Money | None = None, **terms: Any) -> Link:
    """A payment that the hotel has booked."""
    link = paid(hotel, **terms)
    with hotel.in_view():
        capture(link.entry.pk, amount=amount, by=system(hotel.merchant.pk), now=clock.now())
    return link


def filed(hotel: Desk, **terms: Any) -> Link:
    """A payment whose batch the acquirer has."""
    link = booked(hotel, **terms)
    with hotel.in_view():
        close_batch(hotel.terminal, by=system(hotel.merchant.pk), now=clock.now())
    return link


def refunded(
    hotel: Desk, link: Link | None = None, amount: Money | None = None, *, at_once: bool = True
) -> Link:
    """A payment that the hotel has filed and pays back, whole or in part."""
    link = link or filed(hotel)
    wish = RefundWish(amount, booked_at_once=at_once)
    with hotel.in_view():
        refund(link.entry.pk, wish, by=system(hotel.merchant.pk), now=clock.now())
    return link


def in_parts(hotel: Desk) -> Link:
    """A payment of which two parts are booked and filed, and some of the first is paid back."""
    link, by = paid(hotel), system(hotel.merchant.pk)
    with hotel.in_view():
        for name, amount in (("shoes", chf(20)), ("hat", chf(10))):
            capture_part(link.entry.pk, PartWish(amount, name), by=by, now=clock.now())
        wish = RefundWish(chf(5), part=booked_parts(link.entry)[0].pk)
        refund(link.entry.pk, wish, by=by, now=clock.now())
        close_batch(hotel.terminal, by=by, now=clock.now())
    return link


def released(hotel: Desk) -> Link:
    """The same, and the rest of it released."""
    link = in_parts(hotel)
    with hotel.in_view():
        release_rest(link.entry.pk, by=system(hotel.merchant.pk), now=clock.now())
    return link


def refund_without_answer(hotel: Desk) -> Link:
    """The acquirer pays back, and its answer was lost."""
    link = filed(hotel)
    set_fault("REFUND", "drop_after_commit")
    return refunded(hotel, link)


def canceled(hotel: Desk, link: Link) -> Link:
    """What the hotel took back."""
    with hotel.in_view():
        cancel(link.entry.pk, by=system(hotel.merchant.pk), now=clock.now())
    return link


def silent(hotel: Desk) -> Link:
    """The acquirer reserved the money, and its answer was lost."""
    set_fault("AUTH", "drop_after_commit")
    return paid(hotel)


def in_minutes(minutes: int) -> None:
    """So much later, the jobs that are due run."""
    settings.PAYGATE_CLOCK_OFFSET = str(minutes * 60)
    tie_up_loose_ends()
    wipe_expired_keys()
    chain_all()
    sweep()
    run_due()


def given_back(hotel: Desk) -> Link:
    """Nobody answered for five minutes."""
    set_fault("INQUIRY", "drop_before_read", 20)
    link = silent(hotel)
    in_minutes(5)
    clear()
    in_minutes(10)
    return link


def at_the_bank(hotel: Desk) -> Link:
    """The payer stands before the bank's page."""
    return paid(hotel, ASKED)


def by_wallet(hotel: Desk, choice: str = "approve") -> Link:
    """Carla at the wallet's page, and what she presses."""
    link = hotel.link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by("TWINT")
    if choice:
        carla.press(choice)
    return link


def taken_back(hotel: Desk) -> Link:
    """An offer that the hotel disabled."""
    link = hotel.link()
    with hotel.in_view():
        disable(link.id, by=system(hotel.merchant.pk), now=clock.now())
    return link


def unfiled(hotel: Desk) -> Link:
    """A batch about which the acquirer has not answered."""
    set_fault("BATCH", "drop_after_commit")
    return filed(hotel)


def automatic(hotel: Desk) -> Link:
    """A payment that books itself."""
    link = paid(hotel, booking=Booking.AUTOMATIC)
    run_due()
    return link


def refused_by_the_bank(hotel: Desk) -> Link:
    """The bank says no after a challenge."""
    link = hotel.link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(REFUSED)
    carla.to_bank()
    carla.press("approve")
    return link


def with_a_card_kept(hotel: Desk) -> Link:
    """A payment whose card is stored."""
    return paid(hotel, save_means=True)


STORIES: dict[str, Callable[[Desk], Link]] = {
    "an open offer": lambda hotel: hotel.link(),
    "an offer taken back": taken_back,
    "a reservation": paid,
    "booked by itself": automatic,
    "booked lowered": lambda hotel: booked(hotel, chf(20)),
    "filed": filed,
    "refunded": refunded,
    "refunded in parts": lambda hotel: refunded(hotel, refunded(hotel, amount=chf(10)), chf(20)),
    "a refund to be booked": lambda hotel: refunded(hotel, at_once=False),
    "a refund without an answer": refund_without_answer,
    "canceled": lambda hotel: canceled(hotel, paid(hotel)),
    "booked and canceled": lambda hotel: canceled(hotel, booked(hotel)),
    "declined": lambda hotel: paid(hotel, DECLINED),
    "at the bank": at_the_bank,
    "refused by the bank": refused_by_the_bank,
    "paid by wallet": by_wallet,
    "at the wallet": lambda hotel: by_wallet(hotel, ""),
    "refused at the wallet": lambda hotel: by_wallet(hotel, "refuse"),
    "unanswered": silent,
    "given back": given_back,
    "not filed yet": unfiled,
    "a card kept": with_a_card_kept,
}


def forge(request_id: str, **changes: Any) -> None:
    """Change what the acquirer believes."""
    with ledger.opened() as book:
        record = book.find(request_id)
        assert record is not None, "the acquirer knows nothing of it"
        book.write(Record(**{name: getattr(record, name) for name in Record.__slots__} | changes))
