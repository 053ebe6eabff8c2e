"""docs/spec/api.json as the tests walk it: methods, containers, and bodies that fit them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

SPEC: Final = json.loads((Path(__file__).parents[2] / "docs" / "spec" / "api.json").read_text())
CONTAINERS: Final[dict[str, list[dict[str, Any]]]] = SPEC["containers"]
IGNORED: Final = {"PaymentMethods", "Wallets"}  # unknown values are no mistake there (behaviour.md F-1)


def json_methods() -> dict[str, dict[str, Any]]:
    """The calls of the JSON API by their path: "Transaction/Capture"."""
    return {
        method["path"].removeprefix("/Payment/v1/"): method
        for method in SPEC["methods"]
        if method["interface"] == "json-api"
    }


def container_of(field: dict[str, Any]) -> str:
    """The name of the container a field holds, or a list of; empty for plain values."""
    return field["type"].rpartition("object:")[2] if "object:" in field["type"] else ""


def fitting(field: dict[str, Any]) -> Any:
    """A value of the shape this field has."""
    if field["type"].startswith("array"):
        inner = {**field, "type": field["type"].removeprefix("array:") or "string"}
        return [fitting(inner)]
    if name := container_of(field):
        return body_of(CONTAINERS[name])
    if field.get("enum"):
        return field["enum"][0]
    limits = field.get("constraints", {})
    match field["type"]:
        case "integer":
            return _within(field.get("format", ""), limits.get("minimum", 1))
        case "boolean":
            return True
        case "date":
            return "2026-11-26T12:00:00.000+01:00"
    return _text(field, limits)


def body_of(fields: list[dict[str, Any]], *, whole: bool = False) -> dict[str, Any]:
    """A body with what must be there."""
    return {field["name"]: fitting(field) for field in fields if field["mandatory"] or whole}


def mandatory(fields: list[dict[str, Any]], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of each mandatory field that a minimal body has."""
    for field in fields:
        if field["mandatory"]:
            path = (*at, field["name"])
            yield path
            if (name := container_of(field)) and not field["type"].startswith("array"):
                yield from mandatory(CONTAINERS[name], path)


def enums(fields: list[dict[str, Any]], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of each field of one of several words, where its containers are mandatory or first."""
    for field in fields:
        path = (*at, field["name"])
        if field.get("enum") and field["type"] == "string" and field["name"] not in IGNORED:
            yield path
        name = container_of(field)
        if name and field["mandatory"] and not field["type"].startswith("array"):
            yield from enums(CONTAINERS[name], path)


def _within(form: str, least: object) -> int:
    spelled = re.fullmatch(r"Range\[(\d+)\.\.(\d+)\]", form)
    return int(spelled[1]) if spelled else int(str(least)) if str(least).isdigit() else 1


def _text(field: dict[str, Any], limits: dict[str, Any]) -> str:
    if limits.get("kind") == "ISO 4217 alpha-3":
        return "CHF"
    if limits.get("pattern") == "^[0-9]+$":
        return "100"
    if limits.get("kind") == "ipv4 dotted quad":
        return "192.0.2.7"
    if limits.get("kind") == "ipv6":
        return "2001:db8::7"
    if limits.get("pattern") == "^[a-z]{2}(-[A-Z]{2})?$":
        return "de"
    if field["name"] == "SpecVersion":
        return "1.53"
    if "Url" in field["name"] or limits.get("schemes"):
        return "https://shop.example/x"
    if field["name"] in {"PayerEmail", "MerchantEmails"}:
        return "max@example.org"
    least, most = (field.get("length") or [1, 20])[:2]
    length = max(int(least), min(8, int(most)))
    return ("A" if field.get("format", "").startswith("Alphabetic") else "1") * length
