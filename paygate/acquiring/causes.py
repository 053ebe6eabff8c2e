"""Why an acquirer's answer did not count, or why it refused a batch: words of our own, and what people read of them."""

from typing import Final

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paygate.outbound.causes import Cause

_STATUS: Final = "http_"


class Doubt(models.TextChoices):
    """Why there is no answer though the connection held (safety.md OC-2). Names are added and never changed."""

    UNREADABLE = "unreadable", gettext_lazy("the answer could not be read")
    CONTRADICTORY = "contradictory", gettext_lazy("two answers came, and they contradict each other")
    OPERATION = "operation", gettext_lazy("the answer is about something else than was asked")
    REFERENCE = "reference", gettext_lazy("the answer carries another reference than the question")
    TERMINAL = "terminal", gettext_lazy("the answer names another terminal")
    CURRENCY = "currency", gettext_lazy("the answer names another currency")
    ORIGINAL = "original", gettext_lazy("the answer names another original transaction")
    AMOUNT = "amount", gettext_lazy("the answer names another amount")
    PARTIAL = "partial", gettext_lazy("approved for less than was asked")
    CODE = "code", gettext_lazy("the answer carries a code that nobody knows")
    NO_APPROVAL_CODE = "no_approval_code", gettext_lazy("approved without an approval code")
    NO_TOKEN = "no_token", gettext_lazy("agreed without saying what to charge")
    TOTALS = "totals", gettext_lazy("the acquirer's totals are not ours")
    NEVER_LEFT = "lease ran out before sending", gettext_lazy("it was never sent")
    NOBODY_ANSWERED = "nobody answered", gettext_lazy("nobody answered")
    NOT_ACKNOWLEDGED = "not acknowledged", gettext_lazy("it was not acknowledged")


class BatchRefusal(models.TextChoices):
    """Why the acquirer refused a batch. Names are added and never changed."""

    TOTALS = "totals", gettext_lazy("the totals differ from the acquirer's")
    LINE = "line", gettext_lazy("the acquirer does not know one of the bookings")
    OTHER_CONTENT = (
        "other_content",
        gettext_lazy("the acquirer has a batch of this number with other contents"),
    )


def http_status(code: int) -> str:
    """The other side answered with this HTTP status."""
    return f"{_STATUS}{code}"


def why_no_answer(cause: str) -> str:
    """In words; a connector of somebody else's may have words of its own, which stand as they are."""
    if cause.startswith(_STATUS):
        return _("it answered with status %(status)s") % {"status": cause.removeprefix(_STATUS)}
    for known in (Cause, Doubt):
        if cause in known.values:
            return str(known(cause).label)
    return cause


def why_batch_refused(cause: str) -> str:
    """The same of a batch."""
    return str(BatchRefusal(cause).label) if cause in BatchRefusal.values else cause
