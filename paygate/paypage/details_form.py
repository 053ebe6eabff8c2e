"""What a payer typed about e-mail and addresses: read, parsed, and shown again beside what is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.http import HttpRequest

from paygate.addresses import Address
from paygate.cards.free_text import find_card_numbers
from paygate.cards.text_check import card_problem
from paygate.checkout.asking import DELIVERY, Details
from paygate.checkout.next_step import AskAddress
from paygate.mail.mailbox import MailboxRefused, parse_mailbox
from paygate.paypage.details_pages import fields_of
from paygate.refusals import Problem

LONGEST_FIELD: Final = 300


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent."""

    values: Mapping[str, str]
    details: Details
    problems: list[Problem]  # of what could not even be read

    @property
    def shown_again(self) -> dict[str, str]:
        """What was typed, without what looks like a card number (safety.md CD-9)."""
        return {name: "" if find_card_numbers(text) else text for name, text in self.values.items()}


def read_details(request: HttpRequest, wanted: AskAddress) -> Typed:
    """What was sent of the fields that the page asks for; of others nothing is read (SPG-ADR-05)."""
    billing = fields_of(wanted.address, wanted.address_needed) if wanted.asks_address else ()
    delivery_fields = fields_of(wanted.delivery, wanted.delivery_needed) if wanted.asks_delivery else ()
    names = (
        *(("email",) if wanted.asks_email else ()),
        *billing,
        *(DELIVERY + name for name in delivery_fields),
    )
    values = {name: request.POST.get(name, "").strip(" ")[:LONGEST_FIELD] for name in names}
    email, problems = _mailbox(values.get("email", ""))
    address, delivery = _address(values, billing), _address(values, delivery_fields, prefix=DELIVERY)
    if replace(delivery, country="").is_empty and wanted.asks_address:
        delivery = Address()  # only the list of countries says something, as it does by itself
    return Typed(values, Details(email, address, delivery), problems)


def first_of_each(problems: Iterable[Problem]) -> dict[str, str]:
    """By field, in words."""
    errors: dict[str, str] = {}
    for problem in problems:
        errors.setdefault(problem.field, str(problem.words))
    return errors


def _address(values: Mapping[str, str], names: Iterable[str], *, prefix: str = "") -> Address:
    return Address(**{name: values[prefix + name] for name in names})


def _mailbox(typed: str) -> tuple[str, list[Problem]]:
    if not typed:
        return "", []
    try:
        return parse_mailbox(typed), list(card_problem("email", typed))
    except MailboxRefused as refused:
        return "", [*card_problem("email", typed)] or [Problem("email", refused.words)]
