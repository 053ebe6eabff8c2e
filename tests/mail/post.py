"""Mail servers to deliver to: one that behaves as the story says, and places where none is."""

import socket
from asyncio import Transport
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Received:
    """One message the server took."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class Post:
    """A real SMTP server on a port of its own. What it answers may be changed at any time."""

    recipient_answers: dict[str, str] = field(default_factory=dict)  # by recipient; else it is welcome
    data_answer: str = "250 OK, queued as 4711"
    hangs_up: bool = False  # after the message, without an answer
    meanwhile: Callable[[], object] = lambda: None  # runs while the message is being taken
    received: list[Received] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.recipient_answers.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.original_content, bytes)
        self.meanwhile()
        if self.data_answer.startswith("2"):
            for recipient in envelope.rcpt_tos:
                self.received.append(Received(str(envelope.mail_from), recipient, envelope.original_content))
        if self.hangs_up:
            assert isinstance(server.transport, Transport)
            server.transport.abort()
        return self.data_answer

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@contextmanager
def open_post(**options: Any) -> Iterator[Post]:
    """A running server."""
    post = Post(port=free_port())
    controller = Controller(post, hostname="127.0.0.1", port=post.port, **options)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
