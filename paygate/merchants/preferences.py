"""A merchant's settings of Secure PayGate: what they are, what may stand in them, and when they are complete."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import changes, record
from paygate.languages import LANGUAGES
from paygate.mail.mailbox import MailboxRefused, one_line, parse_mailbox, parse_mailboxes, parse_sender_local
from paygate.merchants.models import Booking, LetterKind, LetterWords, Preferences, TermsFile
from paygate.merchants.own_pages import PLACEHOLDER, problem_of
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import Kind, Refusal
from paygate.tenants.kept import Given, Kept
from paygate.tenants.models import Merchant

ATTEMPTS: Final = (0, 1, 3, 5, 10)  # behaviour.md M-3; 0 is without limit
LONGEST_WEBSITE: Final = 200
LONGEST_ADDRESS: Final = 200
TOLD_OF_PAYMENTS: Final = ("notify_emails", "notify_url")

_PREFERENCES: Final = Kept(
    lambda: (
        Preferences.objects.filter(merchant_id=Given("merchant_id", Merchant._meta.pk))
        .annotate(
            terms=Exists(TermsFile.objects.filter(merchant_id=OuterRef("merchant_id"), replaced_at=None)),
            confirmation_words=Exists(
                LetterWords.objects.filter(merchant_id=OuterRef("merchant_id"), kind=LetterKind.CONFIRMATION)
            ),
        )
        .order_by("pk")
    )
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field."""

    field: str
    words: str | Promise


class PreferencesRefused(Refusal):
    """The settings have problems; nothing was changed."""

    code = "PREFERENCES_REFUSED"
    kind = Kind.INVALID

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem.words) for problem in problems), field=problems[0].field)
        self.problems = problems


