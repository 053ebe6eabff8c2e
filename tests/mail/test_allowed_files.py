"""What may go out with a letter, and what is refused (SPG-MAI-10; safety.md UP-1 to UP-5)."""

from io import BytesIO

import pytest
from PIL import Image

from paygate.mail.allowed_files import checked_file
from paygate.mail.file_refused import FileRefused
from tests.mail.made_files import (
    GOOD,
    archive,
    document,
    old_table,
    old_text,
    packed_objects,
    picture,
    portable,
    relationships,
)

PROGRAM = b"MZ" + bytes(100)
LINKS = "word/_rels/document.xml.rels"
ABROAD = "https://evil.example/a"


@pytest.mark.parametrize("name", GOOD)
def test_each_allowed_kind_of_file_goes_out(name):
    """SPG-MAI-10."""
    file = checked_file(name, GOOD[name])

    assert file.filename == name
    assert file.content


def test_an_ending_in_capitals_is_the_same_ending():
    assert checked_file("ROOM.JPG", GOOD["Room.jpg"]).mime == "image/jpeg"


@pytest.mark.parametrize(
    "name",
    [
        "run.exe",
        "page.html",
        "picture.svg",
        "macro.docm",
        "table.xlsm",
        "photo.jpeg",
        "text.rtf",
        "all.zip",
        "noending",
    ],
)
def test_all_other_kinds_are_refused(name):
    """SPG-MAI-10."""
    with pytest.raises(FileRefused, match="cannot be sent. Allowed are .doc, .docx, .xls, .xlsx, .pdf, .jpg"):
        checked_file(name, PROGRAM)


@pytest.mark.parametrize("name", ["invoice.exe.pdf", "invoice.docx.pdf", "photo.html.jpg"])
def test_two_endings_are_refused(name):
    with pytest.raises(FileRefused, match="two endings"):
        checked_file(name, GOOD["Terms.pdf"])


def test_a_dot_in_a_name_is_no_second_ending():
    assert checked_file("Offer No. 2.5.pdf", GOOD["Terms.pdf"]).filename == "Offer No. 2.5.pdf"


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("other", GOOD)
def test_a_file_under_another_ones_name_is_refused(name, other):
    if name != other:
        with pytest.raises(FileRefused):
            checked_file(name, GOOD[other])


@pytest.mark.parametrize("name", GOOD)
def test_a_program_under_an_allowed_name_is_refused(name):
    with pytest.raises(FileRefused):
        checked_file(name, PROGRAM)


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith((".doc", ".xls"))])
def test_a_file_that_was_cut_off_is_refused(name):
    with pytest.raises(FileRefused):
        checked_file(name, GOOD[name][: len(GOOD[name]) // 2])


@pytest.mark.parametrize("name", ["Room.jpg", "Room.png", "Room.gif", "Terms.pdf", "Plan.doc"])
def test_an_archive_behind_another_file_is_refused(name):
    with pytest.raises(FileRefused, match="not what its name says"):
        checked_file(name, GOOD[name] + archive({"run.exe": PROGRAM}))


def test_a_document_before_an_archive_is_refused():
    with pytest.raises(FileRefused):
        checked_file("Plan.docx", GOOD["Terms.pdf"] + document())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (document({"word/vbaProject.bin": b"x"}), "macros"),
        (document({"word/activeX/activeX1.xml": b"<x/>"}), "macros"),
        (document({"word/embeddings/oleObject1.bin": b"x"}), "macros"),
        (document({"word/embeddings/setup.docx": PROGRAM}), "program"),
        (document({"word/embeddings/a.docx": document({"word/vbaProject.bin": b"x"})}), "macros"),
        (document({"word/media/x.png": PROGRAM}), "program"),
        (document({"META-INF/MANIFEST.MF": b"x"}), "not what its name says"),
        (document({"word/../evil.xml": b"x"}), "damaged"),
        (document({LINKS: relationships("attachedTemplate", ABROAD)}), "loads"),
        (document({LINKS: relationships("image", ABROAD)}), "loads"),
        (document({LINKS: relationships("hyperlink", "file:///c:/run.exe")}), "loads"),
        (document({LINKS: relationships(before='<!DOCTYPE x [<!ENTITY y "z">]>')}), "damaged"),
        (document().replace(b"word/document.xml", b"word/nothing1.xml"), "not what its name says"),
    ],
)  # fmt: skip
def test_a_new_document_with_something_in_it_is_refused(content, why):
    """UP-2."""
    with pytest.raises(FileRefused, match=why):
        checked_file("Plan.docx", content)


def test_links_that_a_reader_clicks_are_allowed():
    links = relationships("hyperlink", "https://alpenblick.example")

    assert checked_file("Plan.docx", document({LINKS: links})).content


def test_a_table_behind_a_chart_is_allowed():
    assert checked_file("Plan.docx", document({"word/embeddings/sheet1.xlsx": document(folder="xl")})).content


