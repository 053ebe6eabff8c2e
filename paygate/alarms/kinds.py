"""The table of alarms: what is wrong, and what whoever reads it can do about it (safety.md LG-6)."""

from collections.abc import Mapping
from typing import Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AlarmKind(TextChoices):
    """What is wrong, in the words of the dashboard."""

    BOOKS = "BOOKS", _("Your journal and the acquirer's books do not agree.")
    WAITING = "WAITING", _("A question to the acquirer waits, and nobody asks again.")
    HISTORY = "HISTORY", _("A record does not fit its own history.")
    LIABILITY = "LIABILITY", _("A payment does not fit the result of its 3-D Secure check.")
    LETTERS = "LETTERS", _("A letter about a payment is missing.")
    CARD_DATA = "CARD_DATA", _("Something that looks like a card number is stored where none belongs.")


_TO_PROVIDER: Final = _("Please tell your provider.")

WHAT_TO_DO: Final[Mapping[AlarmKind, str | Promise]] = {
    AlarmKind.BOOKS: _(
        "Please tell your provider, and do not book or cancel the payments concerned until it is cleared up."
    ),
    AlarmKind.WAITING: _("Please tell your provider. Do not ask the buyer to pay again."),
    AlarmKind.HISTORY: _TO_PROVIDER,
    AlarmKind.LIABILITY: _("Please tell your provider before you deliver."),
    AlarmKind.LETTERS: _("Look the payment up in the journal, and write to the buyer yourself if need be."),
    AlarmKind.CARD_DATA: _TO_PROVIDER,
}
