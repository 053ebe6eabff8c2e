"""Which PDF may travel with a letter, as terms or as an attachment (safety.md UP-1, UP-2, UP-3)."""

import pytest

from paygate.clock import now
from paygate.mail.allowed_files import MOST_BYTES, checked_file
from paygate.mail.file_refused import FileRefused
from paygate.merchants.models import TermsFile
from paygate.merchants.terms_files import TermsFileRefused, replace_terms
from paygate.operations.demo_terms import TERMS
from tests.mail.made_files import GOOD
from tests.mail.pdfs import packed, pdf

SCRIPT = b"5 0 obj\n<< /S /JavaScript /JS (app.alert\\(1\\)) >>\nendobj\n"
FILE = b"/Type /EmbeddedFile /Filter /FlateDecode"


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        pdf(tail=b"startxref\r\n9\r\n%%EOF"),
        pdf(packed(b"5 0 << /Type /Annot /Contents (Hello) >>")),
        pdf(packed(b"q (/JS is written here as text) Tj Q", about=b"/Filter /FlateDecode")),
        pdf(packed(b"x" * 60_000, about=b"/Filter /FlateDecode /DecodeParms << /Predictor 15 >>")),
        pdf(b"5 0 obj\n(Our JavaScript course, and how to launch a boat)\nendobj\n"),
        pdf(packed(b"Date;Price\n", about=FILE)),
    ],
    ids=[
        "plain",
        "of Windows",
        "with packed objects",
        "with text on a page",
        "with a picture",
        "that speaks of scripts",
        "with a list inside",
    ],
)
def test_an_ordinary_pdf_is_taken(anna, content):
    assert checked_file("Terms v1.2.PDF", content).content == content

    replace_terms(
        anna.merchant.pk, language="en", filename="Terms v1.2.PDF", content=content, by=anna.actor, now=now()
    )
    assert TermsFile.objects.get().content == content


@pytest.mark.parametrize("language", sorted(TERMS))
def test_the_terms_of_the_demo_are_taken(language):
    checked_file(*TERMS[language])


EVIL = [
    ("terms.exe.pdf", pdf(), "two endings"),
    ("terms.exe .pdf", pdf(), "two endings"),
    ("terms.pdf.pdf", pdf(), "two endings"),
    ("terms.pdf", b"", "empty"),
    ("terms.pdf", GOOD["Room.png"], "not what its name says"),
    ("terms.pdf", b"PK\x03\x04" + pdf(), "not a PDF"),
    ("terms.pdf", b"<html>" + pdf(), "not a PDF"),
    ("terms.pdf", pdf()[:-20], "not complete"),
    ("terms.pdf", pdf(tail=b"%%EOF\n"), "not complete"),
    ("terms.pdf", pdf() + b"PK\x03\x04 and an archive", "attached to its end"),
    ("terms.pdf", pdf(SCRIPT), "script"),
    ("terms.pdf", pdf(SCRIPT.replace(b"JavaScript", b"J#61vaScript").replace(b"/JS", b"/#4aS")), "script"),
    ("terms.pdf", pdf(b"5 0 obj\n<< /OpenAction << /JS 6 0 R >> >>\nendobj\n"), "script"),
    ("terms.pdf", pdf(b"5 0 obj\n<< /S /Launch /F (cmd.exe) >>\nendobj\n"), "script"),
    ("terms.pdf", pdf(b"5 0 obj\n<< /AcroForm << /XFA 6 0 R >> >>\nendobj\n"), "starts something"),
    (
        "terms.pdf",
        pdf(b"5 0 obj\n<< /S /SubmitForm /F (https://evil.example) >>\nendobj\n"),
        "starts something",
    ),
    ("terms.pdf", pdf(b"5 0 obj\n<< /Subtype /RichMedia >>\nendobj\n"), "starts something"),
    ("terms.pdf", pdf(packed(b"5 0 << /S /GoToE >>")), "starts something"),
    ("terms.pdf", pdf(packed(SCRIPT)), "script"),
    ("terms.pdf", pdf(packed(b"5 0 << /JS 6 0 R >>")), "script"),
    ("terms.pdf", pdf(b"5 0 obj\n<< >>\nstream\n" + SCRIPT + b"\nendstream\nendobj\n"), "script"),
    ("terms.pdf", pdf(b"5 0 obj\n<< /Encrypt 6 0 R >>\nendobj\n"), "password"),
    ("terms.pdf", pdf(packed(b"MZ and a program", about=FILE)), "a program or an archive"),
    (
        "terms.pdf",
        pdf(packed(b"PK\x03\x04", about=b"/Type /Embedded#46ile /Filter /Fl")),
        "a program or an archive",
    ),
    ("terms.pdf", pdf(packed(b"x" * 60_000_000)), "cannot be looked into"),
    ("terms.pdf", pdf(packed(b"x" * 60_000_000, about=FILE)), "cannot be looked into"),
    ("terms.pdf", pdf(packed(b"x", about=b"/Type /ObjStm /Filter /LZWDecode")), "cannot be looked into"),
    (
        "terms.pdf",
        pdf(packed(b"x", about=b"/Type /Obj#53tm /Filter [/ASCIIHexDecode /FlateDecode]")),
        "cannot be looked into",
    ),
    (
        "terms.pdf",
        pdf(packed(SCRIPT, about=b"/Type /ObjStm /Filter /FlateDecode /X (obj)")),
        "cannot be looked into",
    ),
    ("terms.pdf", pdf(packed(SCRIPT, about=b"/Type /ObjStm /Filter /Fl" + b" " * 9000)), "script"),
    (
        "terms.pdf",
        pdf(packed(SCRIPT, about=b"/Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 12 >>")),
        "cannot be looked into",
    ),
    (
        "terms.pdf",
        pdf(b"4 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\nnonsense\nendstream\nendobj\n"),
        "cannot be looked into",
    ),
]


@pytest.mark.parametrize(("name", "content", "said"), EVIL)
def test_whatever_else_is_refused_with_a_reason_by_both_doors_alike(anna, name, content, said):
    with pytest.raises(FileRefused) as attached:
        checked_file(name, content)
    with pytest.raises(TermsFileRefused) as as_terms:
        replace_terms(
            anna.merchant.pk, language="en", filename=name, content=content, by=anna.actor, now=now()
        )

    assert said in str(attached.value)
    assert str(attached.value.reason) == str(as_terms.value)
    assert as_terms.value.field == "file"
    assert not TermsFile.objects.exists()


@pytest.mark.parametrize("name", ["terms.docx", "terms", "Room.png"])
def test_terms_are_a_pdf_and_nothing_else_that_may_be_attached(anna, name):
    with pytest.raises(TermsFileRefused, match=r"its name ends with \.pdf"):
        replace_terms(
            anna.merchant.pk,
            language="en",
            filename=name,
            content=GOOD.get(name, pdf()),
            by=anna.actor,
            now=now(),
        )


def test_more_than_5_mb_are_refused():
    with pytest.raises(FileRefused, match="larger than 5 MB"):
        checked_file("terms.pdf", pdf() + b" " * MOST_BYTES)
