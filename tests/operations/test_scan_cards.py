"""The card-data scanner finds what was planted, in every form, and leaves everything else alone (safety.md CD-14)."""

import base64
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from paygate.operations import cli
from paygate.operations.scan_cards import CHUNK, scan

NUMBER = "9010004950000001"
FIFTEEN = "370000000000002"
CODE = "0937"

IN_FORMS: dict[str, Callable[[str], bytes]] = {
    "clear": str.encode,
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64, one byte later": lambda text: base64.b64encode(b'"' + text.encode() + b'"'),
    "base64, two bytes later": lambda text: base64.b64encode(b'{"' + text.encode() + b'"}'),
    "base64, URL-safe": lambda text: base64.urlsafe_b64encode(b"number=" + text.encode()),
    "base64, lines broken": lambda text: base64.encodebytes(b"x" * 50 + text.encode() + b"x" * 50),
    "base64, lines of a letter": lambda text: base64.encodebytes(b"x" * 48 + text.encode()).replace(
        b"\n", b"\r\n"
    ),
    "hex": lambda text: text.encode().hex().encode(),
    "upper-case hex": lambda text: text.encode().hex().upper().encode(),
    "URL-encoded": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    "reversed": lambda text: text[::-1].encode(),
    "UTF-16 little-endian": lambda text: text.encode("utf-16-le"),
    "UTF-16 big-endian": lambda text: text.encode("utf-16-be"),
    "grouped by spaces": lambda text: " ".join(text[at : at + 4] for at in range(0, 16, 4)).encode(),
    "grouped by dashes": lambda text: "-".join(text[at : at + 4] for at in range(0, 16, 4)).encode(),
    "grouped and URL-encoded": lambda text: quote(
        " ".join(text[at : at + 4] for at in range(0, 16, 4))
    ).encode(),
}


@pytest.fixture
def numbers(tmp_path) -> str:
    path = tmp_path / "numbers.txt"
    path.write_text(f"{NUMBER}\n{FIFTEEN}\n{CODE}\n")
    return str(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir()
    return path


@pytest.mark.parametrize("form", IN_FORMS)
@pytest.mark.parametrize(
    "around", [b"", b"\x00\xff\x00", b"some words ", b"7" * 5], ids=["alone", "binary", "text", "digits"]
)
def test_a_given_number_is_found_in_every_form(form, around, folder, numbers):
    (folder / "file.bin").write_bytes(around + IN_FORMS[form](NUMBER) + around)

    found = list(scan([folder], numbers_file=numbers))

    assert found
    assert all(str(folder / "file.bin") in str(finding) and NUMBER not in str(finding) for finding in found)


@pytest.mark.parametrize("form", ["clear", "hex", "URL-encoded", "reversed", "UTF-16 little-endian"])
def test_a_given_code_is_found_too_and_never_printed(form, folder, numbers):
    (folder / "file.bin").write_bytes(b'{"code": "' + IN_FORMS[form](CODE) + b'"}')

    found = list(scan([folder], numbers_file=numbers))

    assert found
    assert CODE not in str(found[0])


@pytest.mark.parametrize(
    "text",
    ["1093712", "2026-11-23T21:09:37", "a0937bcd-1111", "5f8c-0937-4b1d", "21:51:56.093712", "CHF 937.00"],
)
def test_a_code_inside_a_longer_number_or_id_is_none(text, folder, numbers):
    (folder / "file.txt").write_text(text)

    assert list(scan([folder], numbers_file=numbers)) == []


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        "9010 0049 5000 0001",
        "9010-0049-5000-0001",
        "9 0 1 0 0 0 4 9 5 0 0 0 0 0 0 1",
        f"the card {NUMBER}, and on",
        '{"acctNumber": "4111111111111111"}',
        "3700 000000 00002",
        f"20261123 215156 000000 {NUMBER}",
        f"{NUMBER}2026-11-23 21:57:01",
        f"{NUMBER}af0c9d",
        f"beef{NUMBER} ",
    ],
)
def test_a_number_that_nobody_gave_is_found_by_what_it_looks_like(text, folder):
    (folder / "log.txt").write_text(f"begin\n{text}\nend\n")

    (finding,) = scan([folder])

    assert finding.form == "looks like a card number"


@pytest.mark.parametrize(
    "text",
    [
        "9010004950000002",  # the check digit is wrong
        "901000xxxxxx0001",
        "+41 44 111 22 33, +41 44 111 22 34",
        "4711 4712 4713",
        "6d1ae5a6-2ccd-4b5e-9a5a-2e7a0f0d8f00",
        "2026-11-23 21:51:56.093712",
        "2026-11-23 21:57:01.5003442026-11-23 21:57:01.509026",
        "5f8c0a4111111111111111d4b1d0c3a2",
        "c0ad4b1d0c3a25f8c0ad4b1d0c3a25f8c0ad4b1d0c3a2fff4111111111111111",
        'boundary="===============4000000000000000006=="',
        "",
    ],
)
def test_what_is_no_card_number_is_left_alone(text, folder, numbers):
    (folder / "log.txt").write_text(text)

    assert list(scan([folder], numbers_file=numbers)) == []


def test_a_number_across_two_pieces_of_a_large_file_is_found_once(folder, numbers):
    for before in (CHUNK - 8, CHUNK - 1, CHUNK, CHUNK - 16):
        (folder / "large").write_bytes(b"." * before + NUMBER.encode() + b"." * 100)

        (finding,) = scan([folder], numbers_file=numbers)

        assert finding.offset == before


def test_the_write_ahead_log_of_a_database_is_looked_into(tmp_path, numbers):
    path = tmp_path / "some.sqlite3"
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE t (x TEXT)")
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("INSERT INTO t VALUES (?)", (NUMBER,))
    database.commit()

    found = list(scan([path], numbers_file=numbers))

    assert {finding.path.name for finding in found} == {"some.sqlite3", "some.sqlite3-wal"}
    database.close()


def test_folders_within_folders_are_looked_into_and_links_are_not_followed(folder, tmp_path, numbers):
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "c.log").write_text(NUMBER)
    (tmp_path / "elsewhere").write_text(NUMBER)
    (folder / "link").symlink_to(tmp_path / "elsewhere")

    (finding,) = scan([folder], numbers_file=numbers)

    assert finding.path.name == "c.log"


def test_a_path_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="nosuch"):
        list(scan([tmp_path / "nosuch"]))


def test_the_command_ends_with_zero_only_when_nothing_was_found(folder, numbers, capsys):
    """contract.md section 3: `paygate scan-cards PATH… --numbers FILE`."""
    with pytest.raises(SystemExit) as clean:
        cli.main(["scan-cards", str(folder), "--numbers", numbers])
    (folder / "leak.log").write_bytes(IN_FORMS["base64"](NUMBER))
    with pytest.raises(SystemExit) as leaked:
        cli.main(["scan-cards", str(folder), "--numbers", numbers])

    assert (clean.value.code, leaked.value.code) == (0, 1)
    said = capsys.readouterr().out
    assert "0 found." in said
    assert "leak.log" in said
    assert NUMBER not in said
