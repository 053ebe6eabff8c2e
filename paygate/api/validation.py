"""From bytes to a container, or `VALIDATION_FAILED` with the place of each mistake. Values are never repeated."""

import json
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from django.http import HttpRequest
from django.http.request import RawPostDataException
from pydantic import ValidationError

from paygate.api.error_names import WireError
from paygate.api.wire.base import Container, wire_name
from paygate.api.wire.means import Card, SchemeToken
from paygate.api.wire.transaction import TransactionDccInquiryRequest
from paygate.cards.free_text import find_card_numbers

MOST_BYTES: Final = 1_000_000
MOST_DETAILS: Final = 20
_DEEPEST: Final = 40
_CARD_NUMBERS: Final[frozenset[tuple[type[Container], str]]] = frozenset(
    {(Card, "number"), (SchemeToken, "number"), (TransactionDccInquiryRequest, "card_number")}
)

Read = TypeVar("Read", bound=Container)


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The body, a JSON object in UTF-8. Raises `WireError`."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    too_large = WireError("VALIDATION_FAILED", f"The body is larger than {MOST_BYTES} bytes.")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise too_large
    try:
        if len(request.body) > MOST_BYTES:  # in pieces, of a length that nobody told
            raise too_large
        body = request.body.decode("utf-8-sig")
        read = json.loads(body, parse_float=_as_spelled, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise WireError("VALIDATION_FAILED", "The body is not in UTF-8.") from error
    except RecursionError as error:
        raise WireError("VALIDATION_FAILED", "The body is nested too deeply.") from error
    except (ValueError, OSError, RawPostDataException) as error:
        raise WireError("VALIDATION_FAILED", "The body is no JSON.") from error
    if not isinstance(read, dict):
        raise WireError("VALIDATION_FAILED", "The body is no JSON object.")
    if _is_deeper(read, _DEEPEST):
        raise WireError("VALIDATION_FAILED", "The body is nested too deeply.")
    return read


def read_as(kind: type[Read], members: object) -> Read:
    """The container. Raises `WireError` with every mistake: `Payment.Amount: The field Amount is missing.`"""
    try:
        read = kind.model_validate(members)
    except ValidationError as error:
        raise WireError("VALIDATION_FAILED", *list(_details(error))[:MOST_DETAILS]) from None
    if misplaced := [path for path, text in _texts(read, "") if find_card_numbers(text)]:
        details = [f"{path}: This looks like a card number." for path in misplaced[:MOST_DETAILS]]
        raise WireError("VALIDATION_FAILED", *details)
    return read


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Every text that was told, with its place, but the numbers of cards where cards are told (safety.md CD-9)."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts(one, f"{path}.{number}")
    elif isinstance(value, Container):
        for name, one in vars(value).items():
            if (type(value), name) not in _CARD_NUMBERS:
                yield from _texts(one, f"{path}.{wire_name(name)}".lstrip("."))


def _details(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors(include_url=False, include_context=False, include_input=False):
        places = [str(place) for place in mistake["loc"]]
        path = ".".join(places)
        field = next((place for place in reversed(places) if not place.isdecimal()), "")
        if mistake["type"] == "missing":
            yield f"{path}: The field {field} is missing."
        elif not field:
            yield f"The request is invalid. {_why(mistake['msg'])}"
        else:
            yield f"{path}: The field {field} is invalid. {_why(mistake['msg'])}"


def _why(words: str) -> str:
    """As a sentence; it names the rule that was broken, and never the value."""
    words = words.removeprefix("Value error, ")
    return f"{words[:1].upper()}{words[1:]}."


def invalid(path: str, words: str = "") -> WireError:
    """A mistake that only a rule could see, in the same words."""
    field = path.rsplit(".", 1)[-1]
    return WireError("VALIDATION_FAILED", f"{path}: {words or f'The field {field} is invalid.'}")


def _as_spelled(number: str) -> str:
    """No member is a fraction, so it stands for a text: version 1.10 is not 1.1 (behaviour.md B-8)."""
    return number


def _refuse(word: str) -> None:
    raise ValueError(word)


def _is_deeper(value: object, levels: int) -> bool:
    """Depth by loops: whoever sends a deep body must not use up our stack."""
    layer = [value]
    for _each in range(levels):
        layer = [
            inner
            for one in layer
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not layer:
            return False
    return True
