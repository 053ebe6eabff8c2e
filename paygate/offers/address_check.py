"""What is wrong with a postal address, whoever typed it: the merchant in an offer, or the payer on the page."""

import re
from collections.abc import Collection, Iterator
from dataclasses import asdict
from typing import Final

from django.utils.translation import gettext_lazy as _

from paygate.addresses import COUNTRIES, SALUTATIONS, Address
from paygate.cards.text_check import line_problems
from paygate.refusals import Problem

LONGEST: Final = 100  # as on the wire
_LONGEST: Final = {"zip": 20, "phone": 30, "state": 6, "vat_number": 25}
_STATE: Final = re.compile(r"([A-Za-z]{2}-)?[A-Za-z0-9]{1,3}")
NEEDED: Final = (
    "first_name",
    "last_name",
    "street",
    "zip",
    "city",
    "country",
)  # of a payer (behaviour.md F-5)


def problems_of(address: Address, *, prefix: str = "") -> Iterator[Problem]:
    """Too long, more than one line, a card number, no country; `prefix` begins the names of the fields."""
    for name, value in address.as_row().items():
        if name == "country":
            continue
        yield from line_problems(prefix + name, value, longest=_LONGEST.get(name, LONGEST))
    if address.country and address.country not in COUNTRIES:
        yield Problem(f"{prefix}country", _("Choose a country of the list."))
    if address.state and not _STATE.fullmatch(address.state):
        yield Problem(f"{prefix}state", _("Enter the letters of the state or canton, such as ZH or NY."))
    if address.salutation and address.salutation not in SALUTATIONS:
        yield Problem(f"{prefix}salutation", _("Choose a salutation of the list."))


def missing_in(address: Address, needed: Collection[str] = NEEDED) -> list[str]:
    """The fields that a payer must fill in and has not."""
    known = asdict(address)
    return [name for name in known if name in needed and not known[name].strip()]
