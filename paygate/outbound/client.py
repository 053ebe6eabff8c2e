"""The one rule for all doors that lead out (safety.md LK-1), and the HTTP client for our own connectors.

The client follows no redirect, asks no proxy of the environment, keeps to the limits of safety.md OC-4, and tells apart
what provably never left from what may have arrived.
"""

import os
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import httpcore2
import httpx2
from django.db import connections

from paygate.outbound.causes import Cause
from paygate.outbound.punctual import Punctual, within

LONGEST_ANSWER: Final = 4 * 1024 * 1024  # bytes
REQUEST_SECONDS: Final = 55  # for all calls of one web request, which ends within 60 (OC-4)
LEAST_SECONDS: Final = 5  # a question with less time than this is not asked

_request_of_thread = threading.local()


class CallInsideTransaction(AssertionError):
    """Somebody asked the outside while a database transaction was open."""


class NothingArrived(Exception):
    """No connection was made, so no byte of the message reached the other side."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)


class NoReply(Exception):
    """The message left, and no whole reply came: it may have arrived. `cause` is how that was noticed."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one call may take, in seconds, and how long its answer may be, in bytes."""

    connect: float = 5
    read: float = 30  # without a byte
    total: float = 35
    longest: int = LONGEST_ANSWER


def leave_database(what: str) -> None:
    """Stop before the network is reached with a transaction open, and let others have the connection meanwhile.

    Every connector, 3-D Secure server and mail delivery calls this first. Raises `CallInsideTransaction`. The outer
    transaction in which a test case wraps itself does not count: it is not ours.
    """
    for connection in connections.all(initialized_only=True):
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise CallInsideTransaction(f"{what} was asked while a database transaction was open")
        if connection.settings_dict["OPTIONS"].get("pool"):
            connection.close()  # the next statement takes one again; a slow answer holds none


@contextmanager
def calls_within(seconds: float) -> Iterator[None]:
    """All calls that this thread makes in here share so much time, however long each of them may take (OC-4)."""
    _request_of_thread.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        del _request_of_thread.ends


def in_time(limits: Limits) -> Limits:
    """The limits of the next call, within the time that is left. Raises `NothingArrived` where that is too little."""
    ends = getattr(_request_of_thread, "ends", None)
    if ends is None:
        return limits
    left = ends - time.monotonic()
    if left < LEAST_SECONDS:
        raise NothingArrived(Cause.NO_TIME_LEFT)
    return replace(limits, read=min(limits.read, left), total=min(limits.total, left))


def post(url: str, body: bytes, *, limits: Limits = Limits()) -> tuple[int, bytes]:
    """Send JSON; status and body of the reply. Raises `NothingArrived`, `NoReply` or `CallInsideTransaction`."""
    return _call("POST", url, body, limits)


def get(url: str, *, limits: Limits = Limits()) -> tuple[int, bytes]:
    """Read; status and body of the reply. Raises like `post`."""
    return _call("GET", url, b"", limits)


def _call(method: str, url: str, body: bytes, limits: Limits) -> tuple[int, bytes]:
    leave_database(url)
    limits = in_time(limits)
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    timeout = httpx2.Timeout(limits.read, connect=limits.connect)
    try:
        with (
            within(limits.total),
            _client(os.getpid()).stream(
                method, url, content=body, headers=headers, timeout=timeout
            ) as response,
        ):
            return response.status_code, b"".join(_at_most(limits.longest, response.iter_raw()))
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as failure:
        raise NothingArrived(cause_of(failure)) from failure
    except httpx2.TimeoutException as failure:
        raise NoReply(Cause.TIMEOUT) from failure
    except (httpx2.TransportError, httpx2.StreamError) as failure:
        raise NoReply(Cause.DROPPED) from failure


def cause_of(failure: Exception) -> Cause:
    """Why there was no connection, in a word of ours."""
    seen: BaseException | None = failure
    while seen is not None:
        match seen:
            case ConnectionRefusedError():
                return Cause.CONNECTION_REFUSED
            case ssl.SSLError():
                return Cause.NO_TLS
            case TimeoutError():
                return Cause.NO_CONNECTION_IN_TIME
        seen = seen.__cause__ or seen.__context__
    return Cause.NO_CONNECTION


def _at_most(longest: int, chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > longest:
            raise NoReply(Cause.TOO_LONG)
        yield chunk


@lru_cache(maxsize=1)
def _client(_process: int) -> httpx2.Client:
    """One for all threads of a process; a forked process makes its own."""
    return httpx2.Client(transport=_Transport(), trust_env=False, follow_redirects=False)


class _Transport(httpx2.HTTPTransport):
    """The library's own, over connections that know when a call has to be over."""

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        # The library has no parameter for this; tests/test_outbound.py notices if it should move.
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=None,
            max_keepalive_connections=0,  # one call, one connection: none is met that the other side just closed
            network_backend=Punctual(),
        )
