"""Journal and period as CSV (SPG-FRM-15, safety.md UP-7)."""

import csv
import io
from datetime import UTC, datetime

import pytest

from paygate.acquiring.simulator.faults import set_fault
from paygate.journal.batch_close import close_batch
from paygate.journal.capture import capture
from paygate.journal.export import COLUMNS, journal_csv, period_csv
from paygate.journal.find import Search, entries_of
from paygate.journal.models import Entry
from tests.make.books import NOON, booking
from tests.make.journal import reservation
from tests.make.money import chf


def rows(lines) -> list[dict[str, str]]:
    """The file as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


def exported(entry: Entry, zone: str = "Europe/Zurich") -> dict[str, str]:
    (row,) = rows(journal_csv([entry], zone))
    return row


def test_each_line_has_the_merchants_reference_and_what_became_of_the_money(anna):
    entry = reservation(anna.terminal, chf("100.00"), reference="2026-0412", now=NOON)
    capture(entry.pk, amount=chf("60.50"), by=anna.actor, now=NOON)
    reservation(anna.terminal, chf(20), reference="2026-0413", now=NOON)

    newest, first = rows(journal_csv(entries_of(anna.actor, Search()), "Europe/Zurich"))

    assert (newest["Reference"], first["Reference"]) == ("2026-0413", "2026-0412")
    assert (first["Amount"], first["Booked"], first["Currency"]) == ("100.00", "60.50", "CHF")
    assert (first["State"], first["Terminal"], first["Method"]) == ("CAPTURED", "17000011", "VISA")
    assert first["TransactionId"] == entry.transaction_id
    assert first["LiabilityShift"] == "no"
    assert tuple(first) == COLUMNS


def test_a_periods_file_has_its_bookings_and_its_number(anna):
    booking(anna.terminal, chf(10), reference="one")
    booking(anna.terminal, chf(20), reference="two")
    period = close_batch(anna.terminal, by=anna.actor, now=NOON)
    booking(anna.terminal, chf(30), reference="three")

    assert period is not None
    lines = rows(period_csv(period, "Europe/Zurich"))

    assert [(row["Reference"], row["Booked"], row["Period"]) for row in lines] == [
        ("one", "10.00", "1"),
        ("two", "20.00", "1"),
    ]


def test_card_numbers_are_masked(anna):
    reservation(anna.terminal, now=NOON)

    text = "".join(journal_csv(entries_of(anna.actor, Search()), "Europe/Zurich"))

    assert "9010003150000001" not in text
    assert "901000" in text


@pytest.mark.parametrize(
    "begin", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"], ids=lambda sign: f"U+{ord(sign):04X}"
)
def test_what_a_spreadsheet_would_run_is_written_as_text(anna, begin):
    entry = reservation(
        anna.terminal, reference=f"{begin}cmd|' /C calc'!A0", description=f"{begin}1+1", now=NOON
    )

    row = exported(entry)

    assert row["Reference"] == f"'{begin}cmd|' /C calc'!A0"
    assert row["Description"] == f"'{begin}1+1"


@pytest.mark.parametrize("text", ['Room "214"', "a, b; c", "Zürich – Café", "1+1=2", "a\nb"])
def test_any_other_text_is_read_back_as_it_was_written(anna, text):
    assert exported(reservation(anna.terminal, description=text, now=NOON))["Description"] == text


@pytest.mark.parametrize(
    ("zone", "moment", "written"),
    [
        ("Europe/Zurich", datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "2026-11-24T00:30:00+01:00"),
        ("Europe/Zurich", datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "2026-07-01T14:00:00+02:00"),
        ("Europe/Zurich", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30:00+02:00"),
        ("Europe/Zurich", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00+01:00"),
        ("America/New_York", datetime(2026, 11, 24, 3, 0, tzinfo=UTC), "2026-11-23T22:00:00-05:00"),
    ],
)
def test_moments_are_in_the_merchants_zone_and_say_so(anna, zone, moment, written):
    assert exported(reservation(anna.terminal, now=moment), zone)["Date"] == written


def test_lines_end_as_in_the_standard(anna):
    header, line = journal_csv([reservation(anna.terminal, now=NOON)], "UTC")

    assert header.endswith("\r\n")
    assert line.endswith("\r\n")


def test_an_empty_journal_is_a_header(anna):
    assert "".join(journal_csv([], "UTC")) == ",".join(COLUMNS) + "\r\n"


def test_a_booking_that_nobody_answered_is_not_counted_as_booked(anna):
    entry = reservation(anna.terminal, chf("64.91"), now=NOON)
    set_fault("CAPTURE", "drop_after_commit")
    capture(entry.pk, by=anna.actor, now=NOON)
    entry.refresh_from_db()

    row = exported(entry)

    assert (row["State"], row["Amount"], row["Booked"]) == ("AUTHORIZED", "64.91", "0.00")
