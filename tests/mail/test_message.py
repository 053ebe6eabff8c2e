"""The message: complete, 7-bit, and nobody writes into its headers (safety.md EM-3, EM-5)."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paygate.mail.attachments import Attached, Inline, clean_filename
from paygate.mail.mailbox import one_line
from paygate.mail.message import Envelope, written

NOW = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)


def message(
    *,
    subject: str = "Your room",
    sender_name: str = "Hotel",
    text: str = "Text",
    html: str = "<p>HTML</p>",
    attachments: tuple[Attached, ...] = (),
    inline: tuple[Inline, ...] = (),
) -> bytes:
    envelope = Envelope(
        message_id="1234@paygate.localhost",
        sender="rezeption@paygate.localhost",
        sender_name=sender_name,
        to="carla@example.org",
        reply_to="anna@alpenblick.example",
        subject=subject,
        language="en",
        date=NOW,
    )
    return written(envelope, text=text, html=html, attachments=attachments, inline=inline)


def read(content: bytes) -> EmailMessage:
    parsed = message_from_bytes(content, policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def header(content: bytes, name: str) -> str:
    """A header as a mail program shows it."""
    line = message_from_bytes(content)[name]
    return str(make_header(decode_header(line.replace("\r\n", "").replace("\n", ""))))


def test_it_has_the_headers_of_an_automatic_letter() -> None:
    parsed = read(message())

    assert parsed.items()[2:] == [
        ("From", "Hotel <rezeption@paygate.localhost>"),
        ("To", "carla@example.org"),
        ("Reply-To", "anna@alpenblick.example"),
        ("Subject", "Your room"),
        ("Date", "Mon, 23 Nov 2026 20:30:00 +0000"),
        ("Message-ID", "<1234@paygate.localhost>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "en"),
    ]


def test_it_is_built_as_mail_programs_expect() -> None:
    pdf = Attached("terms.pdf", "application/pdf", b"%PDF")
    parsed = read(message(attachments=(pdf,), inline=(Inline("qr", "image/png", b"PNG"),)))

    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    assert not parsed.defects


@pytest.mark.parametrize(
    "typed",
    [
        "Room\r\nBcc: thief@example.org",
        "Room\nBcc: thief@example.org",
        "Room\rBcc: thief@example.org",
        "Room\x85Bcc: thief@example.org",
        "Room\u2028Bcc: thief@example.org",
        "=?utf-8?q?Room=0D=0ABcc:_thief=40example.org?=",
        "=?utf-8?b?DQpCY2M6IHRoaWVmQGV4YW1wbGUub3Jn?=",
        '"Room" <thief@example.org>, x',
        "thief@example.org,",
        "Zürich, thief@example.org " * 6,
        "ü" * 190 + "\r\n\r\nbody",
    ],
)
def test_nobody_adds_headers_or_recipients(typed) -> None:
    content = message(subject=typed, sender_name=typed, attachments=(Attached(typed, "image/png", b""),))
    parsed = read(content)

    assert sorted(parsed.keys()) == sorted(read(message()).keys())
    assert parsed["To"] == "carla@example.org"
    assert [address.addr_spec for address in parsed["From"].addresses] == ["rezeption@paygate.localhost"]
    assert header(content, "Subject") == one_line(typed)
    assert header(content, "From").endswith("<rezeption@paygate.localhost>")


@given(st.text(max_size=220))
@example("=?utf-8?q?=0D=0A?=")
@example("\u00e4" * 200)
def test_a_subject_arrives_as_it_was_typed(typed) -> None:
    content = message(subject=typed)

    assert header(content, "Subject") == one_line(typed)
    assert read(content)["To"] == "carla@example.org"


@given(st.text(max_size=220))
@example('"Anna", <x@y.example>')
def test_whatever_the_sender_is_called_the_address_is_ours(typed) -> None:
    parsed = read(message(sender_name=typed))

    assert [address.addr_spec for address in parsed["From"].addresses] == ["rezeption@paygate.localhost"]
    assert len(parsed.items()) == 10


@given(st.text(max_size=250))
@example("ü" * 250 + ".pdf")
@example("../../etc/passwd\r\nX: y")
@example("💶" * 200)
def test_whatever_a_file_is_called_its_name_is_safe(typed) -> None:
    name = clean_filename(typed)
    content = message(attachments=(Attached(typed, "application/pdf", b"%PDF"),))
    (attachment,) = read(content).iter_attachments()

    assert name
    assert clean_filename(name) == name
    assert not set(name) & set('/\\<>:"|?*;%\r\n')
    assert name == one_line(name)
    assert attachment.get_filename() == name
    assert max(len(line) for line in content.split(b"\r\n")) <= 998


def test_a_file_keeps_its_ending() -> None:
    assert clean_filename("ü" * 250 + ".pdf").endswith("ü.pdf")
    assert clean_filename("C:\\Documents\\AGB 2026.pdf") == "AGB 2026.pdf"
    assert clean_filename("\u202efdp.exe") == "fdp.exe"
    assert clean_filename("..") == "file"


@given(st.text(max_size=400), st.text(max_size=400))
@example(".\n..\nFrom me\n" + "x" * 2000, "<p>" + "ü" * 2000)
def test_the_body_is_seven_bit_and_whole(text, html) -> None:
    content = message(text=text, html=html)
    bodies = [part.get_payload(decode=True) for part in read(content).walk() if not part.is_multipart()]

    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    for body, typed in zip(bodies, (text, html), strict=True):
        assert isinstance(body, bytes)
        assert _lines(body.decode()) == _lines(typed)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
