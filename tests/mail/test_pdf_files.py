"""Which PDF may travel with a letter (safety.md UP-1, UP-2, UP-3)."""

import pytest

from paygate.mail.pdf_files import MOST_BYTES, PdfRefused, check_pdf
from paygate.operations.demo_terms import TERMS
from tests.mail.pdfs import packed, pdf

SCRIPT = b"5 0 obj\n<< /S /JavaScript /JS (app.alert\\(1\\)) >>\nendobj\n"


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        pdf(tail=b"startxref\r\n9\r\n%%EOF"),
        pdf(packed(b"5 0 << /Type /Annot /Contents (Hello) >>")),
        pdf(packed(b"q (/JS is written here as text) Tj Q", about=b"/Filter /FlateDecode")),
        pdf(b"5 0 obj\n(Our JavaScript course, and how to launch a boat)\nendobj\n"),
    ],
    ids=["plain", "of Windows", "with packed objects", "with text on a page", "that speaks of scripts"],
)
def test_an_ordinary_pdf_is_taken(content):
    check_pdf("Terms v1.2.PDF", content)


@pytest.mark.parametrize("language", sorted(TERMS))
def test_the_terms_of_the_demo_are_taken(language):
    check_pdf(*TERMS[language])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("terms.docx", pdf(), "ends with .pdf"),
        ("terms", pdf(), "ends with .pdf"),
        ("terms.exe.pdf", pdf(), "two endings"),
        ("terms.pdf.pdf", pdf(), "two endings"),
        ("terms.pdf", b"", "not a PDF"),
        ("terms.pdf", b"PK\x03\x04" + pdf(), "not a PDF"),
        ("terms.pdf", b"<html>" + pdf(), "not a PDF"),
        ("terms.pdf", pdf()[:-20], "not complete"),
        ("terms.pdf", pdf() + b"PK\x03\x04 and an archive", "attached to its end"),
        ("terms.pdf", pdf() + b" " * MOST_BYTES, "larger than 5 MB"),
        ("terms.pdf", pdf(SCRIPT), "script"),
        (
            "terms.pdf",
            pdf(SCRIPT.replace(b"JavaScript", b"J#61vaScript").replace(b"/JS", b"/#4aS")),
            "script",
        ),
        ("terms.pdf", pdf(b"5 0 obj\n<< /OpenAction << /JS 6 0 R >> >>\nendobj\n"), "script"),
        ("terms.pdf", pdf(b"5 0 obj\n<< /S /Launch /F (cmd.exe) >>\nendobj\n"), "script"),
        ("terms.pdf", pdf(packed(SCRIPT)), "script"),
        ("terms.pdf", pdf(packed(b"5 0 << /JS 6 0 R >>")), "script"),
        ("terms.pdf", pdf(b"5 0 obj\n<< >>\nstream\n" + SCRIPT + b"\nendstream\nendobj\n"), "script"),
        ("terms.pdf", pdf(b"5 0 obj\n<< /Encrypt 6 0 R >>\nendobj\n"), "password"),
        ("terms.pdf", pdf(packed(b"x" * 60_000_000)), "cannot be looked into"),
        ("terms.pdf", pdf(packed(b"x", about=b"/Type /ObjStm /Filter /LZWDecode")), "cannot be looked into"),
        (
            "terms.pdf",
            pdf(packed(b"x", about=b"/Type /Obj#53tm /Filter [/ASCIIHexDecode /FlateDecode]")),
            "cannot be looked into",
        ),
        (
            "terms.pdf",
            pdf(b"4 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\nnonsense\nendstream\nendobj\n"),
            "cannot be looked into",
        ),
    ],
)
def test_everything_else_is_refused_with_a_reason(name, content, words):
    with pytest.raises(PdfRefused) as refused:
        check_pdf(name, content)

    assert words in str(refused.value)
