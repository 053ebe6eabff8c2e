"""The status of a multi-use link as a sign: shape, colour and word together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from paygate.backoffice.journal.words import Mark
from paygate.links.models import Link, LinkTotal
from paygate.links.payable import WhyClosed, why_closed

_CLOSED: Final = {
    WhyClosed.NOT_BEGUN: ("ring", "warn"),
    WhyClosed.ENDED: ("ring", "wrong"),
    WhyClosed.USED_UP: ("full", "good"),
    WhyClosed.ALL_TAKEN: ("half", "good"),
    WhyClosed.DELETED: ("bar", "grey"),
}


def link_mark(link: Link, totals: Sequence[LinkTotal], *, now: datetime) -> Mark:
    """What a look at the link says now."""
    why = why_closed(link, totals, now=now)
    if why is None:
        return Mark("ring", "good", _("Active"))
    words = {
        WhyClosed.NOT_BEGUN: _("Not open yet"),
        WhyClosed.ENDED: _("Ended"),
        WhyClosed.USED_UP: _("Used up"),
        WhyClosed.ALL_TAKEN: _("Being paid now"),
        WhyClosed.DELETED: _("Deleted"),
    }
    return Mark(*_CLOSED[why], words[why])
