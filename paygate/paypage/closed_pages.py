"""What a link shows where nothing can be begun: paid, over, not open yet, taken back, or given up by the payer."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from paygate.checkout.models import Session
from paygate.links.payable import WhyClosed
from paygate.money.display import money_text
from paygate.offers.payable import WhyNot
from paygate.paypage.frame import ended
from paygate.paypage.fronts import Front, moment

CLOSED_PAGES: Final[Mapping[WhyNot, str]] = {
    WhyNot.PAID: "paid",
    WhyNot.EXPIRED: "expired",
    WhyNot.DISABLED: "disabled",
    WhyNot.IN_PROGRESS: "in_progress",
}

# What main's data-step says, in the words of the contract; data-why says more.
CLOSED_STEPS: Final[Mapping[WhyClosed, str]] = {
    WhyClosed.NOT_BEGUN: "disabled",
    WhyClosed.ENDED: "expired",
    WhyClosed.USED_UP: "disabled",
    WhyClosed.ALL_TAKEN: "in-progress",
    WhyClosed.DELETED: "disabled",
}


def closed(request: HttpRequest, front: Front, why: WhyNot | WhyClosed) -> HttpResponseBase:
    """Why the link cannot be paid now. No personal data and no reference (safety.md LN-3)."""
    if isinstance(why, WhyClosed):
        return _link_closed(request, front, why)
    titles = {
        WhyNot.PAID: _("This has been paid"),
        WhyNot.EXPIRED: _("This payment link has expired"),
        WhyNot.DISABLED: _("This payment link is no longer available"),
        WhyNot.IN_PROGRESS: _("This is being paid at the moment"),
    }
    values: dict[str, Any] = {**front.appearance, "title": titles[why]}
    if why is WhyNot.PAID:
        values["lead"] = _("Thank you. There is nothing left to pay.")
    if why is WhyNot.IN_PROGRESS:
        values["status_url"] = front.status
    return ended(request, CLOSED_PAGES[why], titles[why], values)


def _link_closed(request: HttpRequest, front: Front, why: WhyClosed) -> HttpResponseBase:
    """Why a multi-use link takes no payment now, or not yet."""
    titles = {
        WhyClosed.NOT_BEGUN: _("This payment link is not open yet"),
        WhyClosed.ENDED: _("This payment link has ended"),
        WhyClosed.USED_UP: _("No more payments are taken here"),
        WhyClosed.ALL_TAKEN: _("The last payments are being made at the moment"),
        WhyClosed.DELETED: _("This payment link is no longer available"),
    }
    leads = {
        WhyClosed.ENDED: _(
            "Nothing can be paid here any more. Please ask the seller if you expected otherwise."
        ),
        WhyClosed.USED_UP: _(
            "As many payments were made as the seller wanted. Nothing has been charged to you."
        ),
        WhyClosed.ALL_TAKEN: _(
            "Please look again in a few minutes: perhaps one of them does not go through."
        ),
        WhyClosed.DELETED: _("Nothing can be paid here. Please ask the seller if you expected otherwise."),
    }
    if front.begins_at:
        leads[WhyClosed.NOT_BEGUN] = _("It opens on %(when)s.") % {
            "when": moment(front.begins_at, front.merchant.zone)
        }
    values = {
        **front.appearance,
        "closed_step": CLOSED_STEPS[why],
        "why": why.lower().replace("_", "-"),
        "title": titles[why],
        "lead": leads.get(why, ""),
    }
    return ended(request, "link_closed", titles[why], values)


def checked_elsewhere(request: HttpRequest, front: Front) -> HttpResponseBase:
    """Another browser's payment has no answer yet: the one text there is for it (safety.md OC-11)."""
    title = _("We are checking a payment")
    lead = _("A payment for this link is being checked with the bank. Please do not pay again.")
    values = {**front.appearance, "title": title, "lead": lead, "status_url": f"{front.status}?checking"}
    return ended(request, "in_progress", title, values)


def aborted(request: HttpRequest, front: Front) -> HttpResponseBase:
    """The payer gave up before anything was begun."""
    values = {**front.appearance, "retry_href": front.here, "facts": facts_of(front)}
    return ended(request, "aborted", _("You canceled the payment"), values)


def facts_of(about: Front | Session) -> list[tuple[str, str]]:
    """What a page says about a payment that was not made; nothing about the payer (safety.md LN-3)."""
    amount = about.amount
    return [
        *([(_("Amount"), money_text(amount, translation.get_language() or "en"))] if amount else []),
        (_("For"), about.description),
        *([(_("Reference"), about.reference)] if about.reference else []),
    ]