def test_a_table_that_reads_other_tables_is_refused():
    with pytest.raises(FileRefused, match="macros or other files"):
        checked_file("Prices.xlsx", document({"xl/externalLinks/externalLink1.xml": b"<x/>"}, "xl"))


@pytest.mark.parametrize(
    "content",
    [
        document({"word/big.xml": bytes(8_000_000)}),  # 100 times smaller when packed
        document({f"word/part{number}.xml": b"" for number in range(1000)}),
    ],
    ids=["ratio", "parts"],
)
def test_a_bomb_is_refused_before_it_is_unpacked(content):
    """UP-3."""
    with pytest.raises(FileRefused, match="50 MB or 1000 parts"):
        checked_file("Plan.docx", content)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("Plan.doc", old_text(more={"Macros/dir": b"x"}), "macros"),
        ("Plan.doc", old_text(more={"ObjectPool/x": b"x"}), "macros"),
        ("Plan.doc", old_text(b"\x13DDEAUTO c:\\run.exe"), "loads"),
        ("Plan.doc", old_text("\x13 INCLUDETEXT".encode("utf-16-le")), "loads"),
        ("Plan.doc", old_text(locked=True), "password"),
        ("Prices.xls", old_table(more={"_VBA_PROJECT_CUR/dir": b"x"}), "macros"),
        ("Prices.xls", old_table(more={"MBD00012345/x": b"x"}), "macros"),
        ("Prices.xls", old_table((0x85, bytes([0, 0, 0, 0, 0, 1]))), "macros"),
        ("Prices.xls", old_table((0x2F, bytes(6))), "password"),
        ("Prices.xls", old_table((0x1AE, b"\x01\x00\x08\x00http")), "loads"),
    ],
)
def test_an_old_document_with_something_in_it_is_refused(name, content, why):
    """UP-2."""
    with pytest.raises(FileRefused, match=why):
        checked_file(name, content)


@pytest.mark.parametrize(
    "content",
    [
        portable(b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"),
        portable(b"<< /OpenAction << /S /J#61vaScript >> >>"),
        portable(b"<< /A << /S /Launch /F (run.exe) >> >>"),
        portable(packed_objects(b"<< /S /Launch >>")),
        portable(b"<< /Type /EmbeddedFile >>\nstream\n" + PROGRAM + b"\nendstream"),
        portable(b"<< >>") .replace(b"trailer << ", b"trailer << /Encrypt 7 0 R "),
        portable(b"<< >>", end=b""),
        b"x" + portable(b"<< >>"),
        portable(b"<< >>") + PROGRAM[:64],  # something else hides behind its end
    ],
)  # fmt: skip
def test_a_portable_document_with_something_in_it_is_refused(content):
    """UP-2."""
    with pytest.raises(FileRefused):
        checked_file("Terms.pdf", content)


def test_of_a_picture_nothing_but_the_picture_is_left():
    """UP-5: where a photograph was taken is nobody's business."""
    exif = Image.Exif()
    exif[0x010E] = "Taken at home"
    taken = picture("JPEG", exif=exif) + b"something behind it"
    assert b"Taken at home" in taken

    kept = checked_file("Room.jpg", taken).content

    assert b"Taken at home" not in kept
    assert b"something behind it" not in kept
    with Image.open(BytesIO(kept)) as again:
        assert (again.format, again.size) == ("JPEG", (12, 8))


def test_a_photograph_lying_on_its_side_is_set_upright():
    exif = Image.Exif()
    exif[0x0112] = 6

    with Image.open(BytesIO(checked_file("Room.jpg", picture("JPEG", exif=exif)).content)) as again:
        assert again.size == (8, 12)


def test_pictures_that_move_keep_moving():
    out = BytesIO()
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    frames[0].save(out, format="GIF", save_all=True, append_images=frames[1:], duration=100)

    with Image.open(BytesIO(checked_file("Room.gif", out.getvalue()).content)) as again:
        assert getattr(again, "n_frames", 1) == 2


def test_a_picture_of_more_than_25_megapixels_is_refused():
    """UP-3."""
    with pytest.raises(FileRefused, match="25 megapixels"):
        checked_file("Room.png", picture("PNG", (5001, 5000)))


def test_more_than_5_mb_are_refused():
    with pytest.raises(FileRefused, match="larger than 5 MB"):
        checked_file("Terms.pdf", portable(b"x" * (5 * 1024 * 1024)))


def test_an_empty_file_is_refused():
    with pytest.raises(FileRefused, match="empty"):
        checked_file("Terms.pdf", b"")


def test_a_name_is_cleaned_and_the_refusal_names_the_file():
    assert checked_file("../../etc/Terms\u202e.pdf", GOOD["Terms.pdf"]).filename == "Terms.pdf"
    with pytest.raises(FileRefused, match="“run.exe”: This type"):
        checked_file("c:\\temp\\run.exe", PROGRAM)
