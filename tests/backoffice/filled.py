"""The create form as a person fills it in."""

from typing import Any
from uuid import uuid4

from paygate.merchants.models import Terminal


def filled(terminal: Terminal, /, **changed: Any) -> dict[str, Any]:
    """All that is needed for an offer of CHF 49.90; None leaves a field out."""
    fields: dict[str, Any] = {
        "form_id": str(uuid4()),
        "terminal": terminal.number,
        "description": "Double room, one night",
        "reference": "2026-0412",
        "amount": "49.90",
        "currency": "CHF",
        "booking": "FINAL",
        "condition": "NONE",
        "language": "de",
        "payer_email": "guest@example.org",
        "notify_emails": "",
        "max_attempts": "5",
        "valid_for": "14",
        "ask_email": "NO",
        "confirm": "on",
        "button": "save",
    }
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}
