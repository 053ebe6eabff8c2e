"""A merchant to pay, offers to open and to pay, and somebody who is signed in. Made as the product makes them."""

import threading
from copy import copy
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from bench import pgbench
from paygate import clock
from paygate.accounts.models import User
from paygate.acquiring.models import Contract
from paygate.merchants.models import Member, Preferences, Terminal
from paygate.merchants.open_account import Opening, open_account
from paygate.merchants.reach import actor_of
from paygate.money.amount import Money
from paygate.offers.create import create_offers
from paygate.offers.models import Offer, Source
from paygate.offers.states import OfferState
from paygate.offers.terms import OfferTerms
from paygate.tenants.context import across_tenants, within
from paygate.tenants.models import Merchant

CUSTOMER: Final = "100001"
TERMINAL: Final = "17000012"
OWNER: Final = "anna@alpenblick.example"
AT_ONCE: Final = 500


def make_merchant() -> None:
    """Hotel Alpenblick with one terminal that takes two brands of cards: its links open the card form."""
    now = clock.now()
    merchant = open_account(
        Opening(
            customer_id=CUSTOMER,
            name="Hotel Alpenblick",
            owner_email=OWNER,
            owner_name="Anna Amstad",
            owner_password="correct horse battery",  # opens nothing but this bench
            terminal_number=TERMINAL,
        ),
        now=now,
    )
    with within(merchant.pk):
        Preferences.objects.filter(merchant=merchant).update(
            notify_emails=["reception@alpenblick.example"], complete_since=now
        )
        terminal = Terminal.objects.get()
        for method in ("VISA", "MASTERCARD"):
            Contract.objects.create(
                merchant=merchant,
                terminal=terminal,
                method=method,
                currencies=["CHF", "EUR"],
                connector="simulator",
                acquirer_merchant_id=f"SIM{TERMINAL}",
                acquirer_bin="400000",
            )


def merchant_id() -> int:
    """Of the hotel."""
    return Merchant.objects.get(customer_id=CUSTOMER).pk


class Links:
    """Paths of new offers that nobody has opened yet, as many as are asked for, from any thread.

    To make them takes this process longer than to open them: `have` makes them ahead, outside of what is measured.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[str] = []

    def have(self, count: int) -> None:
        """Make as many as are missing to so many."""
        with self._lock:
            while len(self._made) < count:
                self._made += _make_links(min(AT_ONCE, count - len(self._made)))

    def __next__(self) -> str:
        with self._lock:
            if not self._made:
                self._made = _make_links(AT_ONCE)
            return self._made.pop()


def _make_links(count: int) -> list[str]:
    now = clock.now()
    with within(merchant_id()):
        terminal, by = Terminal.objects.get(), actor_of(Member.objects.select_related("merchant").get())
        terms = OfferTerms(
            amount=Money(4990, "EUR"),
            description="Double room, one night",
            reference="2026-0412",
            expires_at=now + timedelta(days=30),
            payer_email="guest@example.org",
        )
        offers = create_offers(terminal, [terms] * count, source=Source.BACKOFFICE, by=by, now=now)
    return [f"/SecurePayGate/Payment/{CUSTOMER}/{TERMINAL}/{offer.pk}" for offer in offers]


def make_offers_like(offer_id: str, endings: list[str]) -> None:
    """Open offers whose ids end in these digits, otherwise as this one was before it was paid."""
    with within(merchant_id()):
        seen = Offer.objects.get(pk=offer_id)
        seen.state, seen.paid_at, seen.first_opened_at = OfferState.OPEN, None, None
        seen.claim, seen.claimed_until, seen.attempts = "", None, 0
        rows = [copy(seen) for _ in endings]
        for row, ending in zip(rows, endings, strict=True):
            row.pk = UUID(offer_id[: -len(ending)] + ending)
        Offer.objects.bulk_create(rows, batch_size=AT_ONCE)


def sessions(count: int) -> list[str]:
    """Session cookies of the owner. They differ in their last digits only."""
    return [f"benchbenchbenchbench{pgbench.FIRST + number}" for number in range(count)]


def sign_in(count: int) -> None:
    """Make these sessions, as signing in would."""
    with across_tenants():
        user = User.objects.get(email=OWNER)
    signed_in = SessionStore().encode(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
    )
    end = clock.now() + timedelta(days=1)
    Session.objects.bulk_create(Session(key, signed_in, end) for key in sessions(count))
