"""Passwords that are soon guessed: known ones, doubled words, rows of keys, and what has to do with the person (AU-1).

A password is taken apart into as few pieces as it can be: words of the list, words about the person, rows of keys,
numbers, and single characters. Of two different pieces or fewer there are not enough to be safe, however long they are;
words about the person count nothing.
The list is the one of Django, with 20,000 passwords that have leaked; nothing is asked of the network.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from paygate.accounts.models import User

FEWEST_PIECES: Final = 3  # different ones
FEWEST_CHARACTERS: Final = 5  # different ones
_SHORTEST_WORD: Final = 4  # letters; shorter ones are in every language and no list
_SHORTEST_ROW: Final = 3
_LONGEST_NUMBER: Final = 8  # digits that are one piece: a date is one

# What people here write that is not in a list made elsewhere, or not often enough.
_OURS: Final = frozenset(
    "paygate kennwort zahlung rechnung hotel reservation reservierung rezeption willkommen schweiz zürich motdepasse"
    " paiement réservation réception bienvenue suisse genève pagamento prenotazione ricevimento benvenuto svizzera"
    " welcome payment reception switzerland spring summer autumn winter frühling herbst printemps automne hiver"
    " primavera estate autunno inverno january february march april june july august september october november"
    " december januar februar märz juni juli oktober dezember".split()
)
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "qwertzuiopü", "asdfghjklöä", "yxcvbnm",
    "azertyuiop", "qsdfghjklm", "wxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "1q2w3e4r5t6z7u8i9o0p",
)  # fmt: skip
_LOOKALIKES: Final = str.maketrans("@4301!5$7", "aaeolisst")
_NEITHER: Final = re.compile(r"[\W_]+")  # neither letter nor digit


class NotEasilyGuessed(CommonPasswordValidator):
    """One of Django's validators of passwords, in place of the one for common passwords."""

    def validate(self, password: str, user: object | None = None) -> None:
        """Raises `ValidationError` for what whoever guesses tries first."""
        super().validate(password)
        if is_easily_guessed(password, known=self.passwords, about=_words_about(user)):
            raise ValidationError(
                _(
                    "This password is easily guessed: repeated or well-known words, rows of keys, or words about you. "
                    "Take a sentence of several words that have nothing to do with each other."
                ),
                code="password_easily_guessed",
            )

    def get_help_text(self) -> str:
        """For pages that list all rules."""
        return _("Not a well-known password, and none of repeated words, rows of keys or words about you.")


def is_easily_guessed(password: str, *, known: set[str], about: Iterable[str] = ()) -> bool:
    """Is it made of too few different pieces? `about` are words that others know of the person, in any spelling."""
    told = {word.casefold() for word in about}
    words = {*_OURS, *told, *(word for word in known if len(word) >= _SHORTEST_WORD)}
    spellings = {password.casefold(), password.casefold().translate(_LOOKALIKES)}
    return len(set(password)) < FEWEST_CHARACTERS or any(
        len(set(_pieces(spelled, words)) - told) < FEWEST_PIECES for spelled in spellings
    )


def _words_about(user: object | None) -> Iterator[str]:
    """The parts of name and address, and of the name of the merchant that the account belongs to."""
    if not isinstance(user, User):
        return
    texts = [user.name, user.email, user.home.name if user.home else ""]
    for text in texts:
        yield from (part for part in _NEITHER.split(text) if len(part) >= _SHORTEST_ROW)


def _pieces(password: str, words: set[str]) -> list[str]:
    """The fewest different pieces that the letters and digits can be taken apart into.

    Other signs hold words together or stand behind them, so a few of them count nothing, and three for one piece.
    """
    text = _NEITHER.sub("", password)
    signs = sorted(set("".join(_NEITHER.findall(password))))
    longest = max(map(len, words))
    best: list[list[str]] = [[]]
    for end in range(1, len(text) + 1):
        options = [best[end - 1] + [text[end - 1]]]
        for start in range(max(0, end - longest), end - 1):
            piece = text[start:end]
            if piece in words or _is_row(piece) or (piece.isdecimal() and len(piece) <= _LONGEST_NUMBER):
                options.append(best[start] + [piece])
        best.append(min(options, key=lambda pieces: (len(set(pieces)), len(pieces))))
    return best[-1] + signs[: len(signs) // 3]


def _is_row(piece: str) -> bool:
    """The same character again and again, or neighbours in a row, forwards or backwards."""
    if len(piece) < _SHORTEST_ROW:
        return False
    return len(set(piece)) == 1 or any(piece in row or piece in row[::-1] for row in _ROWS)
