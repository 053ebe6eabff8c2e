"""An authentication begins, and the question to the issuer is written down (safety.md 7.1).

`open_authentication` is wholly inside the caller's transaction, `write_question` wholly outside one.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from paygate.cards.number import Card
from paygate.merchants.models import Terminal
from paygate.money.amount import Money
from paygate.money.model_fields import columns
from paygate.outbound import leave_database
from paygate.refusals import Kind, Refusal
from paygate.sealing import mac
from paygate.tenants.context import within
from paygate.threeds.areq import Told, build_areq
from paygate.threeds.liability import Condition
from paygate.threeds.message_log import note_message
from paygate.threeds.messages import Message, highest_common_version
from paygate.threeds.models import Authentication, CompInd, Direction
from paygate.threeds.registry import server_for, server_of_kind
from paygate.threeds.server import CardRange
from paygate.threeds.spending import CARD_PURPOSE, must_fit


class AlreadyAsked(Refusal):
    """The issuer was asked before: a second press, or a page loaded again."""

    code = "WRONG_STATE"
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the issuer that is written down as on its way; whoever has it, and nobody else, puts it."""

    auth: Authentication
    areq: Message | None = field(repr=False)  # None: no version in common, so there is nobody to ask


def open_authentication(
    *,
    merchant_id: int,
    terminal: Terminal,
    method: str,
    card: Card,
    card_range: CardRange | None,
    amount: Money,
    condition: Condition,
    force_challenge: bool = False,
    recurring: bool = False,
    told: Told | None = None,
    now: datetime,
) -> tuple[Authentication, Question | None]:
    """Begin one authentication, in the caller's transaction.

    Where `told` says what to tell the issuer, and it need not look at the browser first, the question is written down
    too, to be put as soon as this is committed. The challenge is mandated for the Condition that wants one, the first
    of a series, and by `force_challenge` (a card to be saved, the second try after a soft decline; safety.md 3D-12,
    OC-13).
    """
    known = card_range or CardRange(versions=())
    asks = told is not None and not known.method_url
    auth: Authentication = Authentication.objects.create(
        merchant_id=merchant_id,
        terminal=terminal,
        server_trans_id=uuid4(),
        server=server_for(terminal.merchant).kind,
        method=method,
        version=highest_common_version(known.versions),
        purchase_date=now.replace(microsecond=0),
        card_fingerprint=mac(CARD_PURPOSE, card.number.digits.encode()).hex(),
        condition=condition,
        challenge_requested=force_challenge or recurring or condition is Condition.CHALLENGE,
        recurring=recurring,
        method_url=known.method_url,
        comp_ind=CompInd.NO if known.method_url else CompInd.UNAVAILABLE,
        asked_at=now if asks else None,
        **columns(amount),
    )
    auth.terminal = terminal
    return auth, _question(auth, card, told, now=now) if told is not None and asks else None


def write_question(auth: Authentication, *, card: Card, told: Told, now: datetime) -> Question:
    """Write the AReq down as on its way. threeDSCompInd is what `open_authentication` and `note_method_done` wrote.

    Raises `AlreadyAsked`, `AuthenticationMismatch`, `NoServer`.
    """
    leave_database("an issuer")
    with within(auth.merchant_id):
        if auth.method_url:
            auth.refresh_from_db(fields=["comp_ind"])  # the bank may have looked at the browser meanwhile
        must_fit(auth, amount=auth.amount, card=card)
        with transaction.atomic(durable=True):
            unasked = Authentication.objects.filter(pk=auth.pk, asked_at=None, closed_at=None)
            if not unasked.update(asked_at=now):
                raise AlreadyAsked(_("The bank has been asked already."))
            return _question(auth, card, told, now=now)


def _question(auth: Authentication, card: Card, told: Told, *, now: datetime) -> Question:
    server = server_of_kind(auth.server, auth.terminal.merchant)
    if not auth.version:
        return Question(auth, None)
    areq = build_areq(auth, card=card, told=told, identity=server.identity())
    note_message(auth, Direction.SENT, areq, now=now)
    return Question(auth, areq)
