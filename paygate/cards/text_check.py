"""Free text in offers and links: on one line or several, and no card number in it (safety.md CD-9)."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from paygate.cards.free_text import SHORTEST, WORDS, find_card_numbers
from paygate.refusals import Problem

_JOINERS: Final = "\u00ad\u200c\u200d"  # within words and emoji


def card_problem(field: str, text: str) -> Iterable[Problem]:
    """Somebody typed a card number where none belongs."""
    return (Problem(field, WORDS),) if find_card_numbers(text) else ()


def line_problems(field: str, text: str, *, longest: int) -> Iterable[Problem]:
    """What is wrong with a text that has to be short, on one line, and no card number."""
    if len(text) < SHORTEST <= longest and text.isprintable():
        return ()  # files have millions of these
    return _line_problems(field, text, longest=longest)


def _line_problems(field: str, text: str, *, longest: int) -> Iterator[Problem]:
    if len(text) > longest:
        yield Problem(field, _("At most %(count)s characters.") % {"count": longest})
    if not is_one_line(text):
        yield Problem(field, _("Use one line of text, without control characters."))
    yield from card_problem(field, text)


def is_one_line(text: str) -> bool:
    """No line ends, control characters, or marks that turn the writing round; spaces that do not break are text."""
    return text.isprintable() or all(
        sign.isprintable() or sign in _JOINERS or unicodedata.category(sign) == "Zs" for sign in text
    )


def is_text(text: str) -> bool:
    """The same for text of several lines."""
    return all(is_one_line(line) for line in text.replace("\r\n", "\n").split("\n"))
