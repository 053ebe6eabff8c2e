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
    CLOSE_BATCH = "CLOSE_BATCH"
    REVIEW = "REVIEW"  # say, or confirm, what became of something that nobody could find out (AU-5)
    SEE_LETTERS = "SEE_LETTERS"
    SEE_SETTINGS = "SEE_SETTINGS"
    EDIT_SETTINGS = "EDIT_SETTINGS"


_READS: Final = frozenset(
    {Permission.SEE_OFFERS, Permission.SEE_JOURNAL, Permission.SEE_LETTERS, Permission.SEE_SETTINGS}
)

PERMISSIONS: Final[dict[str, frozenset[Permission]]] = {
    Role.READER: _READS,
    Role.CLERK: _READS | {Permission.EDIT_OFFERS},
    Role.CASHIER: _READS | {Permission.CAPTURE, Permission.CANCEL, Permission.CLOSE_BATCH},
    Role.MANAGER: frozenset(Permission),
}
