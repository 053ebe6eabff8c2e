"""The life of a multi-use link (SPG-MUL-07 to 10)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from paygate.lifecycle.moves import Lifecycle


class LinkState(TextChoices):
    """Two states; "not begun", "ended" and "used up" are read from dates and counters (payable.py)."""

    ACTIVE = "ACTIVE", _("Active")  # takes payments, within its dates and limits
    DELETED = "DELETED", _("Deleted")  # takes none; listed for six months, then removed for good


LIFE = Lifecycle({LinkState.ACTIVE: {LinkState.DELETED}, LinkState.DELETED: {LinkState.ACTIVE}})
