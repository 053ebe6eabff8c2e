"""Lines of the audit log in words: who, what about, and each value with the one before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paygate.audit.actions import Action
from paygate.audit.models import AuditLine
from paygate.backoffice.timeline import name_of
from paygate.merchants.models import Role

_ACTIONS: Final = dict(Action.choices)
_ROLES: Final = dict(Role.choices)

_NAMES: Final[Mapping[str, Promise]] = {
    "amount": gettext_lazy("Amount"),
    "role": gettext_lazy("Role"),
    "reason": gettext_lazy("Reason"),
    "description": gettext_lazy("Description"),
    "reference": gettext_lazy("Reference"),
    "language": gettext_lazy("Language"),
    "file": gettext_lazy("File"),
    "name": gettext_lazy("Name"),
    "terminal": gettext_lazy("Terminal"),
    "with": gettext_lazy("With"),
    "automatic_closing": gettext_lazy("Close the batch automatically"),
    "payer_email": gettext_lazy("Buyer's e-mail address"),
    "expires_at": gettext_lazy("Expires"),
    "verdict": gettext_lazy("Decision"),
}

# What stands before the colon of a subject, how it is called, and the page it leads to.
_SUBJECTS: Final[Mapping[str, tuple[Promise, str]]] = {
    "offer": (gettext_lazy("Offer"), "offer"),
    "link": (gettext_lazy("Multi-use link"), "link"),
    "entry": (gettext_lazy("Payment"), "entry"),
    "batch": (gettext_lazy("Batch"), "period"),
    "terminal": (gettext_lazy("Terminal"), "terminal"),
    "person": (gettext_lazy("Person"), ""),
    "settings": (gettext_lazy("Settings"), ""),
    "list": (gettext_lazy("List"), ""),
    "letter": (gettext_lazy("Letter"), "letter"),
    "template": (gettext_lazy("Template"), ""),  # it may be gone; the line has its name
    "upload": (gettext_lazy("Upload"), "upload"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a line; `old` is None where only the present one was written."""

    name: str
    new: str
    old: str | None = None


def what(line: AuditLine) -> str:
    """What was done; its own name for an action that is not in use any more."""
    return str(_ACTIONS.get(line.action, line.action))


def who(line: AuditLine, names: Mapping[str, str]) -> str:
    """The person's name, else the address as it was then, else who else acted."""
    if line.by in names:
        return names[line.by]
    return line.person or name_of(line.by, names)


def subject(line: AuditLine) -> tuple[str, str]:
    """What it was done to, in words, and its page (empty: it has none)."""
    kind, _colon, key = line.subject.partition(":")
    if kind not in _SUBJECTS:
        return line.subject, ""
    label, route = _SUBJECTS[kind]
    words = _("%(label)s: %(what)s") % {"label": label, "what": key} if key else str(label)
    return words, _page(route, key) if route and key else ""


def _page(route: str, key: str) -> str:
    try:
        return reverse(f"backoffice:{route}", args=key.split("/"))
    except NoReverseMatch:
        return ""


def values(line: AuditLine) -> list[Value]:
    """What its detail says."""
    return list(_values(line.detail))


def _values(detail: Mapping[str, Any]) -> Iterator[Value]:
    for name, value in detail.items():
        label = str(_NAMES.get(name, name.replace("_", " ")))
        if isinstance(value, Mapping) and set(value) == {"old", "new"}:
            yield Value(label, _said(value["new"]), _said(value["old"]))
        else:
            yield Value(label, _said(value))


def _said(value: Any) -> str:
    match value:
        case None | "" | []:
            return "–"
        case bool():
            return _("yes") if value else _("no")
        case list():
            return ", ".join(_said(one) for one in value)
        case dict():
            return ", ".join(f"{name}: {_said(one)}" for name, one in value.items())
    return str(_ROLES.get(value, value))
