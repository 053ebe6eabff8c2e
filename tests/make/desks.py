"""A desk that takes every means of payment, and what its merchant finds of one link afterwards.

Rows are read within the merchant's own view here, so that a page that forgets to say whose rows it reads is noticed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from paygate import clock
from paygate.acquiring.models import Contract
from paygate.cards.models import HeldCardKey
from paygate.checkout.models import Attempt, Session
from paygate.journal.models import Entry, Movement
from paygate.mail.models import Mail
from paygate.merchants.models import Preferences, Terminal
from paygate.money.amount import Money
from paygate.offers.models import Offer
from paygate.tenants.context import within
from paygate.tenants.models import Merchant
from paygate.threeds.models import Authentication, MessageLine
from tests.make.offers import offer

CARDS = ("VISA", "MASTERCARD", "AMEX", "DINERS", "MAESTRO", "JCB")
WALLETS = ("TWINT", "POSTFINANCEPAY")


@dataclass(frozen=True, slots=True)
class Link:
    """One payment link as its merchant sees it; everything is read afresh."""

    desk: "Desk"
    id: UUID

    @property
    def path(self) -> str:
        return (
            f"/SecurePayGate/Payment/{self.desk.merchant.customer_id}/{self.desk.terminal.number}/{self.id}"
        )

    @property
    def offer(self) -> Offer:
        with self.desk.in_view():
            return Offer.objects.select_related("terminal", "merchant").get(pk=self.id)

    @property
    def state(self) -> str:
        return str(self.offer.state)

    @property
    def attempts(self) -> list[Attempt]:
        with self.desk.in_view():
            related = Attempt.objects.select_related(
                "session", "authentication", "held_card", "entry", "contract"
            )
            return list(related.filter(offer=self.id))

    @property
    def attempt(self) -> Attempt:
        """The only one."""
        (attempt,) = self.attempts
        return attempt

    @property
    def authentication(self) -> Authentication:
        """Of the only attempt."""
        auth: Authentication | None = self.attempt.authentication
        assert auth is not None, "no 3-D Secure was begun"
        return auth

    @property
    def held_card(self) -> HeldCardKey:
        """Of the only attempt."""
        held: HeldCardKey | None = self.attempt.held_card
        assert held is not None, "no card was held"
        return held

    @property
    def sessions(self) -> list[Session]:
        with self.desk.in_view():
            return list(Session.objects.filter(offer=self.id))

    @property
    def entries(self) -> list[Entry]:
        with self.desk.in_view():
            return list(
                Entry.objects.select_related("authentication")
                .filter(single_use_of=str(self.id))
                .order_by("pk")
            )

    @property
    def entry(self) -> Entry:
        """The only one."""
        (entry,) = self.entries
        return entry

    @property
    def movements(self) -> list[Movement]:
        with self.desk.in_view():
            return list(Movement.objects.filter(entry__single_use_of=str(self.id)))

    @property
    def messages(self) -> list[MessageLine]:
        """The 3-D Secure messages of the journal entry."""
        with self.desk.in_view():
            return list(MessageLine.objects.filter(authentication=self.entry.authentication))

    def change(self, **columns: Any) -> None:
        """What the merchant or the time did to it, in one stroke."""
        with self.desk.in_view():
            Offer.objects.filter(pk=self.id).update(**columns)


@dataclass(frozen=True, slots=True)
class Desk:
    """A terminal with contracts for all that the simulators know."""

    terminal: Terminal

    @property
    def merchant(self) -> Merchant:
        merchant: Merchant = self.terminal.merchant
        return merchant

    def in_view(self) -> Any:
        """The merchant's rows, for as long as the block lasts."""
        return within(self.terminal.merchant_id)

    def link(self, amount: Money | None = None, **terms: Any) -> Link:
        """An open offer of CHF 49.90 for Carla."""
        terms.setdefault("payer_email", "carla@example.org")
        return Link(self, offer(self.terminal, amount, **terms).pk)

    @property
    def letters(self) -> list[Mail]:
        """Oldest first, copies included."""
        with self.in_view():
            return list(Mail.objects.order_by("pk"))

    def prefers(self, **settings: Any) -> None:
        """The merchant's settings."""
        with self.in_view():
            Preferences.objects.filter(merchant=self.merchant).update(**settings)


def desk(
    customer_id: str = "100001",
    number: str = "17000011",
    *,
    name: str = "Hotel Alpenblick",
    methods: tuple[str, ...] = CARDS + WALLETS,
    now: datetime | None = None,
) -> Desk:
    """A test merchant with one terminal, told of payments at reception@alpenblick.example."""
    merchant = Merchant.objects.create(customer_id=customer_id, name=name, created_at=now or clock.now())
    with within(merchant.pk):
        Preferences.objects.create(
            merchant=merchant,
            notify_emails=["reception@alpenblick.example"],
            complete_since=merchant.created_at,
        )
        terminal: Terminal = Terminal.objects.create(
            merchant=merchant, number=number, kind="SPG", description="Reception"
        )
        for method in methods:
            Contract.objects.create(
                merchant=merchant,
                terminal=terminal,
                method=method,
                currencies=["CHF"] if method in WALLETS else ["CHF", "EUR", "JPY"],
                connector="simulator",
                acquirer_merchant_id=f"SIM{number}",
                acquirer_bin="400000",
            )
    return Desk(terminal)
