"""The words of a letter, filled in, as tests that render its templates need them."""

from typing import Any

from paygate.merchants.letter_words import context_of, filled, ours
from paygate.merchants.models import LetterKind


def in_our_words(kind: LetterKind, language: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Our words for this letter with these facts in them."""
    values = {name: str(facts[name]) for name in ("amount", "reference", "description")}
    return context_of(filled(ours(kind, language), values | {"merchant": facts["merchant_name"]}))
