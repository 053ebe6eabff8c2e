"""Which members of an answer our code can fill, by the calls that make its containers."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

from paygate.api.wire.base import Container, wire_name

API: Final = Path(__file__).parents[2] / "paygate" / "api"

# Made of another one, or of a dictionary: the container with the same members, or the members that the dictionary has.
_AS: Final = {
    "PaymentTransaction": "Transaction",
    "RefundTransaction": "Transaction",
    "P2PEnabledPaymentMeansInfo": "PaymentMeansInfo",
    "GetTerminalResponse": "TerminalResult",
    "Feature": "WireFeature",
}
_OF_DICTIONARIES: Final = {
    "ResponseAddress": {
        "FirstName", "LastName", "Company", "Street", "Street2", "Zip", "City", "CountryCode", "Phone", "Gender",
        "CountrySubdivisionCode",
    },
    "ResponseBillingAddress": {
        "FirstName", "LastName", "Company", "Street", "Street2", "Zip", "City", "CountryCode", "Phone", "Gender",
        "CountrySubdivisionCode", "VatNumber", "Email",
    },
    "Brand": {"Name", "PaymentMethod"},
    "AliasInsertCheckResult": {"Result", "Authentication"},
    "AliasAuthenticationResult": {"Authenticated", "AuthenticationType"},
}  # fmt: skip

Filled = dict[str, set[str]]  # per container the members that somebody gives, by their names on the wire


def filled() -> Filled:
    """Read from the code of the API."""
    found: Filled = {name: set(members) for name, members in _OF_DICTIONARIES.items()}
    for path in API.rglob("*.py"):
        if "wire" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (name := _made(node.func)):
                names = {wire_name(given.arg) for given in node.keywords if given.arg}
                found.setdefault(name, set()).update(names)
    return found


def never_told(kind: type[Container], known: Filled, at: str = "") -> Iterator[str]:
    """The path of each member that nobody fills; what such a member would hold is not named again."""
    mine = known.get(kind.__name__, set()) | known.get(_AS.get(kind.__name__, ""), set())
    for name, field in kind.model_fields.items():
        path, inner = f"{at}{wire_name(name)}", _container_in(field.annotation)
        if wire_name(name) not in mine:
            yield path
        elif inner is not None:
            yield from never_told(inner, known, f"{path}.")


def _made(function: ast.expr) -> str:
    """`Name(...)` or `Name.model_construct(...)`."""
    if isinstance(function, ast.Attribute) and function.attr == "model_construct":
        function = function.value
    return function.id if isinstance(function, ast.Name) else ""


def _container_in(annotation: Any) -> type[Container] | None:
    if isinstance(annotation, type) and issubclass(annotation, Container):
        return annotation
    return next(filter(None, map(_container_in, get_args(annotation))), None)
