"""Small PDF files: good ones, and ones with something in them."""

import zlib


def pdf(body: bytes = b"", *, head: bytes = b"%PDF-1.7\n", tail: bytes = b"startxref\n9\n%%EOF\n") -> bytes:
    """A PDF with one empty page, and `body` among its objects."""
    return (
        head
        + b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        + b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
        + b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n"
        + body
        + b"trailer\n<< /Root 1 0 R /Size 4 >>\n"
        + tail
    )


def packed(objects: bytes, *, about: bytes = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode") -> bytes:
    """Objects as newer PDFs keep them."""
    stream = zlib.compress(objects)
    return b"4 0 obj\n<< %s /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (about, len(stream), stream)
