"""What a payment page stands in front of: an offer, a multi-use link, or a session that has no offer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation

from paygate.checkout.asking import HOLDER, asks
from paygate.checkout.models import Session
from paygate.checkout.shop_pages import page_of
from paygate.languages import moment_text
from paygate.links.models import Link
from paygate.merchants.models import Terminal
from paygate.money.amount import Money
from paygate.offers.models import Offer
from paygate.paypage import addresses
from paygate.tenants.models import Merchant


@dataclass(frozen=True, slots=True)
class Front:
    """What its pages show, and where their buttons lead."""

    merchant: Merchant
    terminal: Terminal
    amount: Money | None  # None: the payer has not said yet
    description: str
    design_id: int | None
    subject: str  # of the token in its forms
    here: str  # its own page
    tell: str  # where e-mail and address are sent
    cancel: str
    pay: str = ""
    details: str = ""  # the page again, at what it asks of the payer; empty where it asks for nothing
    status: str = ""  # whether there is something new while somebody else pays
    reference: str = ""
    expires_at: datetime | None = None
    begins_at: datetime | None = None  # of a link that is not open yet
    revision: int = 0
    keeps_card: bool = False  # the payer is told that the card or the wallet is stored
    asks_holder: bool = False  # the name on the card must be told (behaviour.md F-6)
    methods: tuple[str, ...] = ()  # the ones that are offered; empty: all the terminal has

    @property
    def appearance(self) -> dict[str, Any]:
        """Whose page it is."""
        return {
            "merchant_name": self.merchant.name,
            "design_id": self.design_id,
            "test": not self.merchant.live,
        }

    @property
    def summary(self) -> dict[str, Any]:
        """What stands beside the form: only what is shown (safety.md LN-3)."""
        until = moment(self.expires_at, self.merchant.zone) if self.expires_at else ""
        return {
            **self.appearance,
            "amount": self.amount,
            "description": self.description,
            "reference": self.reference,
            "expires_at_text": until,
        }


def front_of(offer: Offer) -> Front:
    """An offer's pages."""
    return Front(
        merchant=offer.merchant,
        terminal=offer.terminal,
        amount=offer.amount,
        description=offer.description,
        design_id=offer.design_id,
        subject=str(offer.pk),
        here=addresses.link(offer),
        tell=addresses.tell(offer),
        cancel=addresses.cancel(offer),
        pay=addresses.pay(offer),
        details=addresses.details(offer) if asks(offer) else "",
        status=addresses.link_status(offer),
        reference=offer.reference,
        expires_at=offer.expires_at,
        revision=offer.revision,
        keeps_card=offer.save_means,
    )


def front_of_link(link: Link) -> Front:
    """The first page of a multi-use link. Each payer's own pages are those of a session."""
    return Front(
        merchant=link.merchant,
        terminal=link.terminal,
        amount=link.amount,
        description=link.description,
        design_id=link.design_id,
        subject=str(link.pk),
        here=addresses.multi_use(link),
        tell=addresses.begin(link),
        cancel=addresses.cancel_link(link),
        begins_at=link.begins_at,
    )


def front_of_session(session: Session) -> Front:
    """The pages of a session: its offer's, or its own."""
    if session.offer:
        return front_of(session.offer)
    page = page_of(session)
    return Front(
        merchant=session.merchant,
        terminal=session.terminal,
        amount=session.amount,
        description=session.description,
        design_id=session.link.design_id if session.link else page.design_id if page else None,
        keeps_card=bool(session.keeps),
        asks_holder=HOLDER in session.asks,
        methods=tuple(page.methods) if page else (),
        subject=session.token,
        here=addresses.session(session),
        tell=addresses.tell_in(session),
        cancel=addresses.cancel_session(session),
        pay=addresses.pay_in(session),
        details=addresses.details_in(session),
        reference=session.reference,
        revision=session.revision,
    )


def moment(at: datetime, zone: str) -> str:
    """A moment as people write it, in the merchant's zone (safety.md TM-5)."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{moment_text(local, translation.get_language() or 'en')} {local.tzname()}"
