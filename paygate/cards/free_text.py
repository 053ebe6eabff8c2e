"""Find card numbers where none belong: in descriptions, references, letters and file cells (safety.md CD-9).

A number counts as a card's if it has the length and the beginning of a known brand, passes the Luhn test, and is
written the way people write one number: without gaps, with the same gap throughout, or in the groups that are printed
on cards. So two phone numbers or a list of amounts in a row are left alone.
"""

import re
from itertools import pairwise
from typing import Final

from django.utils.translation import gettext_lazy as _
from stdnum import luhn

from paygate.cards.brands import any_brand_of
from paygate.refusals import Refusal

SHORTEST: Final = 13  # digits; what has fewer characters holds no card number
_LONGEST: Final = 19
_MOST_BETWEEN: Final = 3  # characters in one gap, as in "4111 - 1111"

_DIGITS: Final = re.compile(r"\d+")  # of any script: full-width digits too
_ENOUGH: Final = re.compile(r"\d(?:[\W_]{0,3}\d){12}")  # what no number can do without; most texts have less
_GAP: Final = re.compile(r"[\W_]+")

# Ids and hashes: shops name their orders so, and one in some thousands holds digits that would pass for a card.
ID_PATTERN: Final = (
    r"\b[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}\b"
    r"|\b(?=[0-9]*[a-f])(?:[0-9a-f]{40}|[0-9a-f]{64})\b"
)
_ID: Final = re.compile(ID_PATTERN, re.IGNORECASE | re.ASCII)

# How many digits stand together on the cards of all brands.
_PRINTED_GROUPS: Final = frozenset(
    {
        (4, 4, 4, 4),
        (4, 4, 4, 4, 1),
        (4, 4, 4, 4, 2),
        (4, 4, 4, 4, 3),
        (4, 6, 5),
        (4, 6, 4),
        (4, 4, 4, 1),
        (6, 13),
    }
)


WORDS: Final = _("This looks like a card number. Card numbers are entered on the payment page only.")


class LooksLikeCardNumber(Refusal):
    """The text holds a card number. The words never repeat it."""

    code = "LOOKS_LIKE_CARD_NUMBER"


def refuse_card_numbers(text: str, field: str) -> None:
    """Let a text pass that holds no card number. Call before storing and before logging.

    Raises `LooksLikeCardNumber` for `field`.
    """
    if find_card_numbers(text):
        raise LooksLikeCardNumber(WORDS, field=field)


def find_card_numbers(text: str) -> list[tuple[int, int]]:
    """Where card numbers stand: begin and end of each, in order, none overlapping."""
    if len(text) < SHORTEST or not _ENOUGH.search(text):
        return []
    text = _ID.sub(lambda found: "x" * len(found.group()), text)
    runs = list(_DIGITS.finditer(text))
    spans: list[tuple[int, int]] = []
    position = 0
    while position < len(runs):
        last = _last_run_of_number(text, runs, position)
        if last is None:
            position += 1
        else:
            spans.append((runs[position].start(), runs[last].end()))
            position = last + 1
    return spans


def _last_run_of_number(text: str, runs: list[re.Match[str]], first: int) -> int | None:
    """The run of digits with which a card number ends that begins with the run `first`."""
    digits = ""
    found = None
    for last in range(first, len(runs)):
        if last > first and not _may_stand_between(text[runs[last - 1].end() : runs[last].start()]):
            break
        if len(digits) + len(runs[last].group()) > _LONGEST:
            break
        digits += "".join(str(int(sign)) for sign in runs[last].group())
        if _is_card_number(digits) and _is_written_as_one(text, runs[first : last + 1]):
            found = last
    return found


def _may_stand_between(gap: str) -> bool:
    return len(gap) <= _MOST_BETWEEN and _GAP.fullmatch(gap) is not None


def _is_card_number(digits: str) -> bool:
    if not SHORTEST <= len(digits) <= _LONGEST:
        return False
    brand = any_brand_of(digits)
    return brand is not None and len(digits) in brand.lengths and luhn.is_valid(digits)


def _is_written_as_one(text: str, runs: list[re.Match[str]]) -> bool:
    gaps = {text[left.end() : right.start()] for left, right in pairwise(runs)}
    return len(gaps) <= 1 or tuple(len(run.group()) for run in runs) in _PRINTED_GROUPS
