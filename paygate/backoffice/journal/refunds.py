"""What the page of a payment says of its refunds."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from paygate.backoffice.journal.forms import RefundForm
from paygate.backoffice.journal.words import marks_of
from paygate.backoffice.visit import Visit
from paygate.journal.find import refunds_of
from paygate.journal.models import Entry
from paygate.journal.parts import booked_parts
from paygate.journal.refund import left_to_refund, may_refund
from paygate.journal.refund_proposals import open_proposal
from paygate.merchants.roles import Permission
from paygate.methods import METHODS, Refund
from paygate.money.amount import Money
from paygate.money.display import money_text, plain


def refund_form(entry: Entry, data: QueryDict | None = None) -> RefundForm:
    """With what is proposed; of a payment in parts, with the parts to choose from."""
    parts = [(part, left_to_refund(entry, part)) for part in booked_parts(entry)]
    language = get_language() or "en"
    choices = [
        (
            str(part.pk),
            _("Part %(number)d (%(name)s): %(left)s left")
            % {"number": part.part_number, "name": part.part, "left": money_text(left, language)},
        )
        for part, left in parts
        if left.minor
    ]
    initial = {"amount": plain(_proposed(entry)), "part": choices[0][0] if choices else ""}
    return RefundForm(data, parts=choices, currency=entry.currency, initial=initial, prefix="refund")


def _proposed(entry: Entry) -> Money:
    """All that is left; of a payment in parts, of the first part that has something left."""
    lefts = [left_to_refund(entry, part) for part in booked_parts(entry)]
    return next((left for left in lefts if left.minor), lefts[0] if lefts else left_to_refund(entry))


def refund_parts(request: Visit, entry: Entry, form: RefundForm | None) -> dict[str, Any]:
    """The form, while there is something left to pay back; what was paid back; what waits for a second person."""
    refunds = [] if entry.is_refund or not entry.succeeded else refunds_of(entry)
    may = Permission.REFUND in request.actor.permissions
    proposal = open_proposal(entry) if entry.booked_minor else None
    left = _proposed(entry) if may and not proposal and not entry.held_back_since else None
    if left is not None and not (left.minor and may_refund(entry)):
        left = None
    if left is not None and form is None:
        form = refund_form(entry)
    return {
        "refunds": refunds,
        "refund_mark": marks_of(refunds),
        "refunded": entry.refunded if entry.refunded_minor else None,
        "refund_left": left,
        "refund_form": form if left is not None else None,
        "refund_by_bank": bool(entry.booked_minor) and METHODS[entry.method].refund is Refund.EXPORT,
        "proposal": proposal,
        "may_refund": may,
        "proposed_by_me": proposal is not None and proposal.proposed_by == request.actor.name,
    }
