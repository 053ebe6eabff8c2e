"""Connections that know when their call has to be over, however slowly its bytes trickle (safety.md OC-4)."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2

_call_of_thread = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """The call that this thread makes now is over after so many seconds, however slowly its bytes trickle."""
    _call_of_thread.deadline = time.monotonic() + seconds
    try:
        yield
    finally:
        del _call_of_thread.deadline


def left(timeout: float | None, too_late: type[Exception]) -> float:
    """Of a step's own time, the seconds that the whole call still has. Raises `too_late` where it has none."""
    seconds: float = getattr(_call_of_thread, "deadline", time.monotonic()) - time.monotonic()
    if seconds <= 0:
        raise too_late("the time for the whole call is over")
    return seconds if timeout is None else min(timeout, seconds)


class Punctual(httpcore2.NetworkBackend):
    """Opens connections of that kind."""

    def __init__(self) -> None:
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *more: Any, **options: Any
    ) -> httpcore2.NetworkStream:
        timeout = left(timeout, httpcore2.ConnectTimeout)
        return PunctualStream(self._plain.connect_tcp(host, port, timeout, *more, **options))


class PunctualStream(httpcore2.NetworkStream):
    """One connection; each step on it takes what time is left at most."""

    def __init__(self, plain: httpcore2.NetworkStream) -> None:
        self._plain = plain

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        timeout = left(timeout, httpcore2.ConnectTimeout)
        return PunctualStream(self._plain.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)
