"""The menu: a table of section, route, permission and feature."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.visit import Visit
from paygate.merchants.licence import Feature
from paygate.merchants.roles import Permission


@dataclass(frozen=True, slots=True)
class Section:
    """One row of the table."""

    label: str | Promise
    route: str  # without "backoffice:"
    permission: Permission
    icon: str = ""
    feature: Feature | None = None
    children: tuple["Section", ...] = ()
    onward: str = ""  # the route of a page that belongs to it and stands elsewhere


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu as a page shows it."""

    label: str | Promise
    url: str
    icon: str
    active: bool
    children: tuple["MenuEntry", ...]


SECTIONS: Final = (
    Section(_("Dashboard"), "home", Permission.SEE_OFFERS, "dashboard"),
    Section(
        _("Secure PayGate"),
        "offers",
        Permission.SEE_OFFERS,
        "offers",
        Feature.SECURE_PAYGATE,
        (
            Section(_("Overview"), "offers", Permission.SEE_OFFERS),
            Section(_("Create new link"), "offer_start", Permission.EDIT_OFFERS, onward="offer_new"),
            Section(_("Templates"), "templates", Permission.SEE_OFFERS),
            Section(_("Multi-use links"), "links", Permission.SEE_OFFERS),
            Section(_("Settings"), "preferences", Permission.SEE_SETTINGS),
        ),
    ),
    Section(
        _("Journal"),
        "journal",
        Permission.SEE_JOURNAL,
        "journal",
        None,
        (
            Section(_("To decide"), "reviews", Permission.SEE_JOURNAL),
            Section(_("Calls to your server"), "calls", Permission.SEE_JOURNAL),
        ),
    ),
    Section(_("Batches"), "periods", Permission.SEE_JOURNAL, "batches"),
    Section(_("Letters"), "letters", Permission.SEE_LETTERS, "letters"),
    Section(
        _("Settings"),
        "terminals",
        Permission.SEE_SETTINGS,
        "settings",
        None,
        (
            Section(_("Terminals"), "terminals", Permission.SEE_SETTINGS),
            Section(_("Payment page configuration"), "designs", Permission.SEE_SETTINGS),
            Section(_("API credentials"), "credentials", Permission.SEE_SETTINGS),
            Section(_("People"), "people", Permission.SEE_PEOPLE),
            Section(_("Audit log"), "audit", Permission.SEE_AUDIT),
            Section(_("Letter texts"), "letter_texts", Permission.SEE_SETTINGS),
        ),
    ),
    Section(_("Quick guide"), "guide", Permission.SEE_OFFERS, "book", Feature.SECURE_PAYGATE),
)


def menu(visit: Visit) -> list[MenuEntry]:
    """What this member finds in the menu, with the present page marked (SPG-NAV-01, SPG-REQ-01)."""
    return list(_entries(SECTIONS, visit))


def _entries(sections: tuple[Section, ...], visit: Visit) -> Iterator[MenuEntry]:
    for section in sections:
        if section.permission not in visit.actor.permissions:
            continue
        if section.feature and section.feature not in visit.features:
            continue
        url = reverse(f"backoffice:{section.route}")
        children = _one_active(tuple(_entries(section.children, visit)))
        active = visit.path == url if section.route == "home" else _begins(visit.path, section)
        active = active or any(child.active for child in children)
        yield MenuEntry(section.label, url, section.icon, active, children)


def _begins(path: str, section: Section) -> bool:
    return any(
        path.startswith(reverse(f"backoffice:{route}")) for route in (section.route, section.onward) if route
    )


def _one_active(entries: tuple[MenuEntry, ...]) -> tuple[MenuEntry, ...]:
    """Of two entries whose addresses begin alike, the longer one is where we are."""
    best = max((entry for entry in entries if entry.active), key=lambda entry: len(entry.url), default=None)
    return tuple(replace(entry, active=entry is best) for entry in entries)
