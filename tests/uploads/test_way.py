"""The whole way of a file in the room itself: read, checked, mended, confirmed, created, its letters sent."""

import io
from datetime import timedelta

import pytest

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.cards.free_text import LooksLikeCardNumber
from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.lifecycle.moves import history
from paygate.mail.models import Mail
from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor, NotPermitted
from paygate.offers.models import Offer
from paygate.refusals import NotFound
from paygate.uploads import create
from paygate.uploads.confirm import NotNow, confirm, discard, mend, upload_of
from paygate.uploads.models import ColumnName, Upload, UploadPart, UploadRow
from paygate.uploads.refused import UploadRefused
from paygate.uploads.row_terms import RowRead, RowReader
from paygate.uploads.take import name_columns, take_file
from tests.cast import a_terminal
from tests.jobs.queue import lose_all_jobs
from tests.make.offers import offer
from tests.uploads.files import HEADER, WITH_LETTERS, checked, created, csv, good, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


def references() -> list[str]:
    """Of all offers there are."""
    return sorted(Offer.objects.values_list("reference", flat=True))


def test_a_file_becomes_offers_once_somebody_said_so(anna):
    """SPG-UPL-01: several links with one file; nothing exists before the confirmation."""
    upload = checked(anna, good(3))
    assert (upload.state, upload.rows, upload.checked) == ("CHECKED", 3, 3)
    assert not Offer.objects.exists()
    assert not UploadPart.objects.exists()

    confirm(upload, whole=True, by=anna.actor, now=clock.now())
    run_due()

    upload.refresh_from_db()
    offers = list(Offer.objects.order_by("reference"))
    assert (upload.state, upload.created) == ("DONE", 3)
    assert [offer.reference for offer in offers] == ["R-000001", "R-000002", "R-000003"]
    assert {(one.source, one.created_by, one.state) for one in offers} == {
        ("UPLOAD", anna.actor.name, "OPEN")
    }
    assert [(step.cause, step.new, step.by) for step in history(offers[0])] == [
        ("created", "OPEN", anna.actor.name)
    ]
    assert {row.offer_key for row in UploadRow.objects.all()} == {offer.pk for offer in offers}
    assert not Mail.objects.exists()
    told = list(AuditLine.objects.order_by("pk").values_list("action", flat=True))
    assert told == ["file uploaded", "upload confirmed"]


def test_an_offer_of_a_file_is_like_one_of_the_form(anna):
    """Column by column: what the form does not say, the file does not say either."""
    like = offer(
        anna.terminal, reference="R-1", payer_email="guest@example.org", language="de", max_attempts=3
    )
    header = "Amount,Currency,Description,Reference,E-mail,Language,Attempts,Expires"
    row = '49.90,CHF,"Double room, one night",R-2,guest@example.org,de,3,+14d'

    created(anna, csv(row, header=header))

    made = Offer.objects.get(reference="R-2")
    own = {"id", "reference", "words", "source", "expires_at"}  # the words are of the reference, too
    own |= {"created_by", "changed_by", "created_at", "changed_at"}
    columns = {field.attname for field in Offer._meta.concrete_fields} - own
    assert {name: getattr(made, name) for name in columns} == {name: getattr(like, name) for name in columns}


def test_rows_that_are_wrong_hold_the_others_up_only_if_one_wants_that(anna):
    upload = checked(anna, csv("5,CHF,One,A,", "x,CHF,Two,B,", "7,EUR,Three,C,"))
    with pytest.raises(NotNow, match="Not all rows are right"):
        confirm(upload, whole=True, by=anna.actor, now=clock.now())
    assert not Offer.objects.exists()

    confirm(upload, whole=False, by=anna.actor, now=clock.now())
    run_due()

    assert references() == ["A", "C"]


def test_a_cell_is_mended_in_place_and_only_its_row_is_checked_again(anna, monkeypatch):
    upload = checked(anna, csv("5,CHF,One,A,", "x,CHF,Two,B,", "7,EUR,Three,C,"))
    read: list[list[str]] = []
    true = RowReader.read

    def noted(self: RowReader, cells: list[str]) -> RowRead:
        read.append(cells)
        return true(self, cells)

    monkeypatch.setattr(RowReader, "read", noted)

    row = mend(upload, 3, {0: " 6.50 "}, by=anna.actor, now=clock.now())

    assert (row.wrong, row.cells[0], row.amount_minor) == (False, "6.50", 650)
    assert len(read) == 1
    told = AuditLine.objects.filter(action="upload changed").get()
    assert told.detail == {"row": 3, "columns": ["Amount"]}


