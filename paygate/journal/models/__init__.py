"""The books: `Entry` (a payment or a refund), `Movement` (one step asked of the acquirer), `BookingPeriod`."""

from paygate.journal.models.decision import Decision, RefundProposal
from paygate.journal.models.entry import Entry, EntryType, Origin
from paygate.journal.models.movement import Kind, Movement
from paygate.journal.models.period import BookingPeriod, ReconciledDay

__all__ = [
    "BookingPeriod",
    "Decision",
    "Entry",
    "EntryType",
    "Kind",
    "Movement",
    "Origin",
    "ReconciledDay",
    "RefundProposal",
]
