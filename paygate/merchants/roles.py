"""The table of role and permissions: deny by default (safety.md AU-4)."""

from enum import StrEnum
from typing import Final

from paygate.merchants.models import Role


class Permission(StrEnum):
    """One thing a member may do."""

    SEE_OFFERS = "SEE_OFFERS"
    EDIT_OFFERS = "EDIT_OFFERS"
    SEE_JOURNAL = "SEE_JOURNAL"
    CAPTURE = "CAPTURE"
    CANCEL = "CANCEL"
    REFUND = "REFUND"
    CLOSE_BATCH = "CLOSE_BATCH"
    REVIEW = "REVIEW"  # say, or confirm, what became of something that nobody could find out (AU-5)
    SEE_LETTERS = "SEE_LETTERS"
    SEE_SETTINGS = "SEE_SETTINGS"
    EDIT_SETTINGS = "EDIT_SETTINGS"
    SEE_PEOPLE = "SEE_PEOPLE"
    EDIT_PEOPLE = "EDIT_PEOPLE"  # who works here, in which role, and whether a second factor is asked of all
    SEE_AUDIT = "SEE_AUDIT"


_READS: Final = frozenset(
    {Permission.SEE_OFFERS, Permission.SEE_JOURNAL, Permission.SEE_LETTERS, Permission.SEE_SETTINGS}
)

PERMISSIONS: Final[dict[str, frozenset[Permission]]] = {
    Role.READER: _READS,
    Role.CLERK: _READS | {Permission.EDIT_OFFERS},
    Role.CASHIER: _READS | {Permission.CAPTURE, Permission.CANCEL, Permission.CLOSE_BATCH},
    Role.REFUNDER: _READS | {Permission.REFUND},
    Role.AUDITOR: _READS | {Permission.SEE_PEOPLE, Permission.SEE_AUDIT},
    Role.MANAGER: frozenset(Permission) - {Permission.EDIT_PEOPLE},
    Role.OWNER: frozenset(Permission),
}
