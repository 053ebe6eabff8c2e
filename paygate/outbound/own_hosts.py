"""Names of our own, to which no address leads that a user has influenced (safety.md SS-5).

The rooms whose connectors speak to parties say which ones: a new connector is on the list with its row in the registry.
"""

from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

_SPOKEN_TO: Final[list[Callable[[], Iterable[str]]]] = []


def count_as_ours(hosts: Callable[[], Iterable[str]]) -> None:
    """From now on these hosts are ours too. Asked at each call, so that the settings count as they are then."""
    _SPOKEN_TO.append(hosts)


def own_hosts() -> frozenset[str]:
    """Where payers find us, the database, the mail server, the virus scanner, and whom our connectors speak to."""
    names = {host_of(url) for url in (settings.PAYGATE_PUBLIC_URL, settings.EMAIL_URL)}
    if settings.PAYGATE_VIRUS_SCANNER.startswith("clamd:"):
        names.add(host_of(settings.PAYGATE_VIRUS_SCANNER))
    names |= {str(database.get("HOST") or "") for database in settings.DATABASES.values()}
    names |= {host for hosts in _SPOKEN_TO for host in hosts()}
    return frozenset(name.lower().removesuffix(".") for name in names if name and not name.startswith("/"))


def host_of(url: str) -> str:
    """The host in an address; empty where there is none."""
    return urlsplit(url).hostname or ""
