"""What the page shows next: small values, so that the walk can be tested without a browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from paygate.addresses import Address
from paygate.links.payable import WhyClosed
from paygate.money.amount import Money
from paygate.offers.payable import WhyNot


@dataclass(frozen=True, slots=True)
class AskMeans:
    """Choose a method, or enter a card."""

    declined: bool = False  # the last try was refused, and tries are left
    canceled: bool = False  # the last try was given up by the payer, at the wallet or at the bank
    interrupted: bool = False  # the last try ended before money was asked for, or could not be asked for
    bank_says: str = ""  # the issuer's own words for the payer, where it refused (safety.md PP-7)


@dataclass(frozen=True, slots=True)
class AskAddress:
    """First the payer's e-mail or postal address: what is asked for, with what is known of it."""

    asks_email: bool
    email_needed: bool
    asks_address: bool
    confirms: bool = True  # a confirmation is sent to that address
    email: str = field(repr=False, default="")
    address: Address = field(repr=False, default_factory=Address)
    asks_delivery: bool = False
    delivery: Address = field(repr=False, default_factory=Address)
    address_needed: tuple[str, ...] = ()  # the fields of the two that must be filled in
    delivery_needed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskAmount:
    """First how much the payer wants to pay, and the e-mail address (SPG-MUP-02, 04)."""

    currency: str
    smallest: Money | None
    largest: Money | None
    suggested: tuple[Money, ...]
    email_needed: bool
    amount: Money | None = None  # entered before
    email: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class LookAtBrowser:
    """The issuer wants to see the browser before it is asked (the method call)."""

    method_url: str
    method_data: str
    is_done: bool = False  # it has looked
    packet: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Challenge:
    """The issuer wants to see the payer: the browser goes there with a CReq."""

    url: str
    fields: Mapping[str, str]
    packet: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class ConfirmCard:
    """The card is known already: a press of the button, and the browser shows itself to the issuer."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The payer has done everything; the program that sent the payer asks for the money (behaviour.md D-12)."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The payer goes on at a wallet."""

    url: str


@dataclass(frozen=True, slots=True)
class GoOn:
    """The browser is back from the bank or the wallet; it sends its half of the card, and the walk goes on."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Being worked on this moment."""


@dataclass(frozen=True, slots=True)
class Checking:
    """No answer came. The only text for it: we are checking, please do not pay again (safety.md OC-11)."""


@dataclass(frozen=True, slots=True)
class Paid:
    """The money is reserved."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Not paid, nothing was taken."""

    bank_says: str = ""  # the issuer's own words for the payer


@dataclass(frozen=True, slots=True)
class Aborted:
    """The payer gave up; nothing was taken."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The link takes no attempt, and why."""

    why: WhyNot | WhyClosed


NextStep = (
    AskMeans
    | AskAmount
    | AskAddress
    | LookAtBrowser
    | Challenge
    | ConfirmCard
    | Ready
    | Elsewhere
    | GoOn
    | Wait
    | Checking
    | Paid
    | Failed
    | Aborted
    | Closed
)
