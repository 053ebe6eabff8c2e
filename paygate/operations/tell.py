"""Letters to whoever runs the installation: one for each kind of alarm, at most one an hour (safety.md LG-6).

They belong to no merchant, so they go straight to the mail server and stand in no archive. An alarm is told once; one
that could not be handed over is told at the next look, and a process that dies in between tells it twice.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog
from django.conf import settings

from paygate.alarms.kinds import AlarmKind
from paygate.alarms.models import Alarm, OperatorsAlarm
from paygate.mail.mailbox import parse_mailbox
from paygate.mail.message import Envelope, written
from paygate.mail.outbox import render
from paygate.mail.server import Accepted, MailServer
from paygate.tenants.context import across_tenants

AT_MOST_EVERY: Final = timedelta(hours=1)  # of one kind
NAMED: Final = 20  # alarms in one letter; `paygate check` has them all
LANGUAGE: Final = "en"  # as everything the operators read

Raised = Alarm | OperatorsAlarm

log = structlog.get_logger("paygate.operations")


def tell(*, now: datetime) -> list[AlarmKind]:
    """Write about the alarms that are open and untold; of which kinds a letter went out.

    Does nothing without an address (`PAYGATE_ALARM_EMAIL`) and a mail server. Not to be called inside a transaction.
    """
    if not (settings.PAYGATE_ALARM_EMAIL and settings.EMAIL_URL):
        return []
    told = []
    with across_tenants():
        for kind, alarms in _untold(now).items():
            if _hand_over(kind, alarms, now=now):
                for model in (Alarm, OperatorsAlarm):
                    ours = [alarm.pk for alarm in alarms if isinstance(alarm, model)]
                    model.objects.filter(pk__in=ours).update(told_at=now)
                told.append(kind)
    return told


def _untold(now: datetime) -> dict[AlarmKind, list[Raised]]:
    """What is open and was never told, by kind; but kinds that a letter was about within the hour."""
    lately: set[str] = set()
    found: list[Raised] = []
    for model, rows in (
        (Alarm, Alarm.objects.select_related("merchant")),
        (OperatorsAlarm, OperatorsAlarm.objects),
    ):
        lately |= set(model.objects.filter(told_at__gt=now - AT_MOST_EVERY).values_list("kind", flat=True))
        found += rows.filter(cleared_at=None, told_at=None).order_by("since", "pk")
    by_kind: dict[AlarmKind, list[Raised]] = defaultdict(list)
    for alarm in found:
        if alarm.kind not in lately:
            by_kind[AlarmKind(alarm.kind)].append(alarm)
    return by_kind


def _hand_over(kind: AlarmKind, alarms: list[Raised], *, now: datetime) -> bool:
    sender, to = f"paygate@{settings.PAYGATE_MAIL_DOMAIN}", parse_mailbox(settings.PAYGATE_ALARM_EMAIL)
    answer = MailServer.of(settings.EMAIL_URL).hand_over(
        letter_about(kind, alarms, sender=sender, to=to, now=now), sender=sender, recipient=to
    )
    if not isinstance(answer, Accepted):
        log.error("an alarm could not be mailed", kind=kind.value, cause=answer.answer)
        return False
    return True


def letter_about(kind: AlarmKind, alarms: list[Raised], *, sender: str, to: str, now: datetime) -> bytes:
    """The whole message: what is wrong, and each thing it is about."""
    says = render(
        "operations/letters/alarm",
        LANGUAGE,
        {
            "merchant_name": "PayGate",
            "test": settings.PAYGATE_ENV != "production",
            "kind": kind,
            "rows": [(_whose(alarm), alarm) for alarm in alarms[:NAMED]],
            "more": max(0, len(alarms) - NAMED),
            "place": settings.PAYGATE_PUBLIC_URL,
        },
    )
    envelope = Envelope(
        message_id=f"{uuid4()}@{settings.PAYGATE_MAIL_DOMAIN}",
        sender=sender,
        sender_name="PayGate",
        to=to,
        reply_to="",
        subject=says.subject,
        language=LANGUAGE,
        date=now,
    )
    return written(envelope, text=says.text, html=says.html, attachments=(), inline=())


def _whose(alarm: Raised) -> str:
    """The merchant's number; empty where it concerns the installation."""
    return str(alarm.merchant.customer_id) if isinstance(alarm, Alarm) else ""
