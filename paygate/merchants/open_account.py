"""Set up a merchant with its first terminal, owner, licence and settings."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from paygate.accounts.models import User
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence, Member, Preferences, Role, Terminal, TerminalKind
from paygate.refusals import Kind, Refusal
from paygate.tenants.context import within
from paygate.tenants.models import Merchant


class AccountExists(Refusal):
    """The customer number or the owner's address is taken."""

    code = "ACCOUNT_EXISTS"
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new account needs."""

    customer_id: str
    name: str
    owner_email: str
    owner_name: str
    owner_password: str
    terminal_number: str
    live: bool = False
    language: str = "en"
    address: str = ""  # postal, on one line


def open_account(opening: Opening, *, now: datetime) -> Merchant:
    """The merchant, with one Secure PayGate terminal and its owner. Raises `AccountExists`."""
    with transaction.atomic(durable=True):
        if Merchant.objects.filter(customer_id=opening.customer_id).exists():
            raise AccountExists(f"Customer {opening.customer_id} exists.")
        if User.objects.filter(email=opening.owner_email.lower()).exists():
            raise AccountExists(f"{opening.owner_email} has an account.")
        merchant = Merchant.objects.create(
            customer_id=opening.customer_id, name=opening.name, live=opening.live, created_at=now
        )
        with within(merchant.pk):
            Terminal.objects.create(
                merchant=merchant,
                number=opening.terminal_number,
                kind=TerminalKind.SPG,
                description=opening.name,
            )
            Licence.objects.create(merchant=merchant, features=[feature.value for feature in Feature])
            Preferences.objects.create(
                merchant=merchant,
                notify_emails=[opening.owner_email],
                reply_to=opening.owner_email,
                language=opening.language,
                address=opening.address,
            )
            add_member(
                merchant,
                email=opening.owner_email,
                name=opening.owner_name,
                password=opening.owner_password,
                role=Role.OWNER,
                language=opening.language,
            )
    return merchant


def add_member(
    merchant: Merchant, *, email: str, name: str, password: str, role: Role, language: str
) -> Member:
    """A new person at this merchant."""
    user = User.objects.create_user(email, password, name=name, language=language, home=merchant)
    return Member.objects.create(merchant=merchant, user=user, role=role)
