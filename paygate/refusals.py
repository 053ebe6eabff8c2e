"""An expected "no": its code, its kind, and words for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class Kind(StrEnum):
    """What sort of no it is; entrances turn it into a status or a form error."""

    INVALID = "INVALID"  # what was sent is wrong
    NOT_FOUND = "NOT_FOUND"  # it does not exist, or it is not yours: the same answer
    CONFLICT = "CONFLICT"  # it is right, but not now
    FORBIDDEN = "FORBIDDEN"  # you may not


class Refusal(Exception):
    """The rules of the trade say no. Rooms raise it, entrances translate it.

    The words are for a person, may be translated lazily, and never hold card data.
    """

    code: str = "REFUSED"
    kind: Kind = Kind.INVALID

    def __init__(self, words: str | Promise = "", *, field: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.field = field

    def __str__(self) -> str:
        return str(self.words)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field."""

    field: str
    words: str | Promise


class TermsRefused(Refusal):
    """The terms of an offer or a link have problems; nothing was created or changed."""

    code = "TERMS_REFUSED"
    kind = Kind.INVALID

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem.words) for problem in problems))
        self.problems = problems


class NotFound(Refusal):
    """No such thing within reach: unknown and foreign look the same (safety.md TN-4)."""

    code = "NOT_FOUND"
    kind = Kind.NOT_FOUND
