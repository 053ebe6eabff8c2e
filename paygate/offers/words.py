"""What an offer can be found by: its words in a plain spelling, the same on both databases.

"Zürich", "ZURICH" and "zurich" are one word, and so are "2026-0412" and "2026 0412". Before and behind each word stand
two blanks, so that even one letter makes a group of three with what is before it: by such groups an index finds words
(trigrams.py).
"""

from typing import Final
from unicodedata import combining, normalize

GROUP: Final = 3  # letters; what is looked for with fewer stands at the beginning of a word
_GAP: Final = "  "
_PLAIN_ASCII: Final = {at: chr(at).lower() if chr(at).isalnum() else " " for at in range(128)}


def words_of(
    *, reference: str, description: str, payer_email: str, created_by: str, changed_by: str = ""
) -> str:
    """What stands beside an offer to be searched. Its texts stay apart: no find reaches from one into the next."""
    texts = [_GAP + _plain(text) + _GAP for text in (reference, description, payer_email)]
    names = dict.fromkeys([created_by, changed_by or created_by])
    return "\n".join([*texts, *map(name_sign, names)])


def name_sign(name: str) -> str:
    """How whoever created or changed an offer stands among its words: as no text that people write is spelled."""
    return f"{_GAP}@{name}{_GAP}"


def needle(typed: str) -> str:
    """What stands among an offer's words if it has what was typed; empty if that has neither letter nor figure."""
    plain = _plain(typed)
    return plain if len(plain) >= GROUP or not plain else _GAP + plain


def has_word(text: str, typed: str) -> bool:
    """Would a search for this find it in the text?"""
    sought = needle(typed)
    return bool(sought) and sought in _GAP + _plain(text) + _GAP


def _plain(text: str) -> str:
    """Small letters without accents, and figures; anything else parts words."""
    if text.isascii():
        return _GAP.join(text.translate(_PLAIN_ASCII).split())
    spelled = normalize("NFKD", normalize("NFKD", text).casefold())
    letters = (one if one.isalnum() else " " for one in spelled if not combining(one))
    return _GAP.join("".join(letters).split())
