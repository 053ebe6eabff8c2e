"""`ThreeDSServer`: what is asked of a 3-D Secure server, and how long we wait for it (safety.md 7.1).

A server keeps none of our state, opens no transaction of ours and never sees our models.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from paygate.cards.number import CardNumber
from paygate.threeds.messages import ErrorCode, Message

AREQ_SECONDS: Final = 12  # from question to answer, at most
METHOD_SECONDS: Final = 10  # how long the bank may look at the browser before it is asked
CHALLENGE_SECONDS: Final = 10 * 60  # the payer's time at the bank
RESULT_PAUSES_SECONDS: Final = (1, 1, 1, 1, 2, 2, 2)  # between status queries once the payer is back
RESULT_SECONDS: Final = sum(RESULT_PAUSES_SECONDS)  # after which no other query begins (3D-1)
LATE_RESULT_SECONDS: Final = 30 * 60  # how long after the ARes a result is still stored (safety.md 3D-1)


@dataclass(frozen=True, slots=True)
class CardRange:
    """What the directories say about a card's range."""

    versions: tuple[str, ...]  # protocol versions, oldest first
    method_url: str = ""  # where the bank wants to look at the browser first; often nowhere


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The server was asked and gave nothing that can be used. It counts as U."""

    code: ErrorCode  # 402 too late, 405 no connection, 101 unreadable
    cause: str


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """How the server names itself in an AReq."""

    reference_number: str  # threeDSServerRefNumber, given by the approving body
    url: str  # threeDSServerURL, where results are sent to


class ThreeDSServer(Protocol):
    """One 3-D Secure server."""

    kind: str

    def hosts(self) -> Iterable[str]:
        """Names of the hosts it speaks to: no address of a user may lead there (safety.md SS-5)."""
        ...

    def identity(self) -> ServerIdentity:
        """How it wants to be named in an AReq."""
        ...

    def card_range(self, number: CardNumber) -> CardRange | None:
        """What is known about the card; None if it is in no range, or the server did not answer."""
        ...

    def authenticate(self, areq: Message) -> Message | NoAnswer:
        """Send an AReq; the ARes or `Erro` as it came, unchecked. At most `AREQ_SECONDS`."""
        ...

    def answer_of(self, server_trans_id: str) -> Message | None:
        """The ARes once more, with its authentication value, unchecked, for at least an hour; None if unknown.

        For whoever asks for money later than in the request that asked the issuer: no value is stored (safety.md CD-1).
        """
        ...

    def result_of(self, server_trans_id: str) -> Message | None:
        """The RReq of a challenge as it came, with its authentication value, unchecked; None while there is none."""
        ...
