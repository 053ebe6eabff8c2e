"""Two people, or two windows, do the same thing with a file at the same moment."""

import io

import pytest

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.jobs.interface import run_due
from paygate.offers.models import Offer
from paygate.uploads.confirm import NotNow, confirm, discard, mend
from paygate.uploads.models import Upload, UploadRow
from paygate.uploads.take import take_file
from tests.at_once import at_once, refused
from tests.uploads.files import checked, csv, good

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_file_is_taken_once(transactional_db, anna):
    content = good(3)

    def take() -> bool:
        file = io.BytesIO(content)
        return take_file("links.csv", file, terminal=anna.terminal, by=anna.actor, now=clock.now())[1]

    taken = at_once(*[take] * 4)

    assert refused(taken, NotNow) == 0
    assert sorted(taken) == [False, False, False, True]
    assert Upload.objects.count() == 1


def test_it_is_confirmed_once_and_each_row_becomes_one_offer(transactional_db, anna):
    upload = checked(anna, good(30))

    def say_so() -> None:
        confirm(upload, whole=True, by=anna.actor, now=clock.now())

    assert refused(at_once(*[say_so] * 4), NotNow) == 3
    run_due()

    upload.refresh_from_db()
    assert (upload.state, upload.created) == ("DONE", 30)
    assert Offer.objects.count() == 30
    assert AuditLine.objects.filter(action="upload confirmed").count() == 1


def test_of_confirming_and_discarding_one_wins(transactional_db, anna):
    upload = checked(anna, good(5))

    outcomes = at_once(
        lambda: confirm(upload, whole=True, by=anna.actor, now=clock.now()),
        lambda: discard(upload, by=anna.actor, now=clock.now()),
    )
    run_due()

    assert refused(outcomes, NotNow) == 1
    assert Offer.objects.count() == (0 if isinstance(outcomes[0], NotNow) else 5)


def test_two_cells_of_a_row_are_mended_at_once_and_both_count(transactional_db, anna):
    upload = checked(anna, csv("much,CHF,Room,R-1,nobody"))
    now = clock.now()

    outcomes = at_once(
        lambda: mend(upload, 2, {0: "5"}, by=anna.actor, now=now),
        lambda: mend(upload, 2, {4: "guest@example.org"}, by=anna.actor, now=now),
    )

    assert refused(outcomes, NotNow) == 0
    row = UploadRow.objects.get()
    assert (row.cells[0], row.cells[4], row.wrong) == ("5", "guest@example.org", False)
