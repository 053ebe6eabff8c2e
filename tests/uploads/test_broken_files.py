"""Two thousand broken files: each is taken or refused in a sentence, and none is an error of ours (SPG-UPL-07)."""

import io
import random
import zipfile
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from paygate.uploads.reading import read
from paygate.uploads.refused import UploadRefused
from paygate.uploads.row_terms import RowReader
from tests.backoffice.reading import error_at
from tests.uploads.files import HEADER, csv, workbook
from tests.uploads.made_workbooks import made

FILES = 2000
SEED = 20261126

GOOD = {
    "links.csv": [
        csv("5,CHF,Room,R-1,a@example.org", '"1\'234.50",EUR,"A ""big"" one",R-2,b@example.org'),
        "Betrag;Währung;Beschreibung;Gültig bis\r\n5,50;CHF;Menü;31.12.2026\r\n".encode("cp1252"),
        "Montant\tDevise\tDescription\n5\tCHF\tChâlet\n".encode("utf-16"),
    ],
    "links.xlsx": [
        workbook(HEADER.split(","), [5, "CHF", "Room", "R-1", "a@example.org"], [6, "EUR", "Suite", 7, None]),
        made('<c r="A2" s="1"><v>46387</v></c><c r="B2" t="s"><v>4</v></c>', '<c r="D3"><v>1.5E3</v></c>'),
    ],
}
NASTY = (
    b"\x00", b"\xff", b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"=", b"\xc3\x28", b"\xef\xbb\xbf", b"PK\x03\x04",
    b"<", b">", b"&#0;", b"]]>", b"9" * 40, b"1e999", b"-1", b"NaN", "１２".encode(), b"\\u0000", b"_xD800_",
)  # fmt: skip


def broken(content: bytes, chance: random.Random) -> bytes:
    """The file after one to five accidents."""
    made = bytearray(content)
    for _accident in range(chance.randint(1, 5)):
        at = chance.randrange(len(made) + 1)
        match chance.randrange(6):
            case 0:
                made[at:at] = chance.choice(NASTY)
            case 1:
                del made[at : at + chance.randint(1, 40)]
            case 2:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                made[at:at] = made[at : at + chance.randint(1, 200)]
            case 4:
                del made[at:]
            case 5:
                other = chance.randrange(len(made) + 1)
                made[at:at] = made[other : other + 30]
    return bytes(made)


def inside(content: bytes, chance: random.Random) -> bytes:
    """A workbook of which one part was broken before it was packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        unlucky = chance.choice(names)
        for name in names:
            part = old.read(name)
            new.writestr(name, broken(part, chance) if name == unlucky else part)
    return file.getvalue()


def a_broken_file(chance: random.Random, number: int) -> tuple[str, bytes]:
    """Its name and what is left of it."""
    filename = chance.choice(list(GOOD))
    content = chance.choice(GOOD[filename])
    deep = filename == "links.xlsx" and number % 2
    return filename, inside(content, chance) if deep else broken(content, chance)


@pytest.mark.django_db
def test_two_thousand_broken_files_are_no_error(anna):
    """Every row of what is taken can also be checked, in whatever it says."""
    chance = random.Random(SEED)
    ends: Counter[str] = Counter()
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    for number in range(FILES):
        filename, content = a_broken_file(chance, number)
        try:
            found = read(filename, io.BytesIO(content))
            rows = list(found.rows)
        except UploadRefused:
            ends["refused"] += 1
            continue
        reader = RowReader(anna.terminal, found.header.keys, plain=found.kind == "XLSX", now=now)
        for _number, cells in rows:
            for problem in reader.read(cells).problems:
                assert str(problem.words)
        ends["taken"] += 1

    assert ends.total() == FILES
    assert min(ends.values()) > FILES // 10, ends  # the accidents are neither all harmless nor all fatal


def test_no_broken_file_breaks_the_page(beat):
    """Through the door: taken files can be looked at, and refused ones say why."""
    chance, browser = random.Random(SEED), beat.browser()
    for number in range(FILES // 40):
        filename, content = a_broken_file(chance, number)
        fields = {"terminal": beat.terminal.number, "file": SimpleUploadedFile(filename, content)}

        response = browser.post("/backoffice/offers/upload/", fields)

        assert response.status_code in (302, 422), filename
        if response.status_code == 302:
            assert browser.get(response.url).status_code == 200
        else:
            assert error_at(response, "file") or error_at(response, "terminal"), filename
