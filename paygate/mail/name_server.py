"""What the DNS says: the one file that asks a name server."""

import time
from collections.abc import Callable
from typing import Final

import dns.exception
import dns.resolver
from django.conf import settings

from paygate.outbound import leave_database

SECONDS: Final = 4  # for all questions of one page together

Ask = Callable[[str], list[str]]  # the texts of a name; none where there is no such name or no text


class NoAnswer(Exception):
    """No name server answered in time."""


def texts_in_time() -> Ask:
    """Ask for texts (TXT) until the time is up. Each question raises `NoAnswer`, or `CallInsideTransaction`."""
    ends = time.monotonic() + SECONDS

    def ask(name: str) -> list[str]:
        leave_database(f"the name server about {name}")
        left = ends - time.monotonic()
        if left <= 0:
            raise NoAnswer
        try:
            answer = _resolver().resolve(name, "TXT", lifetime=left, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as failure:
            raise NoAnswer from failure
        return [b"".join(line.strings).decode("utf-8", "replace") for line in answer]

    return ask


def _resolver() -> dns.resolver.Resolver:
    """The system's, or the one the operator named."""
    named = settings.PAYGATE_NAME_SERVER
    resolver = dns.resolver.Resolver(configure=not named)
    if named:
        host, _colon, port = named.rpartition(":")
        resolver.nameservers, resolver.port = [host.strip("[]")], int(port)
    return resolver
