"""Files are read as people's programs write them, and refused in one sentence each (SPG-UPL-07)."""

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from paygate.spreadsheets import Cell
from paygate.uploads import csv_files, tables
from paygate.uploads import reading as reading_module
from paygate.uploads.columns import COLUMNS, key_of, normal
from paygate.uploads.reading import read
from paygate.uploads.refused import UploadRefused
from tests.uploads.files import csv, workbook
from tests.uploads.made_workbooks import made

SWISS = "Betrag;Währung;Beschreibung\r\n1'234,50;CHF;Menü für zwei\r\n"
VISA = "4111 1111 1111 1111"


def seen(content: bytes, filename: str = "links.csv") -> tuple[tuple[str | None, ...], list[list[str]]]:
    """The columns and the cells of a file."""
    found = read(filename, io.BytesIO(content))
    return found.header.keys, [cells for _number, cells in found.rows]


def refused(content: bytes, filename: str = "links.csv") -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(UploadRefused) as refusal:
        list(read(filename, io.BytesIO(content)).rows)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_each_encoding_is_recognised_and_said(encoding, name):
    """SPG-UPL-07: UTF-8 with and without BOM, UTF-16 and Windows-1252."""
    found = read("links.csv", io.BytesIO(SWISS.encode(encoding)))

    assert (found.encoding, found.separator) == (name, "semicolon")
    assert found.header.keys == ("amount", "currency", "description")
    assert [cells for _number, cells in found.rows] == [["1'234,50", "CHF", "Menü für zwei"]]


@pytest.mark.parametrize("size", range(4, 12))
@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "UTF-8"), ("cp1252", "Windows-1252")])
def test_a_line_that_is_read_in_pieces_is_not_cut_within_a_letter(monkeypatch, size, encoding, name):
    monkeypatch.setattr(csv_files, "_PIECE", size)

    found = read("links.csv", io.BytesIO(f"Amount,Description\n5,{'Zürich €' * 20}\n6,Café".encode(encoding)))

    assert found.encoding == name
    assert [cells[1] for _number, cells in found.rows] == ["Zürich €" * 20, "Café"]


