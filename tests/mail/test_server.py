"""The mail server's address, and what is asked of servers that want encryption or a password."""

import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from mailbox import Maildir
from pathlib import Path
from socket import create_connection
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured

from paygate.jobs.interface import run_due
from paygate.mail.bounces import return_path
from paygate.mail.server import Accepted, MailServer, NotNow
from tests.mail.post import free_port, open_post


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 25, "", "", False, False)),
        ("smtp://127.0.0.1:1025/", MailServer("127.0.0.1", 1025, "", "", False, False)),
        (
            "smtp://anna%40example.com:p%40ss%2F@mail.example.com:587?starttls=1",
            MailServer("mail.example.com", 587, "anna@example.com", "p@ss/", False, True),
        ),
        (
            "smtps://anna:secret@mail.example.com",
            MailServer("mail.example.com", 465, "anna", "secret", True, False),
        ),
    ],
)
def test_the_address_of_a_server(url, server) -> None:
    assert MailServer.of(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://secret@mail.example.com:port",
        "smtps://mail.example.com?starttls=1",
        "smtp://mail.example.com?tls=1",
        "smtp://mail.example.com?starttls",
    ],
)
def test_an_address_that_is_none_says_what_is_right(url) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must be") as refused:
        MailServer.of(url)

    assert "secret" not in str(refused.value)


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(MailServer.of("smtps://anna:secret@mail.example.com"))


@pytest.fixture
def certificate(tmp_path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts yet, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.com")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path: Path = tmp_path / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def protected(certificate: Path) -> dict[str, Any]:
    """A server that takes mail over TLS from Anna only."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def is_anna(
        server: object, session: object, envelope: object, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=data == LoginPassword(b"anna", b"p@ss"), handled=False)

    return {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": is_anna,
        "auth_required": True,
    }


def test_a_protected_server_takes_mail_with_the_right_password(certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with open_post(**protected(certificate)) as post:
        right = MailServer.of(f"smtp://anna:p%40ss@127.0.0.1:{post.port}?starttls=1")
        wrong = MailServer.of(f"smtp://anna:guess@127.0.0.1:{post.port}?starttls=1")
        plain = MailServer.of(f"smtp://anna:p%40ss@127.0.0.1:{post.port}")
        answers = [
            server.hand_over(b"Subject: x\r\n\r\nx\r\n", sender="a@b.example", recipient="c@d.example")
            for server in (right, wrong, plain)
        ]

    accepted, *others = answers
    assert accepted == Accepted("250 OK, queued as 4711")
    assert all(isinstance(answer, NotNow) for answer in others)
    assert answers[1].answer.startswith("535")
    assert len(post.received) == 1


def test_a_server_that_nobody_vouches_for_gets_nothing(certificate) -> None:
    with open_post(**protected(certificate)) as post:
        server = MailServer.of(f"smtp://anna:p%40ss@127.0.0.1:{post.port}?starttls=1")
        answer = server.hand_over(b"x", sender="a@b.example", recipient="c@d.example")

    assert isinstance(answer, NotNow)
    assert "CERTIFICATE_VERIFY_FAILED" in answer.answer
    assert not post.received


def test_tls_from_the_first_byte(certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with open_post(ssl_context=context, server_hostname="127.0.0.1") as post:
        server = MailServer.of(f"smtps://127.0.0.1:{post.port}")
        answer = server.hand_over(b"x\r\n", sender="a@b.example", recipient="c@d.example")

    assert isinstance(answer, Accepted)


@pytest.mark.django_db
def test_a_server_in_a_process_of_its_own_gets_the_letter(send, settings, fresh, tmp_path) -> None:
    port, folder = free_port(), tmp_path / "maildir"
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}"]
    with subprocess.Popen([*command, "-c", "aiosmtpd.handlers.Mailbox", str(folder)]) as process:
        try:
            wait_for(port)
            settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
            mail = send()
            run_due()
        finally:
            process.terminate()

    (message,) = Maildir(folder)
    assert message["Message-ID"] == f"<{mail.public_id}@paygate.localhost>"
    assert message["X-MailFrom"] == return_path(mail)
    assert message["X-RcptTo"] == "carla@example.org"
    assert fresh(mail).state == "DONE"


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    for _ in range(200):
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start")
