"""What follows the creation: letters a few at a time, the result as files, and what is forgotten when."""

import io
import zipfile
from datetime import timedelta

import pytest

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.mail.models import Mail
from paygate.offers.change import disable
from paygate.offers.models import Offer
from paygate.uploads import letters
from paygate.uploads.confirm import NotNow, confirm, hold_letters
from paygate.uploads.forget import forget_old
from paygate.uploads.models import Upload, UploadRow
from paygate.uploads.result import ADDED, qr_pieces, result_header, result_rows
from tests.backoffice.reading import words
from tests.uploads.files import HEADER, WITH_LETTERS, checked, created, csv, good, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def long_pauses(monkeypatch):
    """The letters after the first ones wait for the test to send them, however slow the machine."""
    monkeypatch.setattr(letters, "PAUSE", timedelta(hours=1))


def test_letters_go_out_a_few_at_a_time(anna, monkeypatch):
    monkeypatch.setattr(letters, "TOGETHER", 2)
    rows = [f"5,CHF,Room,R-{n},guest{n}@example.org,{'no' if n == 4 else 'yes'}" for n in range(6)]
    upload = created(anna, csv(*rows, header=WITH_LETTERS))
    moment = clock.now()
    sent = [Mail.objects.count()]
    while upload.letters_due_at is not None:
        moment += timedelta(hours=2)
        letters.send_some(upload.pk, now=moment)
        sent.append(Mail.objects.count())
        upload.refresh_from_db()

    assert sent == [2, 4, 5]
    assert sorted(Mail.objects.values_list("recipient", flat=True)) == [
        f"guest{number}@example.org" for number in (0, 1, 2, 3, 5)
    ]
    assert Offer.objects.get(reference="R-4").sent_at is None
    assert AuditLine.objects.filter(action="offer sent", by=anna.actor.name).count() == 5


def test_letters_wait_while_they_are_paused(anna, monkeypatch):
    monkeypatch.setattr(letters, "TOGETHER", 1)
    rows = [f"5,CHF,Room,R-{n},guest{n}@example.org,yes" for n in range(3)]
    upload = created(anna, csv(*rows, header=WITH_LETTERS))
    later = clock.now() + timedelta(hours=2)
    hold_letters(upload, hold=True, by=anna.actor, now=later)

    assert letters.send_some(upload.pk, now=later) is None
    assert (Mail.objects.count(), letters.letters_left(upload)) == (1, 2)

    hold_letters(upload, hold=False, by=anna.actor, now=later)
    letters.send_some(upload.pk, now=later)
    assert Mail.objects.count() == 2
    told = AuditLine.objects.filter(action="upload changed").order_by("pk")
    assert [line.detail["letters"] for line in told] == ["paused", "continued"]


def test_no_letter_is_sent_for_an_offer_that_was_taken_back(anna, monkeypatch):
    monkeypatch.setattr(letters, "TOGETHER", 0)
    upload = created(anna, csv("5,CHF,Room,A,a@example.org,yes", header=WITH_LETTERS))
    disable(Offer.objects.get().pk, by=anna.actor, now=clock.now())
    monkeypatch.setattr(letters, "TOGETHER", 1)

    letters.send_some(upload.pk, now=clock.now() + timedelta(hours=2))

    assert not Mail.objects.exists()
    assert letters.letters_left(upload) == 0


def test_the_result_has_the_rows_with_their_links(anna):
    upload = created(anna, csv("5,CHF,One,A/1 ü,", "x,CHF,Two,B,"), whole=False)
    sold = Offer.objects.get()

    assert result_header(upload) == [*HEADER.split(","), *ADDED]
    first, second = result_rows(upload, now=clock.now())
    assert first[:4] == ["5", "CHF", "One", "A/1 ü"]
    assert first[5:] == [
        str(sold.pk),
        f"http://localhost:8000/SecurePayGate/Payment/100001/17000011/{sold.pk}",
        "000002-A-1.png",
        "OPEN",
        "",
    ]
    assert second[5:9] == ["", "", "", "NOT_CREATED"]
    assert "Amount: This is not an amount" in str(second[9])


def test_the_zip_has_a_code_for_each_link(anna):
    upload = created(anna, good(3))

    with zipfile.ZipFile(io.BytesIO(b"".join(qr_pieces(upload)))) as package:
        assert package.testzip() is None
        assert package.namelist() == [f"{n + 1:06}-R-{n:06}.png" for n in (1, 2, 3)]
        assert package.read(package.namelist()[0]).startswith(b"\x89PNG")


def test_an_upload_nobody_confirmed_is_forgotten_after_a_week(anna):
    """safety.md 20: uploads not used are removed after 7 days; what was created stays known for ever."""
    unused, used = checked(anna, good(2)), created(anna, good(1, first=10))

    assert forget_old(now=clock.now() + timedelta(days=6, hours=23)) == 0
    assert forget_old(now=clock.now() + timedelta(days=7, hours=1)) == 1
    assert list(Upload.objects.all()) == [used]
    assert UploadRow.objects.count() == 1

    assert forget_old(now=clock.now() + timedelta(days=721)) == 1
    assert list(Upload.objects.all()) == [used]
    assert not UploadRow.objects.exists()
    assert Offer.objects.count() == 1
    assert unused.pk != uploaded(anna.terminal, good(2)).pk


def test_an_upload_whose_rows_are_gone_creates_nothing_more(anna):
    upload = created(anna, good(3))
    forget_old(now=clock.now() + timedelta(days=721))

    page = words(anna.browser().get(f"/backoffice/offers/upload/{upload.pk}/"))
    with pytest.raises(NotNow):
        confirm(upload, whole=False, by=anna.actor, now=clock.now())

    assert "3 links were created" in page
    assert "The rows of the file were removed two years after" in page
    assert "-3" not in page
    upload.refresh_from_db()
    assert upload.state == "DONE"
