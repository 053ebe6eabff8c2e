"""The people of the tests: Anna owns Hotel Alpenblick, Beat works there, Carla is a stranger with a shop of her own."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.test import Client

from paygate.accounts.models import User
from paygate.acquiring.models import Contract
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence, Member, Preferences, Role, Terminal
from paygate.merchants.open_account import add_member
from paygate.merchants.reach import Actor, actor_of
from paygate.tenants.context import within
from paygate.tenants.models import Merchant

LONG_AGO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
CARDS_IN = ("CHF", "EUR")


@dataclass(frozen=True, slots=True)
class Person:
    """A member with everything tests ask of one."""

    member: Member
    terminal: Terminal  # the merchant's first

    @property
    def merchant(self) -> Merchant:
        merchant: Merchant = self.member.merchant
        return merchant

    @property
    def user(self) -> User:
        user: User = self.member.user
        return user

    @property
    def actor(self) -> Actor:
        return actor_of(self.member)

    def browser(self) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def confirmed_browser(self) -> Client:
        """A browser in which this person has just shown the password (safety.md AU-3)."""
        client = self.browser()
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(self.user.pk)
        session.save()
        return client


def a_terminal(
    merchant: Merchant, number: str, description: str = "", **currencies: tuple[str, ...]
) -> Terminal:
    """A Secure PayGate terminal; `currencies` by method, Visa and Mastercard in CHF and EUR without."""
    terminal: Terminal = Terminal.objects.create(
        merchant_id=merchant.pk, number=number, kind="SPG", description=description
    )
    for method, codes in (currencies or {"VISA": CARDS_IN, "MASTERCARD": CARDS_IN}).items():
        Contract.objects.create(
            merchant_id=merchant.pk,
            terminal=terminal,
            method=method,
            currencies=list(codes),
            connector="simulator",
            acquirer_merchant_id=f"MID-{number}",
            acquirer_bin="400000",
        )
    return terminal


def a_merchant(customer_id: str, name: str, number: str) -> Terminal:
    """A test merchant with every feature and one terminal."""
    merchant = Merchant.objects.create(customer_id=customer_id, name=name, created_at=LONG_AGO)
    with within(merchant.pk):
        Licence.objects.create(merchant=merchant, features=[feature.value for feature in Feature])
        Preferences.objects.create(merchant=merchant, notify_emails=[], complete_since=LONG_AGO)
        return a_terminal(
            merchant,
            number,
            name,
            VISA=CARDS_IN,
            MASTERCARD=CARDS_IN,
            TWINT=("CHF",),
            POSTFINANCEPAY=("CHF",),
        )


def somebody(terminal: Terminal, name: str, role: Role) -> Person:
    """A new member of this terminal's merchant."""
    email = f"{name.lower()}@{terminal.merchant.customer_id}.example"
    with within(terminal.merchant_id):
        member = add_member(
            terminal.merchant,
            email=email,
            name=name,
            password="correct horse battery",
            role=role,
            language="en",
        )
    return Person(member, terminal)


@pytest.fixture
def merchant(db: None) -> Iterator[Merchant]:
    """Hotel Alpenblick before it has anything, in view while the test runs."""
    merchant = Merchant.objects.create(customer_id="100001", name="Hotel Alpenblick", created_at=LONG_AGO)
    with within(merchant.pk):
        yield merchant


@pytest.fixture
def alpenblick(db: None) -> Iterator[Terminal]:
    """Hotel Alpenblick's terminal; the hotel's rows are in view while the test runs."""
    terminal = a_merchant("100001", "Hotel Alpenblick", "17000011")
    with within(terminal.merchant_id):
        yield terminal


@pytest.fixture
def anna(alpenblick: Terminal) -> Person:
    """Owner of Hotel Alpenblick."""
    return somebody(alpenblick, "Anna", Role.OWNER)


@pytest.fixture
def beat(alpenblick: Terminal) -> Person:
    """Clerk of Hotel Alpenblick: he writes offers, and moves no money."""
    return somebody(alpenblick, "Beat", Role.CLERK)


@pytest.fixture
def carla(db: None) -> Person:
    """A stranger: owner of another merchant."""
    return somebody(a_merchant("200002", "Carla's Flowers", "17000099"), "Carla", Role.OWNER)
