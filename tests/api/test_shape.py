"""Shape proven, not believed: every call as docs/spec/api.json has it, through its address."""

import copy
import json
from typing import Any

import pytest
from pydantic import ValidationError

from paygate.api.payment.routes import CALLS
from paygate.api.wire import alias, follow_up, payment_page, transaction
from paygate.api.wire.base import Container, wire_name
from tests.api.program import Program
from tests.api.spec import CONTAINERS, IGNORED, body_of, container_of, enums, json_methods, mandatory

METHODS = json_methods()
SERVED = [call.path for call in CALLS]
OURS = {"ReturnUrls"}  # what older programs say (behaviour.md B-3)


def declared(path: str, kind: str) -> type[Container] | None:
    """Our container for what a call is sent, or tells."""
    name = path.replace("/", "") + kind
    rooms = (payment_page, transaction, follow_up, alias)
    found: type[Container] | None = next(filter(None, (getattr(room, name, None) for room in rooms)), None)
    return found


def members(kind: type[Container]) -> dict[str, bool]:
    """Each member by its name on the wire, and whether it must be there."""
    return {
        wire_name(name): field.is_required()
        for name, field in kind.model_fields.items()
        if wire_name(name) not in OURS
    }


@pytest.mark.parametrize("path", METHODS)
@pytest.mark.parametrize("kind", ["Request", "Response"])
def test_every_call_has_exactly_the_members_of_its_list(path, kind):
    fields = METHODS[path][kind.lower()]
    ours = declared(path, kind)

    assert ours is not None
    found = members(ours)
    absent_at_times = {field["name"] for field in fields if "absentIf" in field.get("constraints", {})}
    told = {field["name"]: field["mandatory"] for field in fields}
    assert found == told | {name: found.get(name) for name in absent_at_times}


def test_and_so_has_every_container():
    ours = {kind.__name__: kind for kind in _below(Container)}
    for name, fields in CONTAINERS.items():
        if name.startswith("RestApi") or name.split("_")[-1] not in ours:
            continue
        told = {field["name"]: field["mandatory"] for field in fields}
        assert members(ours[name.split("_")[-1]]) == told, name


@pytest.mark.parametrize("path", SERVED)
class TestThroughTheDoor:
    def ask(self, shop: Program, path: str, body: dict[str, Any]) -> Any:
        header = shop.header()["RequestHeader"]
        spoken = {
            **body.get("RequestHeader", {}),
            **{k: v for k, v in header.items() if k in body["RequestHeader"]},
        }
        return shop.send(path, json.dumps({**body, "RequestHeader": spoken}))

    def test_a_body_that_fits_is_no_mistake(self, shop, path):
        answer = self.ask(shop, path, minimal(path))

        assert answer.error != "VALIDATION_FAILED", answer

    def test_each_mandatory_member_is_demanded(self, shop, path):
        for at in mandatory(METHODS[path]["request"]):
            if (at[0] == "RequestHeader" and len(at) == 1) or at == ("RequestHeader", "CustomerId"):
                continue  # without them nobody is there to be answered
            answer = self.ask(shop, path, without(minimal(path), at))

            assert (answer.status, answer.error) == (400, "VALIDATION_FAILED"), at
            assert ".".join(at) in answer.details

    def test_each_list_of_words_is_kept_to(self, shop, path):
        for at in enums(METHODS[path]["request"]):
            if at[0] != "RequestHeader":
                answer = self.ask(shop, path, changed(minimal(path), at, "NONSENSE"))

                assert (answer.status, answer.error) == (400, "VALIDATION_FAILED"), at
                assert ".".join(at) in answer.details

    def test_members_nobody_documented_are_ignored(self, shop, path):
        plain = self.ask(shop, path, minimal(path))
        more = self.ask(shop, path, {**minimal(path), "Weather": {"Bern": ["fine"]}})

        assert (more.status, more.error) == (plain.status, plain.error)


@pytest.mark.parametrize("path", METHODS)
def test_whole_bodies_are_read(path):
    """Every member of every container a call may be sent, at once, but for those that exclude each other."""
    ours = declared(path, "Request")
    assert ours is not None
    for field in METHODS[path]["request"]:
        body = minimal(path)
        name = container_of(field)
        if not name or field["type"].startswith("array"):
            continue
        for inner in CONTAINERS[name]:
            if inner["name"] in IGNORED:
                continue
            one = {
                **body,
                field["name"]: {**body_of(CONTAINERS[name]), **body_of([{**inner, "mandatory": True}])},
            }
            try:
                ours.model_validate(one)
            except ValidationError as refused:
                words = str(refused)
                assert "exactly one of" in words or "exclude each other" in words, (
                    field["name"],
                    inner["name"],
                )


@pytest.mark.parametrize(
    ("rate", "error"),
    [
        ("1900", ""),
        (810, ""),
        ("99999", ""),
        ("100000", "VALIDATION_FAILED"),
        ("-1", "VALIDATION_FAILED"),
    ],
)
def test_a_shop_that_names_the_tax_of_its_items_gets_its_page(shop, alpenblick, rate, error):
    """It was answered with INTERNAL_ERROR."""
    item = {"Type": "PHYSICAL", "Quantity": 1, "Name": "Book", "UnitPrice": "100", "TaxRate": rate}
    body = {
        "TerminalId": alpenblick.number,
        "Payment": {"Amount": {"Value": "100", "CurrencyCode": "CHF"}, "Description": "Book"},
        "ReturnUrl": {"Url": "https://shop.example/back"},
        "Order": {"Items": [item]},
    }

    assert shop.call("PaymentPage/Initialize", body).error == error


def minimal(path: str) -> dict[str, Any]:
    """What a call must be sent; one of two references, one of several means."""
    body = body_of(METHODS[path]["request"])
    if "TransactionReference" in body:
        body["TransactionReference"] = {"TransactionId": "nothing"}
    if "CaptureReference" in body:
        body["CaptureReference"] = {"CaptureId": "nothing_c"}
    if "TerminalId" in body:
        body["TerminalId"] = "17000011"
    if "RegisterAlias" in body:
        body["RegisterAlias"] = {"IdGenerator": "RANDOM"}  # another one needs a name besides
    if path == "Alias/InsertDirect":
        body["PaymentMeans"] = {"Card": {"Number": "9010003150000001", "ExpMonth": 12, "ExpYear": 2034}}
    return body


def without(body: dict[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
    changed_body = copy.deepcopy(body)
    inner = changed_body
    for name in at[:-1]:
        inner = inner[name]
    del inner[at[-1]]
    return changed_body


def changed(body: dict[str, Any], at: tuple[str, ...], value: object) -> dict[str, Any]:
    changed_body = copy.deepcopy(body)
    inner = changed_body
    for name in at[:-1]:
        inner = inner.setdefault(name, {})
    inner[at[-1]] = value
    return changed_body


def _below(kind: type[Container]) -> list[type[Container]]:
    return [one for direct in kind.__subclasses__() for one in (direct, *_below(direct))]
