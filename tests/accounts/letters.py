"""The letters of an account, as their reader finds them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from paygate.jobs.interface import run_due
from paygate.mail.archive import Parts, parts
from paygate.mail.models import Mail
from paygate.tenants.context import across_tenants
from tests.mail.reading import read


@dataclass(frozen=True)
class Arrived:
    """A letter that was delivered."""

    mail: Mail
    parts: Parts

    @property
    def link(self) -> str:
        """Where its button leads."""
        return read(self.parts.html).links["Choose a new password"]

    @property
    def path(self) -> str:
        return urlsplit(self.link).path


def arrived() -> list[Arrived]:
    """Every letter after all jobs ran, oldest first."""
    run_due()
    with across_tenants():
        return [Arrived(mail, parts(mail)) for mail in Mail.objects.order_by("pk")]
