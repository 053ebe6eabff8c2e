"""The templates of the demo merchant, as terms_row.py keeps them."""

from collections.abc import Mapping
from typing import Any, Final

_USUAL: Final[Mapping[str, Any]] = {
    "currency": "CHF",
    "condition": "NONE",
    "language": "de",
    "max_attempts": 5,
    "ask_email": "NO",
    "confirm": True,
    "by_email": True,
}

TEMPLATES: Final[Mapping[str, Mapping[str, Any]]] = {
    "Anzahlung Zimmer": {
        **_USUAL,
        "description": "Anzahlung für Ihr Zimmer im Hotel Alpenblick",
        "amount": "150.00",
        "booking": "PRE_AUTHORIZATION",
        "valid_for": 14,
    },
    "Gutschein": {
        **_USUAL,
        "description": "Gutschein Hotel Alpenblick",
        "booking": "AUTOMATIC",
        "ask_email": "MANDATORY",
        "address_editable": True,
        "valid_for": 30,
    },
}
