"""Queueing: with its cause or not at all, whole, sealed (safety.md EM-1, EM-5, EM-7, LK-6)."""

import hashlib
from dataclasses import replace

import pytest
from django.db import connection, transaction

from paygate.clock import now
from paygate.jobs.interface import tally
from paygate.lifecycle.moves import history
from paygate.mail.archive import raw
from paygate.mail.attachments import Attached
from paygate.mail.mailbox import MailboxRefused
from paygate.mail.models import Mail
from paygate.mail.outbox import MOST_BYTES, LetterTooBig, queue, render
from paygate.sealing import NotOurs
from paygate.tenants.context import within
from paygate.tenants.models import Merchant
from tests.mail.conftest import LETTER

pytestmark = pytest.mark.django_db


def test_a_letter_is_stored_whole_and_its_job_is_there(send) -> None:
    mail = send()

    message = raw(Mail.objects.get())
    assert mail.state == "QUEUED"
    assert (mail.kind, mail.about, mail.recipient, mail.language) == (
        "offer",
        "offer:7",
        "carla@example.org",
        "de",
    )
    assert mail.sender == "rezeption@paygate.localhost"
    assert mail.sha256 == hashlib.sha256(message).hexdigest()
    assert mail.size == len(message)
    assert f"Message-ID: <{mail.public_id}@paygate.localhost>\r\n".encode() in message
    assert tally()["QUEUED"] == 1
    assert [step.new for step in history(mail)] == ["QUEUED"]


def test_a_letter_goes_with_what_caused_it(merchant) -> None:
    with transaction.atomic():
        queue(LETTER, merchant_id=merchant.pk, now=now())
        transaction.set_rollback(True)

    assert not Mail.objects.exists()
    assert tally()["QUEUED"] == 0


@pytest.mark.django_db(transaction=True)
def test_a_letter_without_a_transaction_is_a_defect(merchant) -> None:
    with pytest.raises(AssertionError):
        queue(LETTER, merchant_id=merchant.pk, now=now())


def test_what_is_stored_cannot_be_read_without_the_keys(send, settings) -> None:
    mail = send()

    with connection.cursor() as cursor:
        cursor.execute("SELECT message FROM mail_mail")
        stored = bytes(cursor.fetchone()[0])
    assert len(stored) > mail.size
    for words in (b"Carla", b"carla@example.org", b"application/pdf", b"Message-ID"):
        assert words not in stored


def test_a_message_moved_to_another_merchant_does_not_open(send, merchant) -> None:
    mail = send()
    stranger = Merchant.objects.create(customer_id="100002", name="Carla", created_at=now())
    with within(stranger.pk):
        columns = {
            name: getattr(mail, name)
            for name in ("public_id", "kind", "recipient", "sender", "sha256", "size", "message")
        }
        taken = Mail.objects.create(merchant_id=stranger.pk, queued_at=now(), next_try_at=now(), **columns)

        with pytest.raises(NotOurs):
            raw(taken)


def test_other_merchants_do_not_see_it(send, merchant) -> None:
    send()
    stranger = Merchant.objects.create(customer_id="100002", name="Carla", created_at=now())

    with within(stranger.pk):
        assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "carla@example.org, thief@example.org"},
        {"to": "carla@example.org\r\nBcc: thief@example.org"},
        {"to": ""},
        {"reply_to": "anna@alpenblick.example\nBcc: thief@example.org"},
        {"copy_to": "archive@alpenblick.example;thief@example.org"},
        {"sender_local": "anna@evil.example>"},
        {"sender_local": "x\r\nBcc: thief@example.org"},
    ],
)
def test_an_address_that_is_none_queues_nothing(send, wrong) -> None:
    with pytest.raises(MailboxRefused):
        send(**wrong)

    assert not Mail.objects.exists()
    assert tally()["QUEUED"] == 0


def test_five_megabytes_are_the_most(send) -> None:
    room = (MOST_BYTES - 20_000) * 3 // 4 * 76 // 78
    send(attachments=(Attached("fits.pdf", "application/pdf", b"x" * room),))

    with pytest.raises(LetterTooBig, match=r"5\.2 MB"):
        send(attachments=(Attached("big.pdf", "application/pdf", b"x" * 4_000_000),))
    assert Mail.objects.get().size <= MOST_BYTES


def test_a_copy_is_a_row_without_bytes_of_its_own(send) -> None:
    mail = send(copy_to="archive@alpenblick.example")

    copy = mail.copies.get()
    assert (copy.recipient, copy.about, copy.sha256) == ("archive@alpenblick.example", "offer:7", mail.sha256)
    assert bytes(copy.message) == b""
    assert raw(copy) == raw(mail)
    assert tally()["QUEUED"] == 2


def test_a_letter_is_rendered_in_its_language_and_cannot_be_led_astray(settings, tmp_path) -> None:
    folder = tmp_path / "hotel" / "letter"
    folder.mkdir(parents=True)
    (folder / "subject.txt.jinja").write_text('{{ _("Payment") }}: {{ name }}\n\n')
    (folder / "letter.txt.jinja").write_text("\n{{ name }}\n\n")
    (folder / "letter.html.jinja").write_text(
        "<html><head><style>p { color: #123456 } @media (max-width: 9cm) { p { margin: 0 } }</style>"
        '<link rel="stylesheet" href="https://evil.example/x.css"></head><body><p>{{ name }}</p></body></html>'
    )
    jinja, django_engine = settings.TEMPLATES
    settings.TEMPLATES = [{**jinja, "DIRS": [tmp_path]}, django_engine]

    rendered = render("hotel/letter", "de", {"name": "{{ 7 * 7 }} <b>&\r\nBcc: x@evil.example"})

    assert rendered.subject.endswith(": {{ 7 * 7 }} <b>& Bcc: x@evil.example")
    assert rendered.text.startswith("{{ 7 * 7 }} <b>&")
    assert rendered.text.endswith("example\n")
    assert '<p style="color: #123456;">{{ 7 * 7 }} &lt;b&gt;&amp;' in rendered.html
    assert "@media" in rendered.html


def test_letters_are_written_in_our_languages_only(send) -> None:
    with pytest.raises(AssertionError):
        send(language="xx")


def test_a_letter_can_be_changed_before_it_is_queued() -> None:
    assert replace(LETTER, to="beat@example.org").subject == LETTER.subject
