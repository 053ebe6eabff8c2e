"""The mail server: where it is, and one conversation with it."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from paygate.mail.mailbox import one_line
from paygate.outbound import leave_database

TIMEOUT_SECONDS: Final = 10  # for each step of a conversation
_PORTS: Final = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has the message and answers for it from now on (safety.md EM-9)."""

    answer: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """Refused or unreachable; it may work later."""

    answer: str


@dataclass(frozen=True, slots=True)
class Never:
    """The server refuses this recipient for good."""

    answer: str


Answer = Accepted | NotNow | Never


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that an address such as `smtp://user:password@mail.example.com:587?starttls=1` names."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool  # from the first byte
    starttls: bool

    @classmethod
    def of(cls, url: str) -> Self:
        """Read an `EMAIL_URL`. Raises `ImproperlyConfigured` without repeating it: it may hold a password."""
        try:
            parts = urlsplit(url)
            options = parse_qs(parts.query, strict_parsing=bool(parts.query))
            server = cls(
                host=parts.hostname or "",
                port=parts.port or _PORTS[parts.scheme],
                user=unquote(parts.username or ""),
                password=unquote(parts.password or ""),
                tls=parts.scheme == "smtps",
                starttls=options.pop("starttls", ["0"]) in (["1"], ["true"]),
            )
        except (KeyError, ValueError):
            server, options = None, {}
        if server is None or not server.host or options or (server.tls and server.starttls):
            raise ImproperlyConfigured(
                "EMAIL_URL must be an address such as smtp://user:password@mail.example.com:587?starttls=1"
                " or smtps://user:password@mail.example.com"
            )
        return server

    def hand_over(self, message: bytes, *, sender: str, recipient: str) -> Answer:
        """Give the server one message for one recipient, and what it said to that.

        Waits for the network: not to be called inside a transaction (LK-1).
        """
        leave_database("mail")
        try:
            connection = self._connected()
        except OSError as trouble:  # smtplib's own errors are OSErrors too
            return NotNow(_words(trouble))
        try:
            return _told(connection, message, sender=sender, recipient=recipient)
        except OSError as trouble:
            return NotNow(_words(trouble))
        finally:
            # The answer to QUIT is not waited for: it would change nothing any more.
            with suppress(OSError):
                connection.putcmd("quit")
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        own_name = settings.PAYGATE_MAIL_DOMAIN
        if self.tls:
            context = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, own_name, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, own_name, timeout=TIMEOUT_SECONDS)
        try:
            if self.starttls:
                connection.starttls(context=ssl.create_default_context())
            if self.user:
                connection.login(self.user, self.password)
        except OSError:
            connection.close()
            raise
        return connection


def _told(connection: smtplib.SMTP, message: bytes, *, sender: str, recipient: str) -> Answer:
    connection.ehlo_or_helo_if_needed()
    options = [f"size={len(message)}"] if connection.has_extn("size") else []
    code, words = connection.mail(sender, options)
    if code != 250:
        return NotNow(_line(code, words))
    code, words = connection.rcpt(recipient)
    if 500 <= code <= 599:
        return Never(_line(code, words))
    if code not in (250, 251):
        return NotNow(_line(code, words))
    code, words = connection.data(message)
    return Accepted(_line(code, words)) if code == 250 else NotNow(_line(code, words))


def _line(code: int, words: bytes) -> str:
    return one_line(f"{code} {words.decode('utf-8', 'replace')}")


def _words(trouble: OSError) -> str:
    if isinstance(trouble, smtplib.SMTPResponseException):
        words = trouble.smtp_error
        return _line(trouble.smtp_code, words if isinstance(words, bytes) else words.encode())
    return one_line(f"{type(trouble).__name__}: {trouble}")
