"""The story of an offer or a payment, newest first, in words for people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paygate.credentials.models import Credential
from paygate.journal.movements import BY_PAYER
from paygate.lifecycle.models import Step
from paygate.merchants.models import Member


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a story; `tone` is "", good, wrong or warn."""

    title: str
    at: datetime
    text: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """How a cause in a history is told."""

    title: str | Promise
    tone: str = ""
    who: str = ""  # whose deed it was, where whoever brought the news may be somebody else


PROGRAM: Final = "api:"  # what the name of a program begins with in histories

# What the rooms write as cause; what is not here is told by the name of the new state.
WORDS: Final[Mapping[tuple[str, str], Wording]] = {
    ("offers.Offer", "created"): Wording(gettext_lazy("Created")),
    ("offers.Offer", "taken back"): Wording(gettext_lazy("Disabled"), "warn"),
    ("offers.Offer", "restored"): Wording(gettext_lazy("Restored")),
    ("offers.Offer", "attempts used up"): Wording(gettext_lazy("Disabled: no attempts left"), "warn"),
    ("offers.Offer", "payment succeeded"): Wording(gettext_lazy("Paid"), "good"),
    ("offers.Offer", "deadline passed"): Wording(gettext_lazy("Expired"), "wrong"),
    ("links.Link", "created"): Wording(gettext_lazy("Created")),
    ("links.Link", "deleted"): Wording(gettext_lazy("Deleted"), "warn"),
    ("links.Link", "restored"): Wording(gettext_lazy("Restored")),
    ("journal.Entry", "payment begun"): Wording(gettext_lazy("Payment begun")),
    ("journal.Entry", "authorized"): Wording(gettext_lazy("Reserved"), "good"),
    ("journal.Entry", "booked"): Wording(gettext_lazy("Booked"), "good"),
    ("journal.Entry", "single message"): Wording(gettext_lazy("Booked at once"), "good"),
    ("journal.Entry", "refund begun"): Wording(gettext_lazy("Refund begun")),
    ("journal.Entry", "refund approved"): Wording(gettext_lazy("Approved by the acquirer"), "good"),
    ("journal.Entry", "refund booked"): Wording(gettext_lazy("Refunded"), "good"),
    ("journal.Entry", "canceled"): Wording(gettext_lazy("Canceled"), "warn"),
    ("journal.Entry", "given back"): Wording(gettext_lazy("Given back"), "warn"),
    ("journal.Entry", "found in the acquirer's list"): Wording(gettext_lazy("Found at the acquirer")),
    ("journal.Entry", "declined"): Wording(gettext_lazy("Declined"), "wrong"),
    ("journal.Entry", BY_PAYER): Wording(gettext_lazy("Canceled"), "warn", who="payer"),
    ("journal.Entry", "failed"): Wording(gettext_lazy("Not sent"), "wrong"),
}


def told(
    steps: Iterable[Step], names: Mapping[str, str], states: Mapping[str, str | Promise]
) -> list[Moment]:
    """The steps of one row as lines of a story; `states` has the words for its states."""
    return [_line(step, names, states) for step in steps]


def _line(step: Step, names: Mapping[str, str], states: Mapping[str, str | Promise]) -> Moment:
    wording = WORDS.get((step.subject, step.cause)) or Wording(states.get(step.new, step.new))
    who = name_of(wording.who or step.by, names)
    return Moment(str(wording.title), step.at, _("by %(name)s") % {"name": who}, wording.tone)


def newest_first(moments: Iterable[Moment]) -> list[Moment]:
    """One story from several; of two lines of one moment, the later written one is on top."""
    return sorted(moments, key=lambda moment: moment.at)[::-1]


def names_at(merchant_id: int) -> dict[str, str]:
    """Who stands behind the short names in histories: each member of the merchant."""
    members = Member.objects.filter(merchant_id=merchant_id).select_related("user")
    return {f"member:{member.pk}": member.user.name or member.user.email for member in members}


def programs_at(merchant_id: int) -> dict[str, str]:
    """The programs that ever signed in for the merchant, as histories name them and by their own names."""
    credentials = Credential.objects.filter(merchant_id=merchant_id)
    return {f"{PROGRAM}{name}": name for name in credentials.values_list("user_name", flat=True)}


def name_of(by: str, names: Mapping[str, str]) -> str:
    """The person, or what else acted, in words; a program by the name with which it signs in."""
    if by in names:
        return names[by]
    if by.startswith(PROGRAM):
        return by.removeprefix(PROGRAM)
    return {"payer": _("the buyer"), "system": "PayGate"}.get(by.partition(":")[0], _("a former member"))
