"""One call of a merchant's address, and what came of it: status and time, never what the other side wrote (SS-6)."""

import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from paygate.outbound import NoReply, NothingArrived
from paygate.outbound.causes import Cause
from paygate.outbound.destination import Refused
from paygate.outbound.guarded import get

_REFUSED: Final = "refused: "


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call. `words` is a status, or one of ours: "timeout", "refused: private"."""

    words: str
    milliseconds: int
    status: int | None = None

    @property
    def is_success(self) -> bool:
        """Any 2xx is one (safety.md OB-3)."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_final(self) -> bool:
        """Is this an address that we never call, today or tomorrow?"""
        return self.words.startswith(_REFUSED)


@dataclass(frozen=True, slots=True)
class TriedOut:
    """A call that somebody wanted to see; `status` is None where no answer came."""

    status: int | None
    milliseconds: int
    words: str | Promise


def ask(url: str, *, delivery_id: UUID | None = None) -> Answer:
    """Call an address by GET, with nothing but what the merchant put into it (behaviour.md E-1, E-2).

    The delivery's id goes along as a header, so that a repeat can be told from a second message (OB-2). Not to be
    called inside a transaction.
    """
    headers = {"webhook-id": str(delivery_id)} if delivery_id else {}
    begun = time.monotonic()
    status: int | None = None
    try:
        # The interface allows http, and whoever saved such an address has chosen it (docs/decisions/0013).
        status = get(url, headers=headers, plain_http=True)
        words = str(status)
    except Refused as refusal:
        words = _REFUSED + str(refusal)
    except (NothingArrived, NoReply) as trouble:
        words = str(trouble)
    return Answer(words, round((time.monotonic() - begun) * 1000), status)


def try_out(url: str) -> TriedOut:
    """Call an address once, now, for whoever has just entered it."""
    answer = ask(url)
    return TriedOut(answer.status, answer.milliseconds, said(answer.words))


def said(words: str) -> str | Promise:
    """What came of a call, for people."""
    if words.isdecimal():
        return format_lazy(_("answered with status {status}"), status=words)
    return _SAID.get(words) or (_NEVER if words.startswith(_REFUSED) else words)


_NEVER: Final = _("this address is never called")
_SAID: Final[dict[str, str | Promise]] = {
    **{cause.value: cause.label for cause in Cause},
    Cause.TIMEOUT: _("no whole answer within 10 seconds"),
    "refused: private": _("this address is not public"),
    "refused: own": _("this is an address of PayGate itself"),
    "refused: port": _("only the usual ports 443 and 80 are called"),
    "refused: user": _("an address with a user name is not called"),
    "refused: length": _("the address is too long"),
}
