"""The offers of the overview as rows of a file."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from paygate.offers.models import Offer
from paygate.spreadsheets import Cell

COLUMNS: Final = (
    "OfferId", "Created", "CreatedBy", "Status", "Sent", "Description", "Amount", "Currency", "Expires", "Reference",
    "Changed", "ChangedBy", "Terminal", "TerminalDescription", "Application", "Buyer", "Paid",
)  # fmt: skip


def export_rows(
    offers: Iterable[Offer], *, name_of: Callable[[str], str], zone: ZoneInfo, now: datetime
) -> Iterator[list[Cell]]:
    """One row for each offer, in the order given; moments in the merchant's zone. `name_of` says who somebody is."""
    for offer in offers:
        yield [
            str(offer.pk),
            offer.created_at.astimezone(zone),
            name_of(offer.created_by),
            offer.state_at(now).value,
            offer.sent_at.astimezone(zone) if offer.sent_at else None,
            offer.description,
            offer.amount.decimal,
            offer.currency,
            offer.expires_at.astimezone(zone),
            offer.reference,
            offer.changed_at.astimezone(zone),
            name_of(offer.changed_by),
            offer.terminal.number,
            offer.terminal.description,
            offer.get_source_display(),
            offer.payer_email,
            offer.paid_at.astimezone(zone) if offer.paid_at else None,
        ]
