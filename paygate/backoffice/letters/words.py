"""Sign, colour and word for how far a letter got; what each kind of letter is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from paygate.mail.models import Mail
from paygate.mail.states import MailState


@dataclass(frozen=True, slots=True)
class Mark:
    """What the macro `mark` draws."""

    shape: str
    tone: str
    label: str | Promise


KINDS: Final[Mapping[str, str | Promise]] = {
    "offer": _("Offer to the buyer"),
    "confirmation": _("Confirmation to the buyer"),
    "not_paid": _("Not paid, to the buyer"),
    "notice": _("Payment notification"),
    "returned": _("Letter that came back"),
}


def what_sending_does() -> str:
    """What becomes of a letter to the buyer that was just queued: without a mail server it goes nowhere."""
    if settings.EMAIL_URL:
        return gettext("The e-mail to the buyer is on its way.")
    return gettext("No mail server is set up: the e-mail to the buyer is only kept under Letters.")


def what_sending_each_does(count: int) -> str:
    """The same of letters to several buyers, each one about another offer."""
    if settings.EMAIL_URL:
        words = ngettext(
            "%(count)d e-mail to a buyer is on its way.",
            "%(count)d e-mails to buyers are on their way.",
            count,
        )
    else:
        words = ngettext(
            "No mail server is set up: %(count)d e-mail to a buyer is only kept under Letters.",
            "No mail server is set up: %(count)d e-mails to buyers are only kept under Letters.",
            count,
        )
    return words % {"count": count}


def what_sending_again_does() -> str:
    """The same of any letter that was given up before."""
    if settings.EMAIL_URL:
        return gettext("The letter is on its way again.")
    return gettext("No mail server is set up: the letter is only kept under Letters.")


def mail_mark(mail: Mail) -> Mark:
    """Sent means that a mail server took it; where none is set, a letter is kept here only."""
    if mail.bounced_at:
        return Mark("cross", "wrong", _("Not delivered: it came back"))
    if mail.state == MailState.GIVEN_UP:
        return Mark("cross", "wrong", _("Not sent"))
    if mail.state == MailState.QUEUED:
        return Mark("half", "warn", _("Trying again") if mail.tries else _("Waiting to be sent"))
    return (
        Mark("full", "good", _("Sent"))
        if mail.accepted_at
        else Mark("full", "grey", _("Not sent: no mail server set up"))
    )
