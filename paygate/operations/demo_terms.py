"""The demo merchant's terms and conditions: four small PDF files, written here line by line."""

from collections.abc import Sequence
from typing import Final

_TEXTS: Final = {
    "en": ("Terms and conditions", ["Hotel Alpenblick, Dorfstrasse 1, 6490 Andermatt", "",
           "1. A booking is binding once the deposit is paid.",
           "2. It may be canceled free of charge until 14 days before arrival.",
           "3. After that the deposit is kept.", "4. Swiss law applies."]),
    "de": ("Allgemeine Geschäftsbedingungen", ["Hotel Alpenblick, Dorfstrasse 1, 6490 Andermatt", "",
           "1. Eine Buchung ist verbindlich, sobald die Anzahlung bezahlt ist.",
           "2. Bis 14 Tage vor Anreise kann sie kostenlos storniert werden.",
           "3. Danach wird die Anzahlung einbehalten.", "4. Es gilt Schweizer Recht."]),
    "fr": ("Conditions générales", ["Hotel Alpenblick, Dorfstrasse 1, 6490 Andermatt", "",
           "1. La réservation est ferme dès que l'acompte est payé.",
           "2. Elle peut être annulée sans frais jusqu'à 14 jours avant l'arrivée.",
           "3. Passé ce délai, l'acompte est conservé.", "4. Le droit suisse est applicable."]),
    "it": ("Condizioni generali", ["Hotel Alpenblick, Dorfstrasse 1, 6490 Andermatt", "",
           "1. La prenotazione è vincolante dal pagamento dell'acconto.",
           "2. Può essere annullata gratuitamente fino a 14 giorni prima dell'arrivo.",
           "3. In seguito l'acconto è trattenuto.", "4. È applicabile il diritto svizzero."]),
}  # fmt: skip


def _pdf(title: str, lines: Sequence[str]) -> bytes:
    """One page of text in Helvetica."""
    shown = [f"/F1 16 Tf 72 770 Td ({_escaped(title)}) Tj /F1 11 Tf 0 -34 Td"]
    shown += [f"({_escaped(line)}) Tj 0 -18 Td" for line in lines]
    stream = f"BT {' '.join(shown)} ET".encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>"
        % b"/Resources << /Font << /F1 5 0 R >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        len(written),
    )
    return written + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, trailer)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


TERMS: Final = {language: (f"{title}.pdf", _pdf(title, lines)) for language, (title, lines) in _TEXTS.items()}
