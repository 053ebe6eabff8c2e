"""A wallet that may be charged again, as its acquirer knows it: what an alias keeps instead of a card."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Wallet:
    """The token that the payer agreed to. It pays, so it prints itself without it."""

    method: str  # a name of paygate.methods
    token: str = field(repr=False)  # the acquirer's own, and never a card number
    acquirer: str  # whose: no other one knows the token
    good_until: datetime | None = None  # TWINT's certificate ends; None: nobody says


def acquirer_named(connector: str, merchant_id: str) -> str:
    """The acquirer of a contract: a kind of connector, and its number for the merchant."""
    return f"{connector}:{merchant_id}"
