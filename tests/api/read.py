"""Which members of a call our code reads, seen while a body that has them all is worked on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

from paygate.api.wire import means, options
from paygate.api.wire.base import Container, wire_name
from paygate.api.wire.common import IssuerReference, RequestHeader
from tests.api.spec import CONTAINERS, container_of, fitting

# Whoever tells one of these is told that nobody takes it, whatever it holds.
REFUSED = (
    means.ApplePay, means.BankAccount, means.BankAccountBase, means.GooglePay, means.SaferpayFields, means.SchemeToken,
    options.DccReference, options.MarketplaceCapture, options.OriginalCreditTransfer, IssuerReference,
)  # fmt: skip
_OWN_WORDS = {"CountrySubdivisionCode": "ZH", "TaxRate": "810"}
Read = set[tuple[str, str]]  # container and member, by their names on the wire


@contextmanager
def watched() -> Iterator[Read]:
    """What is read of any container from here on, by the code of the API that works with it."""
    seen: Read = set()

    def reading(self: Container, name: str) -> Any:
        asker = sys._getframe(1).f_code.co_filename
        if not name.startswith("_") and "/paygate/api/" in asker and "/paygate/api/wire/" not in asker:
            seen.add((type(self).__name__, wire_name(name)))
        return object.__getattribute__(self, name)

    Container.__getattribute__ = reading  # type: ignore[assignment, method-assign]
    try:
        yield seen
    finally:
        del Container.__getattribute__


def whole(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """A body with every member of every container."""
    return {field["name"]: _whole_value(field) for field in fields}


def _whole_value(field: dict[str, Any]) -> Any:
    name = container_of(field)
    if field["name"] in _OWN_WORDS:
        return _OWN_WORDS[field["name"]]
    if not name:
        return fitting(field)
    body = whole(CONTAINERS[name])
    return [body] if field["type"].startswith("array") else body


def unread(kind: type[Container], read: Read, at: str = "") -> Iterator[str]:
    """The path of each member that is read by nobody; what such a member holds is not named again."""
    for name, field in kind.model_fields.items():
        path = f"{at}{wire_name(name)}"
        inner = _container_in(field.annotation)
        if inner is RequestHeader:
            continue  # it is read before the call it belongs to
        if (kind.__name__, wire_name(name)) not in read:
            yield path
        elif inner is not None and inner not in REFUSED:
            yield from unread(inner, read, f"{path}.")


def _container_in(annotation: Any) -> type[Container] | None:
    if isinstance(annotation, type) and issubclass(annotation, Container):
        return annotation
    return next(filter(None, map(_container_in, get_args(annotation))), None)
