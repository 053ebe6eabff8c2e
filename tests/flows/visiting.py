"""Payers of multi-use links, and what is looked at in these stories."""

import re
from typing import Any

from tests.flows.buyer import Buyer
from tests.make.desks import Desk
from tests.make.visits import MultiUse

CARLA = {
    "given_name": "Carla",
    "family_name": "Muster",
    "address_line1": "Gasse 1",
    "postal_code": "8000",
    "address_level2": "Zürich",
}


def at(link: MultiUse, **browser: Any) -> Buyer:
    """Carla, who just opened it."""
    carla = Buyer(**browser)
    carla.open(link)
    return carla


def error_at(buyer: Buyer, field: str) -> str:
    found = re.search(rf'<p class="error" id="{field}-error">(.*?)</p>', buyer.page.html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def letters_of(hotel: Desk, kind: str) -> list[str]:
    return [mail.recipient for mail in hotel.letters if mail.kind == kind and mail.copy_of is None]
