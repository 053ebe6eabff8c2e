"""The page on which a payer says how much, before a means is chosen (SPG-MUP-02, 03, 04)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from paygate.cards.free_text import find_card_numbers
from paygate.checkout.models import Session
from paygate.checkout.next_step import AskAmount
from paygate.links.models import Link
from paygate.money.amount import Money
from paygate.money.display import amount_text, money_text
from paygate.money.form_fields import AmountRefused, parse_amount
from paygate.paypage import addresses
from paygate.paypage.details_pages import email_field
from paygate.paypage.frame import show
from paygate.paypage.fronts import front_of_link, moment
from paygate.paypage.payer import Payer
from paygate.refusals import Problem

LONGEST_FIELD = 40


@dataclass(frozen=True, slots=True)
class TypedAmount:
    """What was chosen or typed, and what it means."""

    text: str = ""
    chosen: str = ""  # a suggestion, by its minor units
    money: Money | None = None
    problems: tuple[Problem, ...] = ()


def read_amount(request: HttpRequest, wanted: AskAmount, *, language: str) -> TypedAmount:
    """One of the suggestions, or what was typed, as the payer's language writes amounts (safety.md MO-3)."""
    text = request.POST.get("amount", "").strip()[:LONGEST_FIELD]
    offered = {str(money.minor): money for money in wanted.suggested}
    chosen = request.POST.get("suggested", "")
    money = offered.get(chosen)
    if request.POST.get("currency", "") != wanted.currency:
        words = _("The seller has changed this link. Please check the amount.")
        return TypedAmount(text, "", None, (Problem("amount", words),))
    if not text:
        return TypedAmount("", chosen, money)
    try:
        typed = parse_amount(text, wanted.currency, language)
    except AmountRefused as refused:
        shown = "" if find_card_numbers(text) else text
        return TypedAmount(shown, chosen, None, (Problem("amount", refused.words),))
    if money is not None and money != typed:
        words = _("You chose %(amount)s and entered another amount. Clear one of them.")
        problem = Problem("amount", words % {"amount": money_text(money, language)})
        return TypedAmount(text, chosen, None, (problem,))
    return TypedAmount(text, chosen, typed)


def ask_amount(
    request: HttpRequest,
    link: Link,
    payer: Payer,
    wanted: AskAmount,
    *,
    paid: Session | None = None,
    errors: Mapping[str, str] | None = None,
    typed: TypedAmount | None = None,
    email: str | None = None,
) -> HttpResponse:
    """How much, with suggestions, and the e-mail address; after an error with what was typed."""
    front, language = front_of_link(link), translation.get_language() or "en"
    if typed is None:
        typed = _known(wanted, language)
    values: dict[str, Any] = {
        **front.summary,
        "currency": wanted.currency,
        "suggested": [(str(money.minor), money_text(money, language)) for money in wanted.suggested],
        "typed": typed,
        "limits": _limits(wanted, language),
        "email": email_field(
            wanted.email, None if email is None else {"email": email}, needed=wanted.email_needed
        ),
        "action": front.tell,
        "cancel_action": front.cancel,
        "form_token": payer.form_token(front.subject),
        "errors": dict(errors or {}),
        **paid_before(paid),
    }
    title = _("How much would you like to pay?")
    return show(request, "amount", title, values, status=422 if errors else 200)


def paid_before(paid: Session | None) -> dict[str, Any]:
    """A word for who paid not long ago, with the way to the receipt."""
    if paid is None or paid.ended_at is None:
        return {}
    what = {
        "amount": money_text(paid.amount, translation.get_language() or "en"),
        "when": moment(paid.ended_at, paid.merchant.zone),
    }
    return {
        "paid_before": _("You paid %(amount)s on %(when)s. What you enter here is another payment.") % what,
        "receipt_href": addresses.session(paid),
    }


def _known(wanted: AskAmount, language: str) -> TypedAmount:
    """What this browser entered before."""
    if wanted.amount is None:
        return TypedAmount()
    if wanted.amount in wanted.suggested:
        return TypedAmount("", str(wanted.amount.minor), wanted.amount)
    return TypedAmount(amount_text(wanted.amount, language), "", wanted.amount)


def _limits(wanted: AskAmount, language: str) -> str:
    smallest, largest = (
        money_text(money, language) if money else "" for money in (wanted.smallest, wanted.largest)
    )
    if smallest and largest:
        return _("From %(smallest)s to %(largest)s.") % {"smallest": smallest, "largest": largest}
    if smallest:
        return _("At least %(amount)s.") % {"amount": smallest}
    return _("At most %(amount)s.") % {"amount": largest} if largest else ""
