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
from paygate.journal.states import EntryState
from paygate.merchants.models import Role
from paygate.offers.states import OfferState

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
    # of offers, templates and multi-use links
    "currency": gettext_lazy("Currency"),
    "booking": gettext_lazy("Authorization type"),
    "condition": gettext_lazy("Condition"),
    "by_email": gettext_lazy("Send the link by e-mail to the buyer"),
    "ask_email": gettext_lazy("Ask for the e-mail address on the payment page"),
    "address_editable": gettext_lazy("The buyer may fill in and correct the address on the payment page"),
    "notify_emails": gettext_lazy("Payment notification"),
    "max_attempts": gettext_lazy("Number of attempts"),
    "valid_for": gettext_lazy("Valid for (days)"),
    "design": gettext_lazy("Payment page configuration"),
    "design_id": gettext_lazy("Payment page configuration"),
    "letter": gettext_lazy("Letter"),
    "confirm": gettext_lazy("Confirmation to the buyer"),
    "confirmation": gettext_lazy("Confirmation"),
    "reply_to": gettext_lazy("Replies go to"),
    "archive_email": gettext_lazy("Copy (BCC) to"),
    "files": gettext_lazy("Attachments"),
    "deleted": gettext_lazy("Deleted"),
    "smallest": gettext_lazy("Smallest amount"),
    "largest": gettext_lazy("Largest amount"),
    "suggested": gettext_lazy("Suggested amounts"),
    "most_total": gettext_lazy("Most in total"),
    "most_payments": gettext_lazy("Most payments"),
    "begins_at": gettext_lazy("First day"),
    "ends_at": gettext_lazy("Last day"),
    "reference_prefix": gettext_lazy("Reference prefix"),
    "email_required": gettext_lazy("E-mail address must be entered"),
    "billing_required": gettext_lazy("Billing address required"),
    "delivery_required": gettext_lazy("Delivery address required"),
    # of files with offers
    "row": gettext_lazy("Row"),
    "rows": gettext_lazy("Rows"),
    "columns": gettext_lazy("Columns"),
    "offers": gettext_lazy("Offers"),
    "letters": gettext_lazy("Letters"),
    "forgotten": gettext_lazy("No longer remembered"),
    # filters of lists
    "q": gettext_lazy("Search"),
    "state": gettext_lazy("Status"),
    "source": gettext_lazy("Application"),
    "sort": gettext_lazy("Sorted by"),
    "link": gettext_lazy("Multi-use link"),
    "type": gettext_lazy("Payments and refunds"),
    "expires_from": gettext_lazy("Expires from"),
    "expires_to": gettext_lazy("Expires until"),
    "made_from": gettext_lazy("From"),
    "made_to": gettext_lazy("Until"),
    # parts of letters
    "subject": gettext_lazy("Subject"),
    "salutation": gettext_lazy("Salutation"),
    "text": gettext_lazy("Text"),
    "signature": gettext_lazy("Signature"),
}
_MINOR: Final = ("_minors", "_minor")  # end the names of amounts in the smallest unit of their currency

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
    "credential": (gettext_lazy("API credential"), ""),  # its page is that of the application
}

# Lists that leave as a file; of a batch or an upload stands which one.
_LISTS: Final[Mapping[str, Promise]] = {
    "offers": gettext_lazy("Offers"),
    "offers picked": gettext_lazy("Selected offers"),
    "journal": gettext_lazy("Journal"),
    "batch": gettext_lazy("Batch"),
    "upload": gettext_lazy("Upload"),
}
_STATES: Final = {**dict(EntryState.choices), **dict(OfferState.choices)}


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
    if kind == "list":
        key = _list(key)
    words = _("%(label)s: %(what)s") % {"label": label, "what": key} if key else str(label)
    return words, _page(route, key) if route and key else ""


def _list(key: str) -> str:
    """What a list is called, and which batch or upload it is of."""
    if key in _LISTS:
        return str(_LISTS[key])
    kind, _blank, which = key.partition(" ")
    return f"{_LISTS[kind]} {which}" if kind in _LISTS else key


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
        label = _named(name)
        if name == "state" and isinstance(value, list):
            value = [str(_STATES.get(one, one)) for one in value]
        if isinstance(value, Mapping) and set(value) == {"old", "new"}:
            yield Value(label, _said(value["new"]), _said(value["old"]))
        else:
            yield Value(label, _said(value))


def _named(name: str) -> str:
    for ending in _MINOR:
        if name.endswith(ending):
            return _("%(name)s in the smallest unit") % {"name": _named(name.removesuffix(ending))}
    return str(_NAMES.get(name, name.replace("_", " ")))


def _said(value: Any) -> str:
    match value:
        case None | "" | []:
            return "–"
        case bool():
            return _("yes") if value else _("no")
        case list():
            return ", ".join(_said(one) for one in value)
        case dict():
            return ", ".join(f"{_named(name)}: {_said(one)}" for name, one in value.items())
    return str(_ROLES.get(value, value))
