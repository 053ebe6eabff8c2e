"""A merchant with letters to send, and a server that takes them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from paygate.clock import now
from paygate.mail.attachments import Attached, Inline
from paygate.mail.models import Mail
from paygate.mail.outbox import Letter, queue
from tests.mail.post import Post, open_post

LETTER = Letter(
    kind="offer",
    to="carla@example.org",
    subject="Ihr Zimmer für zwei Nächte",
    text="Grüezi Carla\n\n.Ein Punkt am Anfang der Zeile.\nFrom us with love.\n",
    html='<p>Grüezi <b>Carla</b></p><img src="cid:qr" alt="">',
    language="de",
    sender_name="Hotel Alpenblick",
    sender_local="rezeption",
    reply_to="anna@alpenblick.example",
    attachments=(Attached("AGB für Gäste.pdf", "application/pdf", b"%PDF-1.7\r\n" + bytes(range(256)) * 20),),
    inline=(Inline("qr", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),),
    about="offer:7",
)


@pytest.fixture
def send(merchant) -> Callable[..., Mail]:
    """Queue the letter, with changes, as a use case does."""

    def send(at: datetime | None = None, **changes: Any) -> Mail:
        with transaction.atomic():
            return queue(replace(LETTER, **changes), merchant_id=merchant.pk, now=at or now())

    return send


@pytest.fixture
def post(settings) -> Iterator[Post]:
    """A mail server, and the installation set to use it."""
    with open_post() as post:
        settings.EMAIL_URL = post.url
        yield post


@pytest.fixture
def fresh() -> Callable[[Mail], Mail]:
    """The row as it is now."""
    return lambda mail: Mail.objects.get(pk=mail.pk)


@pytest.fixture
def files(tmp_path) -> Callable[[], list[Path]]:
    """The letters written as files, oldest first."""
    return lambda: sorted((tmp_path / "mail").glob("*.eml"))
