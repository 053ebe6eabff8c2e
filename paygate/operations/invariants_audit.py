"""INV-19: the audit chain is unbroken, and each booking, cancellation and refund has its line."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db.models import CharField, Exists, F, Min, OuterRef, Value
from django.db.models.functions import Concat

from paygate.audit.actions import Action
from paygate.audit.chain import breaks, newest_before
from paygate.audit.models import AuditLine
from paygate.journal.models import Kind, Movement
from paygate.operations.invariants_view import Broken, View

LOOKED_BACK: Final = timedelta(days=7)  # `paygate verify-audit` reads the whole chain

LINES: Final = {
    Kind.CAPTURE: Action.CAPTURED,
    Kind.CANCEL: Action.CANCELED,
    Kind.RELEASE: Action.RELEASED,
    Kind.REFUND: Action.REFUNDED,
}


def the_chain_is_whole(view: View) -> Iterator[Broken]:
    """From the last checkpoint that is a week old."""
    for (merchant_id,) in AuditLine.objects.order_by().values_list("merchant_id").distinct():
        begins = newest_before(merchant_id, view.now - LOOKED_BACK)
        for what in breaks(merchant_id, since=begins, now=view.now):
            yield Broken(what, merchant_id)


def what_was_moved_has_its_line(view: View) -> Iterator[Broken]:
    """Of each merchant, since its first line: what was moved before the log began has none."""
    began = dict(AuditLine.objects.order_by().values_list("merchant_id").annotate(Min("at")))
    for kind, action in LINES.items():
        subject = Concat(Value("entry:"), OuterRef("entry__transaction_id"), output_field=CharField())
        line = AuditLine.objects.filter(merchant_id=OuterRef("merchant_id"), action=action, subject=subject)
        rows = Movement.objects.filter(~Exists(line.order_by()), kind=kind).order_by()
        for pk, merchant_id, at in rows.values_list("pk", F("merchant_id"), "asked_at"):
            if merchant_id in began and at >= began[merchant_id]:
                yield Broken(f"movement {pk} ({kind}) has no line in the audit log", merchant_id)
