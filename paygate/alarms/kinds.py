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
    REVIEW = "REVIEW", _("Nobody could find out what became of something. Two people must decide.")
    GIVE_BACK = "GIVE_BACK", _("Money that must not be kept is not given back yet.")
    BATCH = "BATCH", _("A batch is not with the acquirer.")
    ORPHAN = "ORPHAN", _("The acquirer's list has a booking that your journal does not know.")
    MISSING = "MISSING", _("The acquirer's list lacks a payment of your journal.")
    CONTRADICTION = "CONTRADICTION", _("The acquirer has answered twice, and not the same.")
    DECLINES = "DECLINES", _("Many more payments are declined than usual.")
    REPAIR = "REPAIR", _("What is unanswered is not asked about.")
    MAIL = "MAIL", _("Letters wait for more than an hour.")
    CALLS = "CALLS", _("Your server has not taken our calls for more than 15 minutes.")
    DISK = "DISK", _("The disk is nearly full.")
    CLOCK = "CLOCK", _("The clocks of this machine and of the database do not agree.")


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
    AlarmKind.REVIEW: _("See under “To decide” what is known about it."),
    AlarmKind.GIVE_BACK: _("We try again for up to seven days. If you can, ask the acquirer about it."),
    AlarmKind.BATCH: _("Look at the batch, and file it again where it was refused."),
    AlarmKind.ORPHAN: _("Please ask the acquirer about it, and tell your provider."),
    AlarmKind.MISSING: _(
        "It cannot be booked until the acquirer knows it. Please ask the acquirer about it."
    ),
    AlarmKind.CONTRADICTION: _(
        "Nothing is kept that we counted as refused. Please ask the acquirer about it."
    ),
    AlarmKind.DECLINES: _("Somebody may be trying out cards. Look at the declined payments in the journal."),
    AlarmKind.REPAIR: _TO_PROVIDER,
    AlarmKind.MAIL: _TO_PROVIDER,
    AlarmKind.CALLS: _(
        "Look after your server, and at the notification address in the settings. We try again for up to 72 hours."
    ),
    AlarmKind.DISK: _TO_PROVIDER,
    AlarmKind.CLOCK: _TO_PROVIDER,
}
