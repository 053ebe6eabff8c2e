"""Names that nobody can guess, and references that people can read aloud (safety.md LN-1, ID-8).

All of them are drawn from the system's generator. None counts and none tells the time.
"""

import secrets
import string
from typing import Final
from uuid import UUID, uuid4

_LETTERS_AND_DIGITS: Final = string.ascii_letters + string.digits
_TRANSACTION_ID_LENGTH: Final = 28  # 166 bits; the length that shops know from the wire

# Without letters and digits that are mistaken for each other in print, and without vowels, so that no word comes of it.
_READABLE_LETTERS: Final = "CDFGHJKMNPQRTVWXY"
_READABLE: Final = "34679" + _READABLE_LETTERS
READABLE_LENGTH: Final = 11


def link_id() -> UUID:
    """The secret part of a payment link: 122 random bits (safety.md LN-1)."""
    return uuid4()


def public_token(nbytes: int = 32) -> str:
    """A secret for addresses and cookies, of `nbytes` random bytes in URL-safe letters. At least 16 bytes."""
    if nbytes < 16:
        raise ValueError("a public token has at least 16 random bytes")
    return secrets.token_urlsafe(nbytes)


def transaction_id() -> str:
    """The public id of a payment or refund: 28 letters and digits, upper and lower case."""
    return "".join(secrets.choice(_LETTERS_AND_DIGITS) for _ in range(_TRANSACTION_ID_LENGTH))


def readable_reference() -> str:
    """The generated part of a payment's reference: "K7M3X-9PQRT", short enough for a bank statement.

    Ten signs of 22, some 44 random bits: rare enough to meet again, and whoever stores it has a unique index besides.
    It begins with a letter, so that digits before it never become a longer number, such as that of a card.
    """
    first = secrets.choice(_READABLE_LETTERS)
    rest = "".join(secrets.choice(_READABLE) for _ in range(9))
    return f"{first}{rest[:4]}-{rest[4:]}"


def own_reference(instance: int) -> str:
    """Our unique name for one question to an acquirer: the number of this installation and 128 random bits.

    Upper-case hexadecimal after the number, at most 40 characters, so that every acquirer carries it (safety.md ID-8).
    """
    if not 0 <= instance <= 9_999_999:
        raise ValueError("an instance number has at most seven digits")
    return f"{instance}-{secrets.token_hex(16).upper()}"
