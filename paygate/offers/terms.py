"""All an offer needs before it exists, and what is wrong with it."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.choose import currencies_of
from paygate.cards.free_text import refuse_card_numbers
from paygate.languages import LANGUAGES, PAGE_CODES
from paygate.merchants import preferences
from paygate.merchants.models import Booking, Terminal
from paygate.money.amount import Money
from paygate.refusals import Kind, Refusal
from paygate.threeds.liability import Condition

SHORTEST: Final = timedelta(hours=1)  # behaviour.md M-2
LONGEST: Final = timedelta(days=180)
ATTEMPTS: Final = preferences.ATTEMPTS
MOST_MINOR: Final = 999_999_999_999  # twelve digits (MO-3)
_JOINERS: Final = "\u00ad\u200c\u200d"  # within words and emoji


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field."""

    field: str
    words: str | Promise


class TermsRefused(Refusal):
    """The terms have problems; nothing was created."""

    code = "TERMS_REFUSED"
    kind = Kind.INVALID

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem.words) for problem in problems))
        self.problems = problems


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

    def problems(self, terminal: Terminal, *, now: datetime) -> Iterator[Problem]:
        """Everything that is wrong with these terms at this terminal, field by field."""
        if not 0 < self.amount.minor <= MOST_MINOR:
            yield Problem("amount", _("The amount must be more than zero and have at most 12 digits."))
        if self.amount.currency not in currencies_of(terminal):
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

    def _text_problems(self) -> Iterator[Problem]:
        """Description and reference: there, short, on one line, and no card number in them (CD-9)."""
        if not self.description.strip():
            yield Problem("description", _("Say in a few words what is to be paid. The buyer reads it."))
        for field, text, longest in (
            ("description", self.description, 1000),
            ("reference", self.reference, 80),
        ):
            if len(text) > longest:
                yield Problem(field, _("At most %(count)s characters.") % {"count": longest})
            if not _is_one_line(text):
                yield Problem(field, _("Use one line of text, without control characters."))
            yield from _card_problem(field, text)
        yield from _card_problem("payer_email", self.payer_email)
        yield from _card_problem("notify_emails", " ".join(self.notify_emails))


def _card_problem(field: str, text: str) -> Iterator[Problem]:
    """Somebody typed a card number where none belongs."""
    try:
        refuse_card_numbers(text, field)
    except Refusal as refusal:
        yield Problem(field, refusal.words)


def _is_one_line(text: str) -> bool:
    """No line ends, control characters, or marks that turn the writing round; spaces that do not break are text."""
    return all(sign.isprintable() or sign in _JOINERS or unicodedata.category(sign) == "Zs" for sign in text)
