"""What a cell means: from text to the value of a field, or in words what would be right."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from django.utils.translation import gettext as _

from paygate.addresses import COUNTRIES
from paygate.languages import LANGUAGES
from paygate.mail.mailbox import MailboxRefused, parse_mailbox, parse_mailboxes
from paygate.merchants.letter_words import WordsRefused, check, tidy
from paygate.merchants.models import Booking, LetterKind
from paygate.merchants.preferences import ATTEMPTS
from paygate.offers.models import AskEmail
from paygate.refusals import Refusal
from paygate.threeds.liability import Condition
from paygate.uploads.columns import Column, Holds, normal


class CellRefused(Refusal):
    """A cell cannot be read. The words say what would be right."""

    code = "CELL_REFUSED"


@dataclass(frozen=True, slots=True)
class Known:
    """What names in cells stand for at this merchant, and when and where it is."""

    now: datetime
    zone: ZoneInfo
    designs: Mapping[str, int] = field(default_factory=dict)  # by their names
    templates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # the kept terms, by their names


def _names(*rows: tuple[Any, str]) -> Mapping[str, Any]:
    return {normal(name): value for value, names in rows for name in names.split(" | ")}


_YES_NO: Final = _names(
    (True, "yes | y | true | 1 | x | ja | j | wahr | oui | o | vrai | si | sì | s | vero"),
    (False, "no | n | false | 0 | nein | falsch | non | faux | falso"),
)
_BOOKINGS: Final = _names(
    (Booking.FINAL, "FINAL | authorization | authorisation | autorisierung | autorisation | autorizzazione"),
    (
        Booking.PRE_AUTHORIZATION,
        "PRE_AUTHORIZATION | pre-authorisation | vorautorisierung | autorisation préalable",
    ),
    (Booking.PRE_AUTHORIZATION, "préautorisation | preautorizzazione | autorizzazione preliminare"),
    (Booking.AUTOMATIC, "AUTOMATIC | automatic booking | automatisch | automatische verbuchung"),
    (
        Booking.AUTOMATIC,
        "automatique | comptabilisation automatique | automatico | contabilizzazione automatica",
    ),
)
_CONDITIONS: Final = _names(
    (Condition.NONE, "NONE | no condition | keine | keine bedingung | aucune | aucune condition | nessuna"),
    (
        Condition.ATTEMPTED,
        f"LIABILITY_SHIFT | {Condition.ATTEMPTED} | haftungsumkehr | transfert de responsabilité",
    ),
    (Condition.CHALLENGE, f"CHALLENGE | {Condition.CHALLENGE} | authentication"),
    (Condition.CHALLENGE, "authentifizierung | authentification | autenticazione"),
)
_ASK_EMAIL: Final = _names(
    (AskEmail.NO, "NO | nein | non | 0"),
    (AskEmail.OPTIONAL, "OPTIONAL | freiwillig | facultatif | facoltativo | opzionale"),
    (AskEmail.MANDATORY, "MANDATORY | yes | ja | oui | sì | pflicht | obligatoire | obbligatorio | required"),
)
_NO_LIMIT: Final = _names(
    (0, "no limit | unlimited | unbegrenzt | ohne limite | illimité | sans limite | illimitato")
)

_DAYS: Final = r"(?:[dtjg]|days?|tagen?|tage?|jours?|giorni|giorno)"
_AHEAD: Final = re.compile(rf"\+\s*(\d{{1,4}})\s*{_DAYS}?|(\d{{1,4}})\s*{_DAYS}", re.IGNORECASE)
_TIME: Final = r"(?:[T ,]+(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?)?"
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})" + _TIME)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})" + _TIME)


def _of_these(text: str, names: Mapping[str, Any], right: Iterable[str]) -> Any:
    try:
        return names[normal(text)]
    except KeyError:
        raise _one_of(right) from None


def _one_of(right: Iterable[str]) -> CellRefused:
    return CellRefused(_("Write one of these: %(values)s.") % {"values": ", ".join(right)})


def _words(column: Column, text: str, _known: Known) -> str:
    kind, part = column.key.split("_", 1)
    tidied = tidy(part, text)
    try:
        check(part, tidied, LetterKind.OFFER if kind == "letter" else LetterKind.CONFIRMATION)
    except WordsRefused as refused:
        raise CellRefused(refused.words) from None
    return tidied


_PLAIN_LOCAL: Final = re.compile(r"(?:[A-Za-z0-9_+-]+\.)*[A-Za-z0-9_+-]+", re.ASCII)


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str:
    """A domain as mailboxes have it. Most addresses of a file are at a few of them."""
    return parse_mailbox(f"x@{domain}").removeprefix("x@")


def _mailbox(_column: Column, text: str, _known: Known) -> str:
    local, _at, domain = text.partition("@")
    try:
        if len(local) <= 64 and _PLAIN_LOCAL.fullmatch(local) and len(text) < 200:
            return f"{local}@{_domain(domain)}"
        return parse_mailbox(text)
    except MailboxRefused as refused:
        raise CellRefused(refused.words) from None


def _mailboxes(_column: Column, text: str, _known: Known) -> tuple[str, ...]:
    try:
        return tuple(parse_mailboxes(text.replace(";", ",")))
    except MailboxRefused as refused:
        raise CellRefused(refused.words) from None


def _expiry(_column: Column, text: str, known: Known) -> datetime:
    """Days ahead, or a moment in the merchant's zone; a day without a time ends at its last minute (TM-5)."""
    if ahead := _AHEAD.fullmatch(text):
        return known.now + timedelta(days=int(ahead[1] or ahead[2]))
    found = _YEAR_FIRST.fullmatch(text)
    parts = found.groups() if found else ()
    if not found and (found := _DAY_FIRST.fullmatch(text)):
        parts = (found[3], found[2], found[1], *found.groups()[3:])
    if not found:
        raise CellRefused(
            _("Write a date such as 2026-12-31 or 31.12.2026, with a time if you like, or days such as +14d.")
        )
    year, month, day, hour, minute, second = (int(part) if part else None for part in parts)
    try:
        on = date(year or 0, month or 0, day or 0)
        at = time(23, 59) if hour is None else time(hour, minute or 0, second or 0)
    except ValueError:
        raise CellRefused(_("There is no such day or time.")) from None
    if not 2000 <= on.year <= 2200:
        raise CellRefused(_("The link can be valid for at most 180 days."))
    moment = datetime.combine(on, at, known.zone)
    if moment.astimezone(UTC).astimezone(known.zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
        words = _("The clocks go forward on that day: there is no %(time)s. Choose another time.")
        raise CellRefused(words % {"time": f"{at:%H:%M}"})
    return moment


def _language(_column: Column, text: str, _known: Known) -> str:
    return str(_of_these(text, _language_names(), LANGUAGES))


@cache
def _language_names() -> Mapping[str, str]:
    names = {normal(name): code for code, name in LANGUAGES.items()}
    for code in LANGUAGES:
        names |= {normal(str(Locale(other).languages[code])): code for other in LANGUAGES}
        names |= {normal(code): code, normal(f"{code}-CH"): code}
    return names


def _attempts(_column: Column, text: str, _known: Known) -> int:
    if text.isascii() and text.isdigit() and len(text) < 4 and int(text) in ATTEMPTS:
        return int(text)
    return int(_of_these(text, _NO_LIMIT, map(str, ATTEMPTS)))


def _country(_column: Column, text: str, _known: Known) -> str:
    code = text.upper()
    if code in COUNTRIES:
        return code
    try:
        return _country_names()[normal(text)]
    except KeyError:
        raise CellRefused(_("Write the two letters of a country, such as CH, or its name.")) from None


@cache
def _country_names() -> Mapping[str, str]:
    return {
        normal(str(Locale(language).territories[code])): code
        for language in LANGUAGES
        for code in COUNTRIES
        if code in Locale(language).territories
    }


def _named(text: str, names: Mapping[str, Any], nothing: str) -> Any:
    """Something of the merchant's own, by the name it has there; capitals and spaces do not matter."""
    if text in names:
        return names[text]
    for name, value in names.items():
        if normal(name) == normal(text):
            return value
    raise _one_of([f"“{name}”" for name in list(names)[:10]]) if names else CellRefused(nothing)


def _design(_column: Column, text: str, known: Known) -> Any:
    return _named(text, known.designs, _("You have no payment page configuration. Leave this cell empty."))


def _template(_column: Column, text: str, known: Known) -> Any:
    return _named(text, known.templates, _("You have no template. Leave this cell empty."))


def _choice(names: Mapping[str, Any], *right: str) -> Callable[[Column, str, Known], Any]:
    return lambda _column, text, _known: _of_these(text, names, right)


# How a cell that is not empty is read. Lines are taken as they are, and amounts are read with their currency.
READERS: Final[Mapping[Holds, Callable[[Column, str, Known], Any]]] = {
    Holds.CURRENCY: lambda _column, text, _known: text.upper(),
    Holds.WORDS: _words,
    Holds.MAILBOX: _mailbox,
    Holds.MAILBOXES: _mailboxes,
    Holds.YES_NO: lambda _column, text, _known: _of_these(text, _YES_NO, (_("yes"), _("no"))),
    Holds.EXPIRY: _expiry,
    Holds.BOOKING: _choice(_BOOKINGS, *Booking.values),
    Holds.CONDITION: _choice(_CONDITIONS, "NONE", "LIABILITY_SHIFT", "CHALLENGE"),
    Holds.LANGUAGE: _language,
    Holds.ATTEMPTS: _attempts,
    Holds.ASK_EMAIL: _choice(_ASK_EMAIL, *AskEmail.values),
    Holds.COUNTRY: _country,
    Holds.DESIGN: _design,
    Holds.TEMPLATE: _template,
}
