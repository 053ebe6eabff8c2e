"""All a multi-use link needs before it exists, and what is wrong with it (SPG-MUF)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from paygate.acquiring.choose import currencies_of
from paygate.cards.text_check import card_problem, line_problems
from paygate.designs.models import Design
from paygate.languages import LANGUAGES, PAGE_CODES
from paygate.links.models import LONGEST_PREFIX, Link, LinkTotal
from paygate.merchants.models import Booking, Terminal
from paygate.money.amount import Money
from paygate.money.currencies import exponent
from paygate.refusals import Problem
from paygate.threeds.liability import Condition

MOST_MINOR: Final = 999_999_999_999  # twelve digits (MO-3)
MOST_SUGGESTED: Final = 6
MOST_PAYMENTS: Final = 999_999_999
_PREFIX: Final = re.compile(r"[A-Za-z0-9.:_-]*", re.ASCII)  # what the wire takes in an OrderId


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """What the merchant wants to be paid. All amounts are in one currency; addresses were parsed by the entrance."""

    description: str
    currency: str
    amount: Money | None = None  # None: the payer sets it
    smallest: Money | None = None
    largest: Money | None = None
    suggested: tuple[Money, ...] = ()
    booking: Booking = Booking.FINAL
    condition: Condition = Condition.NONE
    language: str = "en"
    design_id: int | None = None
    reference_prefix: str = ""
    email_required: bool = True
    confirm: bool = True
    billing_required: bool = False
    delivery_required: bool = False
    notify_emails: tuple[str, ...] = ()
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    most_payments: int | None = None
    most_total: Money | None = None

    def problems(self, terminal: Terminal, *, now: datetime) -> Iterator[Problem]:
        """Everything that is wrong with these terms at this terminal, field by field."""
        if not self.description.strip():
            yield Problem("description", _("Say in a few words what is to be paid. The buyer reads it."))
        yield from line_problems("description", self.description, longest=1000)
        if self.currency not in currencies_of(terminal):
            yield Problem("currency", _("This terminal takes no payments in this currency."))
        yield from self._amount_problems()
        yield from self._prefix_problems()
        yield from self._limit_problems(now)
        if self.language not in LANGUAGES and self.language not in PAGE_CODES:
            yield Problem("language", _("Choose one of the languages of the list."))
        if len(self.notify_emails) > 10:
            yield Problem("notify_emails", _("At most 10 addresses."))
        yield from card_problem("notify_emails", " ".join(self.notify_emails))
        if self.design_id is not None and not _has_design(terminal, self.design_id):
            yield Problem("design", _("Choose one of your payment page configurations."))

    def _amount_problems(self) -> Iterator[Problem]:
        """Each of them more than nothing, and none outside the others."""
        named = {"amount": self.amount, "smallest": self.smallest, "largest": self.largest}
        for name, money in {**named, "most_total": self.most_total}.items():
            yield from _money_problems(name, money, self.currency)
        for money in self.suggested:
            yield from _money_problems("suggested", money, self.currency)
        if self.amount and (self.smallest or self.largest or self.suggested):
            yield Problem("amount", _("With a fixed amount there is nothing for the payer to choose."))
        if len(self.suggested) > MOST_SUGGESTED:
            yield Problem("suggested", _("At most %(count)d suggestions.") % {"count": MOST_SUGGESTED})
        if self.smallest and self.largest and self.largest.minor < self.smallest.minor:
            yield Problem("largest", _("This is less than the smallest amount."))
        if any(not self._may_be_entered(money) for money in self.suggested):
            yield Problem(
                "suggested", _("A suggestion is less than the smallest or more than the largest amount.")
            )

    def _may_be_entered(self, money: Money) -> bool:
        least, most = self.smallest or money, self.largest or money
        return least.minor <= money.minor <= most.minor

    def _prefix_problems(self) -> Iterator[Problem]:
        """Only what the wire takes, and short enough for the generated part behind it (SPG-MUF-18)."""
        if not _PREFIX.fullmatch(self.reference_prefix):
            yield Problem("reference_prefix", _("Use letters without accents, digits, and . : - _ only."))
        yield from line_problems("reference_prefix", self.reference_prefix, longest=LONGEST_PREFIX)

    def _limit_problems(self, now: datetime) -> Iterator[Problem]:
        if self.ends_at and self.ends_at <= now:
            yield Problem("ends_at", _("This is over already."))
        if self.begins_at and self.ends_at and self.ends_at <= self.begins_at:
            yield Problem("ends_at", _("The end is before the beginning."))
        if self.most_payments is not None and self.most_payments < 1:
            yield Problem("most_payments", _("Enter a whole number of at least 1."))
        if self.most_payments is not None and self.most_payments > MOST_PAYMENTS:
            yield Problem("most_payments", _("Enter at most 999’999’999, or nothing for no limit."))
        least = self.amount or self.smallest
        if self.most_total and least and self.most_total.minor < least.minor:
            yield Problem("most_total", _("This is less than one payment."))

    def columns(self) -> dict[str, object]:
        """The columns of a link that its terms fill."""
        return {
            "description": self.description.strip(),
            "currency": self.currency,
            "exponent": exponent(self.currency),
            "amount_minor": _minor(self.amount),
            "smallest_minor": _minor(self.smallest),
            "largest_minor": _minor(self.largest),
            "suggested_minors": sorted({money.minor for money in self.suggested}),
            "booking": self.booking.value,
            "condition": self.condition.value,
            "language": self.language,
            "design_id": self.design_id,
            "reference_prefix": self.reference_prefix,
            "email_required": self.email_required,
            "confirm": self.confirm,
            "billing_required": self.billing_required,
            "delivery_required": self.delivery_required,
            "notify_emails": list(self.notify_emails),
            "begins_at": self.begins_at,
            "ends_at": self.ends_at,
            "most_payments": self.most_payments,
            "most_total_minor": _minor(self.most_total),
        }


def too_late(terms: LinkTerms, totals: list[LinkTotal]) -> Iterator[Problem]:
    """Limits that are exceeded already, or will be when what is under way succeeds."""
    count = sum(total.payments + total.held for total in totals)
    if terms.most_payments is not None and terms.most_payments < count:
        yield Problem(
            "most_payments", _("There are %(count)d payments already. Allow more.") % {"count": count}
        )
    for total in totals:
        used = total.sum_minor + total.held_minor
        if terms.most_total and total.currency == terms.currency and terms.most_total.minor < used:
            yield Problem("most_total", _("More than this was paid already. Allow more."))


def terms_of(link: Link) -> LinkTerms:
    """From a link back to its terms."""
    return LinkTerms(
        description=link.description,
        currency=link.currency,
        amount=link.amount,
        smallest=link.smallest,
        largest=link.largest,
        suggested=tuple(link.suggested),
        booking=Booking(link.booking),
        condition=Condition(link.condition),
        language=link.language,
        design_id=link.design_id,
        reference_prefix=link.reference_prefix,
        email_required=link.email_required,
        confirm=link.confirm,
        billing_required=link.billing_required,
        delivery_required=link.delivery_required,
        notify_emails=tuple(link.notify_emails),
        begins_at=link.begins_at,
        ends_at=link.ends_at,
        most_payments=link.most_payments,
        most_total=link.most_total,
    )


def _money_problems(name: str, money: Money | None, currency: str) -> Iterator[Problem]:
    if money is None:
        return
    assert money.currency == currency, "the amounts of a link are in its currency"
    if not 0 < money.minor <= MOST_MINOR:
        yield Problem(name, _("The amount must be more than zero and have at most 12 digits."))


def _minor(money: Money | None) -> int | None:
    return None if money is None else money.minor


def _has_design(terminal: Terminal, design_id: int) -> bool:
    return Design.objects.filter(merchant_id=terminal.merchant_id, pk=design_id).exists()
