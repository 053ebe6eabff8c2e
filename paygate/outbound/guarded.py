"""The one HTTP client for addresses that a user can influence (safety.md 15).

A name is looked up once. Every address it has is checked, and the connection goes to a checked address itself, under
the original name for TLS and Host: a name that answers differently the next time leads nowhere else. GET, no body, no
redirect, no proxy; of the answer only the status comes back.
"""

import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Final

import httpcore2
import httpx2
import structlog
from django.conf import settings

from paygate.outbound.causes import Cause
from paygate.outbound.client import Limits, NoReply, NothingArrived, cause_of, in_time, leave_database
from paygate.outbound.destination import PORTS, Address, Destination, Refused, is_public, unwrapped
from paygate.outbound.own_hosts import own_hosts
from paygate.outbound.punctual import Punctual, left, within

LIMITS: Final = Limits(connect=5, read=10, total=10, longest=64 * 1024)  # SS-6

log = structlog.get_logger("paygate.outbound")


def get(url: str, *, headers: Mapping[str, str] | None = None, plain_http: bool = False) -> int:
    """Call an address; the status of the answer, of which 64 KB are read at most and nothing is kept.

    `plain_http`: the compatible interface allows http here, and the merchant has chosen it (SS-2). Raises `Refused`,
    `NothingArrived`, `NoReply` or `CallInsideTransaction`.
    """
    leave_database("an address of a merchant")
    limits = in_time(LIMITS)
    with within(limits.total):
        destination = Destination.of(url)
        addresses = _looked_up(destination)
        _check(destination, addresses, plain_http=plain_http)
        return _called(destination, addresses, headers or {}, limits)


def _check(destination: Destination, addresses: list[Address], *, plain_http: bool) -> None:
    """May these be called? What the operator's list names, may in any case (SS-7). Raises `Refused`."""
    if all(_is_on_the_list(address) for address in addresses):
        log.info("an address on the operator's list is called", why="PAYGATE_OUTBOUND_ALLOW")
        return
    if destination.scheme != "https" and not plain_http:
        raise Refused("scheme")
    if destination.port != PORTS[destination.scheme]:
        raise Refused("port")
    if not all(is_public(address) or _is_on_the_list(address) for address in addresses):
        raise Refused("private")
    own = own_hosts()
    behind = {one for address in addresses for one in unwrapped(address)}
    if destination.host in own or behind & _addresses_of(own):
        raise Refused("own")


def _is_on_the_list(address: Address) -> bool:
    return all(
        any(one in network for network in settings.PAYGATE_OUTBOUND_ALLOW) for one in unwrapped(address)
    )


def _addresses_of(hosts: frozenset[str]) -> set[Address]:
    found: set[Address] = set()
    for host in hosts:
        with suppress(NothingArrived):  # one that has no address now cannot be reached under it either
            found |= {one for address in _look_up(host, 0) for one in unwrapped(address)}
    return found


def _looked_up(destination: Destination) -> list[Address]:
    """All addresses of the host, in the system's order. Raises `NothingArrived` where it has none."""
    own = destination.address
    return [own] if own is not None else _look_up(destination.host, destination.port)


def _look_up(host: str, port: int) -> list[Address]:
    """The system's look-up has no time limit of its own, so it is waited for no longer than the call may take."""
    found: list[Address] = []

    def look() -> None:
        with suppress(OSError, UnicodeError):
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(ip_address(row[4][0]) for row in rows))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(left(LIMITS.connect, _NoTime))
    if looking.is_alive() or not found:
        raise NothingArrived(Cause.NO_ADDRESS)
    return found


def _called(
    destination: Destination, addresses: list[Address], headers: Mapping[str, str], limits: Limits
) -> int:
    usual = {"Host": destination.authority, "User-Agent": "PayGate", "Accept": "*/*"}
    sent = [*(usual | {"Accept-Encoding": "identity"} | dict(headers)).items()]
    timeout = {"connect": limits.connect, "read": limits.read, "write": limits.read, "pool": limits.connect}
    url = httpcore2.URL(
        scheme=destination.scheme, host=destination.host, port=destination.port, target=destination.target
    )
    try:
        with (
            httpcore2.ConnectionPool(_tls(os.getpid()), network_backend=_ToChecked(addresses)) as pool,
            pool.stream("GET", url, headers=sent, extensions={"timeout": timeout}) as answer,
        ):
            read = 0
            for chunk in answer.iter_stream():  # many a server breaks off its work with the connection
                read += len(chunk)
                if read > limits.longest:
                    break
            return answer.status
    except (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.PoolTimeout) as failure:
        raise NothingArrived(cause_of(failure)) from failure
    except httpcore2.TimeoutException as failure:
        raise NoReply(Cause.TIMEOUT) from failure
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as failure:
        raise NoReply(Cause.DROPPED) from failure


class _NoTime(NothingArrived):
    """All the time went by before the name was known."""

    def __init__(self, _: str) -> None:
        super().__init__(Cause.NO_CONNECTION_IN_TIME)


class _ToChecked(httpcore2.NetworkBackend):
    """Connects to the addresses that were checked, whatever the name would lead to by now."""

    def __init__(self, addresses: list[Address]) -> None:
        self._addresses = addresses
        self._punctual = Punctual()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *more: Any, **options: Any
    ) -> httpcore2.NetworkStream:
        ends = time.monotonic() + (timeout or LIMITS.connect)
        trouble: Exception = httpcore2.ConnectTimeout("no connection in time")
        for address in self._addresses:
            seconds = ends - time.monotonic()
            if seconds <= 0:
                break
            try:
                return self._punctual.connect_tcp(str(address), port, seconds, *more, **options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failure:
                trouble = failure
        raise trouble


@lru_cache(maxsize=1)
def _tls(_process: int) -> ssl.SSLContext:
    """Made once for a process; reading the authorities takes time."""
    return httpx2.create_ssl_context(trust_env=False)
