"""The archive: whole, readable, found again, and kept long enough (safety.md EM-7)."""

from datetime import UTC, datetime, timedelta

import pytest

from paygate.clock import now
from paygate.mail.archive import letter, letters_about, parts, purge, raw
from paygate.mail.models import Mail
from paygate.mail.tasks import purge_old
from paygate.refusals import NotFound
from paygate.tenants.context import within
from paygate.tenants.models import Merchant
from tests.mail.conftest import LETTER

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_letter_is_read_as_it_was_written(send) -> None:
    mail = send()

    read = parts(letter(mail.public_id))

    headers = dict(read.headers)
    assert headers["Subject"] == "Ihr Zimmer für zwei Nächte"
    assert headers["From"] == "Hotel Alpenblick <rezeption@paygate.localhost>"
    assert headers["Reply-To"] == "anna@alpenblick.example"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert read.text == LETTER.text
    assert read.html == LETTER.html
    assert read.attachments == LETTER.attachments
    assert read.inline == LETTER.inline


def test_a_copy_reads_like_its_original(send) -> None:
    mail = send(copy_to="archive@alpenblick.example")
    copy = mail.copies.get()

    assert raw(letter(copy.public_id)) == raw(mail)
    assert parts(copy) == parts(mail)


def test_letters_are_found_from_what_they_are_about(send) -> None:
    first = send(copy_to="archive@alpenblick.example")
    second = send(subject="Zahlung erhalten", kind="confirmation")
    send(about="offer:8")

    assert list(letters_about("offer:7")) == [second, first]
    (copy,) = letters_about("offer:7")[1].copies.all()
    assert copy.recipient == "archive@alpenblick.example"


def test_a_stranger_finds_nothing(send) -> None:
    mail = send()
    stranger = Merchant.objects.create(customer_id="100002", name="Carla", created_at=NOW)

    with within(stranger.pk):
        assert not letters_about("offer:7")
        with pytest.raises(NotFound):
            letter(mail.public_id)


def test_letters_go_after_thirty_months(send) -> None:
    send(at=NOW - timedelta(days=916), copy_to="archive@alpenblick.example")
    kept = send(at=NOW - timedelta(days=914))

    assert purge(now=NOW) == 2
    assert purge(now=NOW) == 0
    assert Mail.objects.get() == kept


def test_letters_never_go_before_two_years(send) -> None:
    send(at=NOW - timedelta(days=731))

    assert purge(now=NOW, kept=timedelta(days=732)) == 0
    with pytest.raises(AssertionError):
        purge(now=NOW, kept=timedelta(days=730))


def test_the_job_ends_the_archive_of_every_merchant(send) -> None:
    send(at=now() - timedelta(days=1000))
    send()

    purge_old()

    assert Mail.objects.count() == 1