def test_rows_left_out_can_be_mended_and_created_later(anna):
    upload = created(anna, csv("5,CHF,One,A,", "x,CHF,Two,B,", "7,EUR,Three,C,"), whole=False)
    assert references() == ["A", "C"]

    mend(upload, 3, {0: "6"}, by=anna.actor, now=clock.now())
    confirm(upload, whole=True, by=anna.actor, now=clock.now())
    run_due()

    upload.refresh_from_db()
    assert references() == ["A", "B", "C"]
    assert (upload.state, upload.created) == ("DONE", 3)


def test_a_row_that_was_created_is_not_mended(anna):
    upload = created(anna, good(1))

    with pytest.raises(NotFound):
        mend(upload, 2, {0: "6"}, by=anna.actor, now=clock.now())


def test_a_card_number_is_not_mended_into_a_cell(anna):
    upload = checked(anna, csv("5,CHF,One,A,"))

    with pytest.raises(LooksLikeCardNumber):
        mend(upload, 2, {2: "4111 1111 1111 1111"}, by=anna.actor, now=clock.now())
    assert UploadRow.objects.get().cells[2] == "One"


def test_what_has_become_wrong_since_the_check_is_left_out_and_told(anna):
    moment = clock.now()
    at = f"{moment + timedelta(hours=3):%Y-%m-%d %H:%M}"
    header = f"{HEADER},Expires"
    upload = checked(anna, csv("5,CHF,One,A,,+14d", f"6,CHF,Two,B,,{at}", header=header))
    assert not UploadRow.objects.filter(wrong=True).exists()

    confirm(upload, whole=True, by=anna.actor, now=moment)
    create.create_some(upload.pk, now=moment + timedelta(hours=5), go_on=lambda: True)

    upload.refresh_from_db()
    assert references() == ["A"]
    assert (upload.state, upload.created, upload.wanted) == ("DONE", 1, 1)
    assert UploadRow.objects.get(wrong=True).reference == "B"


def test_the_same_file_again_is_the_same_upload(anna):
    """Also when it has another name: what was created is not created twice."""
    first = created(anna, good(2))

    again, is_new = take_file(
        "other.csv", io.BytesIO(good(2)), terminal=anna.terminal, by=anna.actor, now=clock.now()
    )

    assert (again, is_new) == (first, False)
    assert Offer.objects.count() == 2


def test_for_another_terminal_the_same_file_is_another_upload(anna):
    other = a_terminal(anna.merchant, "17000012")

    assert uploaded(anna.terminal, good(1)) != uploaded(other, good(1))


def test_references_used_twice_are_marked_and_kept_right_when_mended(anna):
    offer(anna.terminal, reference="OLD")
    upload = checked(
        anna, csv("5,CHF,One,A,", "6,CHF,Two,A,", "7,CHF,Three,OLD,", "8,CHF,Four,,", "9,CHF,Five,,")
    )

    def marked() -> list[int]:
        return list(UploadRow.objects.filter(repeats=True).values_list("number", flat=True))

    assert marked() == [2, 3, 4]
    mend(upload, 3, {3: "B"}, by=anna.actor, now=clock.now())
    assert marked() == [4]
    mend(upload, 4, {3: "B"}, by=anna.actor, now=clock.now())
    assert marked() == [3, 4]


def test_unknown_columns_are_asked_for_and_remembered(anna):
    """SPG-UPL-07: an unknown column is named, not ignored, and can be mapped by hand."""
    content = csv("5,CHF,Room,red,Z-1", header="Amount,Currency,Description,Colour,Our code")
    upload = checked(anna, content)
    assert (upload.state, upload.keys) == ("READ", ["amount", "currency", "description", None, None])
    with pytest.raises(UploadRefused):
        name_columns(upload, {3: ""}, by=anna.actor, now=clock.now())
    with pytest.raises(UploadRefused):
        name_columns(upload, {3: "reference", 4: "reference"}, by=anna.actor, now=clock.now())

    name_columns(upload, {3: "", 4: "reference"}, by=anna.actor, now=clock.now())
    run_due()

    assert UploadRow.objects.get().reference == "Z-1"
    assert dict(ColumnName.objects.values_list("name", "key")) == {"colour": "", "ourcode": "reference"}
    again = checked(anna, content.replace(b"Z-1", b"Z-2"))
    assert (again.state, again.keys[3:]) == ("CHECKED", ["", "reference"])


