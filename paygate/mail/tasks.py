"""Jobs: deliver a mail, find mails that are due, and the end of the archive."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog

from paygate.clock import now
from paygate.jobs.interface import Json, TryAgainAt, every, task
from paygate.jobs.sweep import due
from paygate.mail.archive import purge
from paygate.mail.delivery import deliver
from paygate.mail.models import Mail
from paygate.mail.states import MailState
from paygate.tenants.context import across_tenants, within

log = structlog.get_logger(__name__)


@task("mail.deliver")
def deliver_mail(*, merchant_id: int, mail_id: int) -> None:
    """Deliver one mail, and come back for as long as it takes (safety.md EM-1)."""
    with within(merchant_id):
        again = deliver(mail_id, now=now())
    if again is not None:
        raise TryAgainAt(again)


@due(deliver_mail)
def mails_due(moment: datetime) -> Iterable[Mapping[str, Json]]:
    """Every merchant's mails whose time has come."""
    with across_tenants():
        rows = Mail.objects.filter(state=MailState.QUEUED, next_try_at__lte=moment)
        return [
            {"merchant_id": merchant_id, "mail_id": mail_id}
            for merchant_id, mail_id in rows.values_list("merchant_id", "pk")
        ]


@every(minutes=1440, name="mail.purge")
def purge_old() -> None:
    """Remove letters kept for 30 months."""
    with across_tenants():
        count = purge(now=now())
    if count:
        log.info("old mails were removed", count=count)
