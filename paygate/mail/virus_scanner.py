"""The virus scanner that the operator has set, if any (safety.md UP-2): a command, or clamd.

`PAYGATE_VIRUS_SCANNER` is a command that reads the file from its standard input and ends with 0 for a clean file and
with 1 for one that is not, as `clamdscan` does; or where clamd listens: `clamd:///run/clamav/clamd.ctl`,
`clamd://127.0.0.1:3310`. No file is written anywhere for it.
"""

import shlex
import socket
import struct
import subprocess
from collections.abc import Callable
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from paygate.mail.mailbox import one_line
from paygate.outbound import leave_database

SECONDS: Final = 20.0  # for one file
_PIECE: Final = 64 * 1024
_LONGEST_ANSWER: Final = 4096
_INFECTED: Final = 1  # the status with which a scanner's command ends


class NotScanned(Exception):
    """The scanner gave no answer, so nobody knows. The argument says why, for the log."""


Scanner = Callable[[bytes], str]


def scan(content: bytes) -> str:
    """What the scanner found in a file, in its own words; empty for nothing, and where no scanner is set.

    Waits for the scanner: not to be called inside a transaction (LK-1). Raises `NotScanned`.
    """
    if not settings.PAYGATE_VIRUS_SCANNER:
        return ""
    leave_database("the virus scanner")
    return scanner_of(settings.PAYGATE_VIRUS_SCANNER)(content)


def scanner_of(setting: str) -> Scanner:
    """Read the setting. Raises `ImproperlyConfigured`."""
    try:
        if not setting.startswith("clamd:") and (command := shlex.split(setting)):
            return partial(_by_command, command)
        parts = urlsplit(setting)
        if parts.path and not parts.netloc:
            return partial(_by_clamd, parts.path)
        if parts.hostname and parts.port and not parts.path:
            return partial(_by_clamd, (parts.hostname, parts.port))
    except ValueError:
        pass
    raise ImproperlyConfigured(
        "PAYGATE_VIRUS_SCANNER must be a command such as clamdscan --no-summary -, or where clamd listens:"
        " clamd:///run/clamav/clamd.ctl or clamd://127.0.0.1:3310"
    )


def _by_command(command: list[str], content: bytes) -> str:
    try:
        done = subprocess.run(  # noqa: S603  # the operator's own command, and no word of it is anybody else's
            command, input=content, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as trouble:
        raise NotScanned(type(trouble).__name__) from trouble
    if done.returncode == _INFECTED:
        return _named(done.stdout) or "virus"
    if done.returncode:
        raise NotScanned(f"status {done.returncode}")
    return ""


def _by_clamd(place: str | tuple[str, int], content: bytes) -> str:
    try:
        answer = _told(place, content)
    except OSError as trouble:
        raise NotScanned(type(trouble).__name__) from trouble
    if answer.endswith(b" FOUND"):
        return _named(answer.removesuffix(b" FOUND"))
    if not answer.endswith(b": OK"):
        raise NotScanned("clamd gave no answer" if not answer else "clamd could not scan it")
    return ""


def _told(place: str | tuple[str, int], content: bytes) -> bytes:
    """Clamd's answer to INSTREAM. Raises `OSError`."""
    family = socket.AF_UNIX if isinstance(place, str) else socket.AF_INET
    if isinstance(place, tuple) and ":" in place[0]:
        family = socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        connection.connect(place)
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
        answer = b""
        while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
            more = connection.recv(_LONGEST_ANSWER)
            if not more:
                break
            answer += more
    return answer.partition(b"\0")[0].strip()


def _named(answer: bytes) -> str:
    """The name of what was found, in "stream: Win.Test.EICAR_HDB-1 FOUND"."""
    first = answer.decode("utf-8", "replace").strip().partition("\n")[0].removesuffix(" FOUND")
    return one_line(first.rpartition(": ")[2], limit=80)
