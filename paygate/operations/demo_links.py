"""The demo's multi-use link, with two payments of some days ago."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from paygate import clock
from paygate.checkout.asking import Details
from paygate.checkout.take_means import take_card_in
from paygate.checkout.visits import Given, begin_visit
from paygate.journal.capture import capture
from paygate.journal.models import Entry
from paygate.links.change import create_link
from paygate.links.models import Link
from paygate.links.terms import LinkTerms
from paygate.merchants.models import Booking, Terminal
from paygate.merchants.reach import Actor, system
from paygate.money.amount import Money
from paygate.operations.demo_past import Happening
from paygate.operations.demo_pay import FRICTIONLESS, MASTERCARD, as_a_buyer, pressed


def make_multi_use_link(terminal: Terminal, anna: Actor, *, now: datetime) -> Iterator[Happening]:
    """Guests give what they like, and two of them have; each gift is booked by itself."""
    terms = LinkTerms(
        description="Spende für den Spielplatz am See",
        currency="CHF",
        smallest=Money(200, "CHF"),
        suggested=(Money(1000, "CHF"), Money(2000, "CHF"), Money(5000, "CHF")),
        booking=Booking.AUTOMATIC,
        language="de",
        reference_prefix="SPIELPLATZ-",
    )
    begun = now - timedelta(days=10)
    link, _made = create_link(terminal, terms, form_id=uuid4(), by=anna, now=begun)
    link = Link.objects.select_related("terminal", "merchant").get(pk=link.pk)
    for days, minor, email, card in (
        (8, 2000, "max.muster@example.org", FRICTIONLESS),
        (3, 3500, "claire@example.org", MASTERCARD),
    ):
        with clock.as_of(now - timedelta(days=days)) as paid_at:
            entry = _pay(link, Money(minor, "CHF"), email, card, now=paid_at)
        yield Happening(paid_at, partial(capture, entry.pk, by=system(entry.merchant_id)))


def _pay(link: Link, amount: Money, email: str, number: str, *, now: datetime) -> Entry:
    browser = f"demo of {email}"
    visit = begin_visit(link, Given(amount, Details(email)), browser=browser, now=now)
    press = pressed(visit.revision, visit.language, browser=browser)
    return as_a_buyer(lambda card: take_card_in(visit.pk, card, press, now=now), number, now=now)
