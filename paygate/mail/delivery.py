"""Hand one mail to the mail server and note the result (safety.md EM-1, EM-9, LK-1).

Claim under a lease, commit, talk to the server with no transaction open, write the result under the same lease. A
process that dies in between leaves a mail that is tried again with the same Message-ID.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from paygate.checkpoints import reached
from paygate.mail.archive import raw
from paygate.mail.bounces import return_path, why_refused
from paygate.mail.models import Mail
from paygate.mail.server import Accepted, Answer, MailServer, Never, NotNow
from paygate.mail.states import LIFE, MailState
from paygate.outbound import leave_database

# Longer than a conversation with a slow server, each step of which waits 10 seconds at most.
LEASE: Final = timedelta(minutes=3)

WAITS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
)
WAIT_LATER: Final = timedelta(hours=6)
PATIENCE: Final = timedelta(days=5)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeptOnly:
    """No mail server is set: the letter is in the archive, to be read there, and that is all there is to do."""


@dataclass(frozen=True, slots=True)
class CameBackBefore:
    """Nobody asked for this letter, and an earlier one to this mailbox came back for good (EM-8)."""

    words: str


def deliver(mail_id: int, *, now: datetime) -> datetime | None:
    """Try to deliver a mail that is due. When to try again; None when nothing is left to do.

    Safe to call at any time and by any number of workers. Not to be called inside a transaction.
    """
    leave_database("mail")
    server = MailServer.of(settings.EMAIL_URL) if settings.EMAIL_URL else None
    token = uuid4()
    if not _claim(mail_id, token, now=now):
        return _next_look(mail_id)
    reached("mail.claimed")
    mail = Mail.objects.select_related("copy_of").get(pk=mail_id)
    message = raw(mail)
    if settings.PAYGATE_ENV != "production" and mail.copy_of_id is None:
        _write_file(mail, message)
    answer: Answer | KeptOnly | CameBackBefore = KeptOnly()
    refused = why_refused(mail.recipient) if mail.automatic else ""
    if refused:
        answer = CameBackBefore(refused)
    elif server is not None:
        answer = server.hand_over(message, sender=return_path(mail), recipient=mail.recipient)
    reached("mail.accepted")
    return _settle(mail, token, answer, now=now)


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries that failed; None when the five days are over."""
    waits = [*WAITS[:tries], *[WAIT_LATER] * (tries - len(WAITS))]
    return waits[-1] if sum(waits, timedelta()) <= PATIENCE else None


def _claim(mail_id: int, token: UUID, *, now: datetime) -> bool:
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    with transaction.atomic(durable=True):
        due = Mail.objects.filter(free, pk=mail_id, state=MailState.QUEUED, next_try_at__lte=now)
        return due.update(lease_token=token, lease_until=now + LEASE) == 1


def _next_look(mail_id: int) -> datetime | None:
    """When a mail that could not be claimed may be due: after its next try's time, or after the other's lease."""
    mail = Mail.objects.filter(pk=mail_id, state=MailState.QUEUED).only("next_try_at", "lease_until").first()
    return max(mail.next_try_at, mail.lease_until or mail.next_try_at) if mail else None


def _settle(
    mail: Mail, token: UUID, answer: Answer | KeptOnly | CameBackBefore, *, now: datetime
) -> datetime | None:
    """Write the result, if the lease is still ours (LK-5)."""
    with transaction.atomic(durable=True):
        ours = Mail.objects.filter(pk=mail.pk, state=MailState.QUEUED, lease_token=token)
        if not ours.update(lease_token=None, lease_until=None):
            log.warning(
                "a mail's result came too late and was refused", mail=mail.pk, merchant=mail.merchant_id
            )
            return _next_look(mail.pk)
        match answer:
            case Accepted(words):
                LIFE.move(
                    mail,
                    MailState.DONE,
                    by="system",
                    cause="accepted",
                    now=now,
                    accepted_at=now,
                    server_answer=words,
                )
            case KeptOnly():
                LIFE.move(mail, MailState.DONE, by="system", cause="no mail server is set", now=now)
            case CameBackBefore(words):
                LIFE.move(
                    mail, MailState.GIVEN_UP, by="system", cause="an earlier letter came back", now=now,
                    server_answer=words,
                )  # fmt: skip
            case Never(words):
                LIFE.move(
                    mail, MailState.GIVEN_UP, by="system", cause="recipient refused", now=now,
                    tries=mail.tries + 1, server_answer=words,
                )  # fmt: skip
            case NotNow(words):
                _note_failure(mail, words, now=now)
    log.info(
        "a mail was tried", mail=mail.pk, merchant=mail.merchant_id, state=str(mail.state), tries=mail.tries
    )
    return mail.next_try_at if mail.state == MailState.QUEUED else None


def _note_failure(mail: Mail, words: str, *, now: datetime) -> None:
    tries = mail.tries + 1
    wait = wait_after(tries)
    if wait is None:
        LIFE.move(
            mail, MailState.GIVEN_UP, by="system", cause="not accepted in 5 days", now=now,
            tries=tries, server_answer=words,
        )  # fmt: skip
        return
    mail.tries, mail.next_try_at, mail.server_answer = tries, now + wait, words
    mail.save(update_fields=["tries", "next_try_at", "server_answer"])


def _write_file(mail: Mail, message: bytes) -> None:
    """The letter as a file, for programs and tests: whole or not at all, and once."""
    folder = Path(settings.PAYGATE_DATA) / "mail"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    moment = mail.queued_at.astimezone(UTC)
    path = folder / f"{moment:%Y%m%dT%H%M%S.%fZ}-{mail.public_id}.eml"
    if path.exists():
        return
    part = folder / f".{uuid4()}.part"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message)
    part.replace(path)
