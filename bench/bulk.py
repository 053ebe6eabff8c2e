"""The rows about links by file: checked and created, against COPY of the same rows; and payments meanwhile."""

import csv
import io
import time
from typing import Final

from bench import stock
from paygate import clock
from paygate.merchants.models import Member, Terminal
from paygate.merchants.reach import actor_of
from paygate.tenants.context import within
from paygate.uploads.check import check_some
from paygate.uploads.confirm import confirm
from paygate.uploads.create import create_some
from paygate.uploads.take import take_file

HEADER: Final = (
    "Amount", "Currency", "Description", "Reference", "E-mail", "Language", "Expires", "First name", "Last name",
    "Street", "Postal code", "Town", "Country",
)  # fmt: skip


def a_file(rows: int, series: str) -> bytes:
    """As many rows that are right; each series has references of its own."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for row in range(rows):
        writer.writerow(
            [
                f"{10 + row % 900}.{row % 100:02}", "EUR", f"Double room {row}, one night with breakfast",
                f"{series}-{row:06}", f"guest{row}@example.org", "de", "+30d", "Maria", f"Muster {row}",
                f"Seestrasse {row % 200}", f"{1000 + row % 9000}", "Thun", "CH",
            ]
        )  # fmt: skip
    return text.getvalue().encode()


class Measured:
    """How long each part of an upload took, in seconds."""

    read = check = create = 0.0


def upload(content: bytes, name: str) -> Measured:
    """A file from its first byte to its last offer, in this process."""
    seconds, go_on = Measured(), lambda: True
    with within(stock.merchant_id()):
        terminal = Terminal.objects.select_related("merchant").get()
        by = actor_of(Member.objects.select_related("merchant").get())
        begun = time.monotonic()
        made, _new = take_file(name, io.BytesIO(content), terminal=terminal, by=by, now=clock.now())
        read = time.monotonic()
        check_some(made.pk, now=clock.now(), go_on=go_on)
        checked = time.monotonic()
        made.refresh_from_db()
        confirm(made, whole=True, by=by, now=clock.now())
        create_some(made.pk, now=clock.now(), go_on=go_on)
        done = time.monotonic()
        made.refresh_from_db()
    assert made.created == made.rows, f"{made.created} of {made.rows} rows were created"
    seconds.read, seconds.check, seconds.create = read - begun, checked - read, done - checked
    return seconds