@pytest.mark.parametrize(("separator", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_each_separator_is_recognised_and_said(separator, name):
    """SPG-UPL-07: comma, semicolon or tab; quotation marks, line ends and separators inside them."""
    text = f'Description{separator}Amount\n"One{separator} two\nand ""three"""{separator}5\n'
    found = read("links.csv", io.BytesIO(text.encode()))

    assert found.separator == name
    assert [cells for _number, cells in found.rows] == [[f'One{separator} two\nand "three"', "5"]]


def test_a_first_line_that_names_the_separator_is_none_of_the_rows():
    assert seen(b"sep=;\r\nAmount;Currency\r\n5;CHF\r\n") == (("amount", "currency"), [["5", "CHF"]])


def test_empty_rows_are_passed_over_and_rows_keep_their_numbers():
    found = read("links.csv", io.BytesIO(b"\nAmount,Currency\n\n5,CHF\n , \n6,EUR\n"))

    assert list(found.rows) == [(4, ["5", "CHF"]), (6, ["6", "EUR"])]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_a_column_is_known_by_its_names_in_four_languages(column):
    """SPG-UPL-07: header names in English with German, French and Italian synonyms."""
    for name in (*column.headers, column.key, column.headers[0].upper(), f" {column.headers[1]} "):
        assert key_of(name) == column.key, name


def test_no_name_means_two_columns():
    names = [(normal(name), column.key) for column in COLUMNS for name in (*column.headers, column.key)]

    assert len(dict(names)) == len(set(names))


def test_columns_stand_in_any_order_and_an_unknown_one_is_named():
    found = read("links.csv", io.BytesIO(b"Colour,Montant,Devise,\n,5,CHF,x\n"))

    assert found.header.names == ("Colour", "Montant", "Devise")
    assert found.header.keys == (None, "amount", "currency")
    assert found.header.unknown == [0]


def test_what_was_said_of_a_column_before_is_remembered():
    found = read("links.csv", io.BytesIO(b"Colour,Amount\nred,5\n"), remembered={"colour": "reference"})

    assert found.header.keys == ("reference", "amount")


def test_what_is_remembered_of_a_column_gives_way_to_one_that_the_file_names():
    found = read(
        "links.csv", io.BytesIO(b"Colour,Reference,Amount\nred,R,5\n"), remembered={"colour": "reference"}
    )

    assert found.header.keys == (None, "reference", "amount")


def test_what_is_remembered_of_two_columns_is_asked_for_the_second():
    remembered = {"colour": "reference", "shade": "reference", "size": "no column of ours any more"}
    found = read("links.csv", io.BytesIO(b"Colour,Shade,Size,Amount\nr,s,t,5\n"), remembered=remembered)

    assert found.header.keys == ("reference", None, None, "amount")


def test_a_workbook_has_real_numbers_and_dates():
    """SPG-UPL-07: XLSX with real dates and numbers."""
    rows: list[list[Cell]] = [
        [Decimal("1234.50"), 2026001, datetime(2026, 12, 31, 18, 30, tzinfo=UTC), "+14d"],
        [Decimal("0.1"), 10**14, datetime(2026, 12, 31, tzinfo=UTC), None],
    ]
    content = workbook(["Amount", "Reference", "Expires", "Description"], *rows)

    assert seen(content, "links.xlsx")[1] == [
        ["1234.5", "2026001", "2026-12-31 18:30", "+14d"],
        ["0.1", "100000000000000", "2026-12-31", ""],
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="A2"><v>1.1000000000000001</v></c>', "1.1"),
        ('<c r="A2"><v>49.899999999999999</v></c>', "49.9"),
        ('<c r="A2"><v>1.5E3</v></c>', "1500"),
        ('<c r="A2" s="1"><v>46387</v></c>', "2026-12-31"),
        ('<c r="A2" s="2"><v>46387.75</v></c>', "2026-12-31 18:00"),
        ('<c r="A2" s="3"><v>46387</v></c>', "46387"),
        ('<c r="A2" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c>', "inline"),
        ('<c r="A2" t="inlineStr"><is><t>one_x000A_two_x0000__x005F_x</t></is></c>', "one\ntwo_x"),
        ('<c r="A2" t="b"><v>1</v></c>', "yes"),
        ('<c t="s"><v>4</v></c>', "CHF"),
    ],
)
def test_a_cell_of_a_workbook_is_what_its_program_shows(cell, text):
    assert seen(made(cell), "links.xlsx")[1][0][0] == text


def test_days_are_counted_from_1904_where_the_workbook_says_so():
    content = made('<c r="A2" s="1"><v>44925</v></c>', date1904=' date1904="1"')

    assert seen(content, "links.xlsx")[1][0][0] == "2026-12-31"


def test_what_our_exports_wrote_as_text_is_read_back_as_it_was():
    assert seen(b"Amount,Phone\n5,'+41 33 222 00 00\n")[1] == [["5", "+41 33 222 00 00"]]


BOMB = made(instead={"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 40_000_000})
MANY_PARTS = made(instead={f"xl/media/{number}.txt": "x" for number in range(1001)})
LAUGHING = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>'
LAUGHS = made(instead={"xl/sharedStrings.xml": LAUGHING})
MACROS = "<Types>application/vnd.ms-excel.sheet.macroEnabled.main+xml</Types>"
MIXED = "Amount,Description\n5,Ü\n".encode() + "6,ü\n".encode("cp1252")
LONG_TEXT = "word\n" * 10_000
LONG_SHARED = f"<sst><si><r><t>{'x' * 20_000}</t></r><r><t>{'x' * 20_000}</t></r></si></sst>"


@pytest.mark.parametrize(
    ("content", "filename", "sentence"),
    [
        (b"", "links.csv", "The file is empty."),
        (b"\n \n", "links.csv", "The file is empty."),
        (b"5,CHF,Room\n6,EUR,Suite\n", "links.csv", "The first row names no column that we know"),
        (csv("5,CHF,Room"), "links.pdf", "Choose a CSV file or an Excel workbook"),
        (csv("5,CHF,Room"), "links.xlsx", "The file is not what its name says"),
        (b"%PDF-1.7\n", "links.csv", "The file is not what its name says"),
        (made(), "links.csv", "The file is not what its name says"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "links.xlsx", "old Excel file"),
        (made(), "links.xlsm", "contains macros"),
        (made(instead={"xl/vbaProject.bin": b"x"}), "links.xlsx", "contains macros"),
        (
            made(instead={"[Content_Types].xml": MACROS}),
            "links.xlsx",
            "contains macros",
        ),
        (BOMB, "links.xlsx", "unpacks to more"),
        (MANY_PARTS, "links.xlsx", "unpacks to more"),
        (LAUGHS, "links.xlsx", "The file is damaged"),
        (made()[:-40], "links.xlsx", "The file is damaged"),
        (MIXED, "links.csv", "line 2 is UTF-8, line 3 is not"),
        (csv('5,CHF,"Room'), "links.csv", "A quotation mark in row 2"),
        (csv('5,CHF,"Room"s'), "links.csv", "A quotation mark in row 2"),
        (b"Amount\n\x00\x01\x02\n", "links.csv", "not a text file"),
        (csv("=1+1,CHF,Room"), "links.csv", "Cell A2 holds a formula"),
        (made('<c r="B2"><f>A1*2</f><v>4</v></c>'), "links.xlsx", "Cell B2 holds a formula"),
        (made('<c r="B2" t="e"><v>#REF!</v></c>'), "links.xlsx", "Cell B2 holds an error"),
        (csv(f"5,CHF,{VISA}"), "links.csv", "Cell C2 looks like a card number"),
        (made('<c r="C2"><v>4111111111111111</v></c>'), "links.xlsx", "Cell C2 looks like a card number"),
        (b"Amount," + VISA.encode() + b"\n5,x\n", "links.csv", "Cell B1 looks like a card number"),
        (csv("5"), f"{VISA}.csv", "The name of the file looks like a card number"),
        (b"Amount,Amount\n5,6\n", "links.csv", "Columns A and B are both"),
        (("Amount," + ",".join("x" * 201) + "\n").encode(), "links.csv", "more than 200 columns"),
        (made('<c r="XFD2"><v>1</v></c>'), "links.xlsx", "more than 200 columns"),
        (csv(f"5,CHF,{'x' * 32_768}"), "links.csv", "Cell C2 holds more than 32’767 characters"),
        (csv(f'5,CHF,"{LONG_TEXT}'), "links.csv", "A quotation mark in row 2"),
        (made(f'<c r="C2" t="str"><v>{"x" * 32_768}</v></c>'), "links.xlsx", "Cell C2 holds more than 32’767"),
        (made(instead={"xl/sharedStrings.xml": LONG_SHARED}), "links.xlsx", "A cell holds more than 32’767"),
        (b"Amount\n" + b"\n" * 1_048_577 + b"5\n", "links.csv", "more than 100’000 rows"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_refused_in_one_sentence(content, filename, sentence):
    said = refused(content, filename)

    assert sentence in said
    assert "4111" not in said


def test_one_row_too_many_is_refused(monkeypatch):
    monkeypatch.setattr(reading_module, "MOST_ROWS", 3)

    assert len(seen(csv("1", "2", "3"))[1]) == 3
    assert "The file has more than 3 rows" in refused(csv("1", "2", "3", "4"))


def test_the_limits_are_those_that_the_page_promises():
    assert (tables.MOST_ROWS, tables.MOST_BYTES) == (100_000, 50 * 1024 * 1024)


def test_a_file_of_more_than_50_megabytes_is_refused(monkeypatch):
    monkeypatch.setattr(reading_module, "MOST_BYTES", 100)

    assert "larger than 50 MB" in refused(csv("5,CHF,Room") * 10)


def test_a_locked_workbook_is_refused():
    content = bytearray(made())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as package:
        offsets = [part.header_offset for part in package.infolist()]
    for offset in offsets:
        content[offset + 6] |= 1
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)

    assert "locked by a password" in refused(bytes(content), "links.xlsx")