def test_a_column_without_name_and_cells_is_none(anna):
    assert checked(anna, b"Amount,Currency,,Description\n5,CHF,,Room\n").state == "CHECKED"


def test_a_file_in_currencies_that_the_terminal_does_not_take_is_refused(anna):
    euros = a_terminal(anna.merchant, "17000012", VISA=("EUR",))

    with pytest.raises(UploadRefused, match="Terminal 17000012 takes EUR. The file asks for CHF") as refused:
        uploaded(euros, csv("5,CHF,Room,,"))

    assert refused.value.field == "terminal"
    assert not Upload.objects.exists()


def test_a_terminal_without_contracts_takes_no_file(anna):
    bare = Terminal.objects.create(merchant=anna.merchant, number="17000012", kind="SPG")

    with pytest.raises(UploadRefused, match="No method of payment is agreed"):
        uploaded(bare, good(1))


def test_a_header_alone_is_refused(anna):
    with pytest.raises(UploadRefused, match="no rows"):
        uploaded(anna.terminal, csv())


def test_a_refused_file_leaves_nothing(anna):
    with pytest.raises(UploadRefused):
        uploaded(anna.terminal, csv("5,CHF,Room,,", "6,CHF,4111 1111 1111 1111,,"))

    assert not Upload.objects.exists()
    assert not UploadPart.objects.exists()
    assert not AuditLine.objects.exists()


def test_who_may_not_write_offers_may_not_upload_any(anna):
    reader = Actor(anna.merchant.pk, "member:9", frozenset())

    with pytest.raises(NotPermitted):
        uploaded(anna.terminal, good(1), by=reader)


def test_a_discarded_file_can_be_uploaded_anew(anna):
    upload = checked(anna, good(2))

    discard(upload, by=anna.actor, now=clock.now())

    assert not Upload.objects.exists()
    assert not UploadRow.objects.exists()
    assert checked(anna, good(2)).state == "CHECKED"


def test_what_was_confirmed_is_neither_discarded_nor_confirmed_again(anna):
    upload = checked(anna, good(1))
    confirm(upload, whole=True, by=anna.actor, now=clock.now())

    with pytest.raises(NotNow):
        discard(upload, by=anna.actor, now=clock.now())
    with pytest.raises(NotNow):
        confirm(upload, whole=True, by=anna.actor, now=clock.now())
    run_due()
    with pytest.raises(NotNow, match="no row that could be created"):
        confirm(upload, whole=True, by=anna.actor, now=clock.now())
    assert Offer.objects.count() == 1


def test_many_batches_make_each_row_once(anna, monkeypatch):
    """Whatever a turn of the job is long."""
    monkeypatch.setattr(create, "BATCH", 7)
    upload = checked(anna, good(50))
    confirm(upload, whole=True, by=anna.actor, now=clock.now())
    turns = 0
    while create.create_some(upload.pk, now=clock.now(), go_on=lambda: False):
        turns += 1

    assert turns == 8
    assert references() == [f"R-{number:06}" for number in range(1, 51)]


def test_a_queue_that_is_lost_loses_nothing(anna):
    upload = uploaded(
        anna.terminal, csv("5,CHF,Room,A,a@example.org,yes", header=WITH_LETTERS), by=anna.actor
    )
    for _step in range(3):
        lose_all_jobs()
        sweep()
        run_due()
        upload.refresh_from_db()
        if upload.state == "CHECKED":
            confirm(upload, whole=True, by=anna.actor, now=clock.now())

    assert (upload.state, references()) == ("DONE", ["A"])
    assert Mail.objects.count() == 1


def test_a_stranger_does_not_reach_an_upload(anna, carla):
    upload = checked(anna, good(1))

    with pytest.raises(NotFound):
        upload_of(carla.actor, upload.pk)