class SettingsIncomplete(Refusal):
    """Secure PayGate is not usable before its settings are complete (SPG-SET-01)."""

    code = "SETTINGS_INCOMPLETE"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("Complete the settings of Secure PayGate first."))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The settings as somebody typed them."""

    notify_emails: str  # separated by commas, SPG-SET-02
    booking: str  # SPG-SET-03
    language: str  # of letters, where an offer names none
    max_attempts: int
    sender_local: str  # SPG-SET-26
    reply_to: str  # SPG-SET-30
    archive_email: str = ""  # BCC, SPG-SET-28
    own_pages: bool = False  # SPG-SET-11, 12
    success_url: str = ""  # SPG-SET-13
    failure_url: str = ""
    abort_url: str = ""
    notify_server: bool = False  # SPG-SET-22
    notify_url: str = ""
    website: str = ""
    address: str = ""  # postal, on one line


def change_preferences(merchant_id: int, wanted: Wanted, *, by: Actor, now: datetime) -> Preferences:
    """These are the settings from now on; the first time, Secure PayGate becomes usable (SPG-SET-34, 37).

    Raises `PreferencesRefused` with every problem, or `NotPermitted`.
    """
    by.require(Permission.EDIT_SETTINGS)
    read = _Reading(wanted)
    with transaction.atomic():
        found = Preferences.objects.select_for_update().filter(merchant_id=merchant_id).first()
        if not TermsFile.objects.filter(merchant_id=merchant_id, replaced_at=None).exists():
            words = _("Attach your terms and conditions in at least one language.")
            read.problems.append(Problem("terms", words))
        if read.problems:
            raise PreferencesRefused(read.problems)
        preferences = found or Preferences(merchant_id=merchant_id)
        changed = changes({name: getattr(preferences, name) for name in read.columns}, read.columns)
        for name, value in read.columns.items():
            setattr(preferences, name, value)
        preferences.complete_since = preferences.complete_since or now
        preferences.save()
        if changed:
            record(Action.SETTINGS_CHANGED, merchant_id=merchant_id, by=by.name, detail=changed, now=now)
    return preferences


def problems_in(wanted: Wanted) -> list[Problem]:
    """What is wrong with what was typed, whatever else there is."""
    return _Reading(wanted).problems


def tells_others(merchant_id: int, wanted: Wanted) -> bool:
    """Would other addresses than now be told of payments (safety.md AU-3)? False for what is refused anyway."""
    read, present = _Reading(wanted), preferences_of(merchant_id)
    return not read.problems and any(
        getattr(present, name) != read.columns[name] for name in TOLD_OF_PAYMENTS
    )


class _Reading:
    """What was typed, as columns; and what is wrong with it."""

    def __init__(self, wanted: Wanted) -> None:
        self.problems: list[Problem] = []
        self.columns: dict[str, Any] = dict(self._read(wanted))

    def _read(self, wanted: Wanted) -> Iterator[tuple[str, object]]:
        yield "notify_emails", self._parsed("notify_emails", _several, wanted.notify_emails)
        yield "sender_local", self._parsed("sender_local", parse_sender_local, wanted.sender_local)
        yield "reply_to", self._parsed("reply_to", parse_mailbox, wanted.reply_to)
        archive = wanted.archive_email.strip(" ")
        yield "archive_email", self._parsed("archive_email", parse_mailbox, archive) if archive else ""
        yield "booking", self._one_of("booking", wanted.booking, tuple(Booking.values))
        yield "language", self._one_of("language", wanted.language, tuple(LANGUAGES))
        yield "max_attempts", self._one_of("max_attempts", wanted.max_attempts, ATTEMPTS)
        yield "own_pages", wanted.own_pages
        if wanted.own_pages:  # else the addresses stay as they were, for the day they are wanted again
            for name in ("success_url", "failure_url", "abort_url"):
                yield name, self._address(name, getattr(wanted, name))
        yield "notify_url", self._address("notify_url", wanted.notify_url) if wanted.notify_server else ""
        yield "website", self._website(wanted.website)
        yield "address", self._at_most("address", one_line(wanted.address, limit=1000), LONGEST_ADDRESS)

    def _say(self, field: str, words: str | Promise) -> None:
        self.problems.append(Problem(field, words))

    def _parsed(self, field: str, parse: Callable[[str], object], typed: str) -> object:
        try:
            return parse(typed)
        except MailboxRefused as refused:
            self._say(field, refused.words)
            return None

    def _one_of(self, field: str, value: object, values: tuple[object, ...]) -> object:
        if value not in values:
            self._say(field, _("Choose one of the values in the list."))
        return value

    def _address(self, field: str, typed: str) -> str:
        problem = problem_of(typed)
        if problem:
            self._say(field, problem)
        return typed

    def _website(self, typed: str) -> str:
        if PLACEHOLDER in typed:
            self._say("website", _("This address stands in letters as it is. It takes no placeholder."))
        return self._at_most("website", self._address("website", typed) if typed else "", LONGEST_WEBSITE)

    def _at_most(self, field: str, text: str, limit: int) -> str:
        if len(text) > limit:
            self._say(field, _("Write at most %(limit)d characters.") % {"limit": limit})
        return text


def _several(typed: str) -> list[str]:
    mailboxes = parse_mailboxes(typed)
    if not mailboxes:
        raise MailboxRefused(_("Enter an e-mail address."))
    return mailboxes


def preferences_of(merchant_id: int) -> Preferences:
    """The settings; the defaults while nothing was saved."""
    found = _PREFERENCES.first(merchant_id=merchant_id)
    return found or Preferences(merchant_id=merchant_id)


def require_complete(merchant_id: int) -> None:
    """Raises `SettingsIncomplete` until the settings were saved whole for the first time (SPG-SET-01)."""
    if preferences_of(merchant_id).complete_since is None:
        raise SettingsIncomplete


def has_terms(preferences: Preferences) -> bool:
    """Has the merchant terms in any language? Known with the settings, so that most need not be asked for more."""
    return bool(preferences.__dict__.get("terms", True))


def has_confirmation_words(preferences: Preferences) -> bool:
    """Has the merchant words of its own for confirmations, in any language? Known with the settings too."""
    return bool(preferences.__dict__.get("confirmation_words", True))


def terms_in(merchant_id: int, language: str) -> TermsFile | None:
    """The terms in this language, if the merchant has any (SPG-SET-36)."""
    return TermsFile.objects.filter(merchant_id=merchant_id, language=language, replaced_at=None).first()
