"""A card as bytes, to be sealed at once: for the browser with its code, for the vault without (safety.md CD-1).

The vault keeps wallets as well, which have no code to leave out.
"""

import json
from dataclasses import asdict
from datetime import datetime

from paygate.cards.brands import any_brand_of
from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode
from paygate.cards.wallet import Wallet


def written(card: Card, *, with_code: bool) -> bytes:
    """The card in clear. The caller seals it and lets go of it."""
    return json.dumps(
        {
            "number": card.number.digits,
            "year": card.expiry.year,
            "month": card.expiry.month,
            "code": card.code.digits if card.code and with_code else None,
            "holder": card.holder,
        }
    ).encode()


def read(text: bytes) -> Card:
    """What `written` wrote. It was checked when it was entered, so it is not checked again."""
    values = json.loads(text)
    brand = any_brand_of(values["number"])
    assert brand is not None, "a number without a brand was sealed"
    return Card(
        number=CardNumber(values["number"], brand),
        expiry=Expiry(values["year"], values["month"]),
        code=SecurityCode(values["code"]) if values["code"] else None,
        holder=values["holder"],
    )


def written_for_vault(means: Card | Wallet) -> bytes:
    """Either in clear, the card without its code. The caller seals it and lets go of it."""
    if isinstance(means, Card):
        return written(means, with_code=False)
    until = means.good_until.isoformat() if means.good_until else ""
    return json.dumps({"wallet": asdict(means) | {"good_until": until}}).encode()


def read_from_vault(text: bytes) -> Card | Wallet:
    """What `written_for_vault` wrote."""
    told = json.loads(text).get("wallet")
    if told is None:
        return read(text)
    until = datetime.fromisoformat(told["good_until"]) if told["good_until"] else None
    return Wallet(**told | {"good_until": until})
