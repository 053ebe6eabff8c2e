"""All an offer needs before it exists, and what is wrong with it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from paygate.acquiring.choose import currencies_of
from paygate.addresses import Address
from paygate.cards.text_check import card_problem, is_one_line, is_text, line_problems
from paygate.designs.models import Design
from paygate.languages import LANGUAGES, PAGE_CODES
from paygate.merchants import preferences
from paygate.merchants.models import Booking, Terminal
from paygate.money.amount import Money
from paygate.offers import address_check
from paygate.offers.models import AskEmail
from paygate.refusals import Problem
from paygate.threeds.liability import Condition

SHORTEST: Final = timedelta(hours=1)  # behaviour.md M-2
LONGEST: Final = timedelta(days=180)
ATTEMPTS: Final = preferences.ATTEMPTS
MOST_MINOR: Final = 999_999_999_999  # twelve digits (MO-3)
NOBODY: Final = Address()
DAYS: Final = (1, 3, 7, 14, 30, 90, 180)  # offered as a deadline (SPG-FRM-48)

# The parts of a letter that have words of an offer's own, with the most characters of each (SPG-MAI-02 to 04).
LETTER_PARTS: Final[Mapping[str, int]] = {
    "subject": 200,
    "salutation": 200,
    "text": 5000,
    "signature": 1000,
}
_ONE_LINE_PARTS: Final = ("subject", "salutation")


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What the merchant asks for. Addresses were parsed by the entrance (mail/mailbox.py)."""

    amount: Money
    description: str
    expires_at: datetime
    reference: str = ""
    booking: Booking = Booking.FINAL
    condition: Condition = Condition.NONE
    language: str = "en"
    payer_email: str = ""
    notify_emails: tuple[str, ...] = ()
    max_attempts: int = 5
    ask_email: AskEmail = AskEmail.NO
    address: Address = NOBODY
    address_editable: bool = False
    design_id: int | None = None  # None: the default one, if any
    by_email: bool = False
    letter: Mapping[str, str] = field(
        default_factory=dict
    )  # parts in own words; one that is missing says what we say
    confirm: bool = True
    confirmation: Mapping[str, str] = field(default_factory=dict)
    reply_to: str = ""  # empty: that of the settings
    archive_email: str = ""
    save_means: bool = False  # the card is stored after the payment (SPG-FRM-37)

    def problems(
        self,
        terminal: Terminal,
        *,
        now: datetime,
        taken: Collection[str] | None = None,
        designs: Collection[int] | None = None,
    ) -> Iterator[Problem]:
        """Everything that is wrong with these terms at this terminal, field by field.

        `taken` are the currencies of the terminal and `designs` those of the merchant, where they are known.
        """
        if not 0 < self.amount.minor <= MOST_MINOR:
            yield Problem("amount", _("The amount must be more than zero and have at most 12 digits."))
        if self.amount.currency not in (currencies_of(terminal) if taken is None else taken):
            yield Problem("currency", _("This terminal takes no payments in this currency."))
        yield from self._text_problems()
        if self.expires_at < now + SHORTEST:
            yield Problem("expires_at", _("The link must be valid for at least one hour."))
        elif self.expires_at > now + LONGEST:
            yield Problem("expires_at", _("The link can be valid for at most 180 days."))
        if self.language not in LANGUAGES and self.language not in PAGE_CODES:
            yield Problem("language", _("Choose one of the languages of the list."))
        if self.max_attempts not in ATTEMPTS:
            yield Problem("max_attempts", _("Choose 1, 3, 5 or 10 attempts, or no limit."))
        if len(self.notify_emails) > 10:
            yield Problem("notify_emails", _("At most 10 addresses."))
        yield from address_check.problems_of(self.address, prefix="address_")
        yield from _letter_problems("letter", self.letter)
        yield from _letter_problems("confirmation", self.confirmation)
        if self.design_id is not None and not (
            _has_design(terminal, self.design_id) if designs is None else self.design_id in designs
        ):
            yield Problem("design", _("Choose one of your payment page configurations."))

    def _text_problems(self) -> Iterator[Problem]:
        """Description and reference: there, short, on one line, and no card number in them (CD-9)."""
        if not self.description.strip():
            yield Problem("description", _("Say in a few words what is to be paid. The buyer reads it."))
        for name, text, longest in (
            ("description", self.description, 1000),
            ("reference", self.reference, 80),
        ):
            yield from line_problems(name, text, longest=longest)
        for name, mailbox in (
            ("payer_email", self.payer_email),
            ("notify_emails", " ".join(self.notify_emails)),
            ("reply_to", self.reply_to),
            ("archive_email", self.archive_email),
        ):
            yield from card_problem(name, mailbox)


def _letter_problems(kind: str, parts: Mapping[str, str]) -> Iterator[Problem]:
    """A letter's own words: known parts, not too long, and no card number in them."""
    for part, text in parts.items():
        name, longest = f"{kind}_{part}", LETTER_PARTS[part]
        if len(text) > longest:
            yield Problem(name, _("At most %(count)s characters.") % {"count": longest})
        if part in _ONE_LINE_PARTS and not is_one_line(text):
            yield Problem(name, _("Use one line of text, without control characters."))
        elif not is_text(text):
            yield Problem(name, _("This contains characters that cannot be seen."))
        yield from card_problem(name, text)


def _has_design(terminal: Terminal, design_id: int) -> bool:
    return Design.objects.filter(merchant_id=terminal.merchant_id, pk=design_id).exists()
