"""A page as PDF: text in the two faces of Helvetica that every reader has, and filled rectangles. Nothing else.

Sizes are in points, 72 to the inch, counted from the lower left corner. Text is what Windows-1252 can write; letters
beyond it lose their marks, and what has no letter there becomes a question mark.
"""

import unicodedata
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MM: Final = 72 / 25.4


class Face(StrEnum):
    """The names by which a page calls its fonts."""

    REGULAR = "F1"
    BOLD = "F2"


_BARRED: Final = str.maketrans("ŁłĐđĦħı", "LlDdHhi")  # the bar through a letter is no mark that falls off
_NAMES: Final = {Face.REGULAR: "Helvetica", Face.BOLD: "Helvetica-Bold"}


@dataclass(slots=True)
class Page:
    """What is drawn is drawn over what was drawn before."""

    width: float
    height: float
    title: str = ""  # of the document
    _drawn: list[str] = field(default_factory=list)

    def box(self, x: float, y: float, width: float, height: float, *, grey: float = 0) -> None:
        """A filled rectangle; grey from 0, black, to 1, white."""
        self._drawn.append(f"{grey:.3f} g {x:.3f} {y:.3f} {width:.3f} {height:.3f} re f")

    def text(
        self, x: float, y: float, words: str, size: float, face: Face = Face.REGULAR, *, grey: float = 0
    ) -> None:
        """One line that begins at `x`, on the base line `y`."""
        self._drawn.append(
            f"BT {grey:.3f} g /{face} {size:.2f} Tf {x:.3f} {y:.3f} Td <{_encoded(words).hex()}> Tj ET"
        )

    def centred(
        self, y: float, words: str, size: float, face: Face = Face.REGULAR, *, grey: float = 0
    ) -> None:
        """One line in the middle of the page."""
        self.text((self.width - width_of(words, size, face)) / 2, y, words, size, face, grey=grey)

    def file(self) -> bytes:
        """The document, with this page."""
        content = zlib.compress("\n".join(self._drawn).encode("ascii"))
        fonts = " ".join(f"/{face} {number} 0 R" for number, face in enumerate(Face, start=5))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {self.width:.3f} {self.height:.3f}]"
            f" /Contents 4 0 R /Resources << /Font << {fonts} >> >> >>".encode(),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content),
            *(
                f"<< /Type /Font /Subtype /Type1 /BaseFont /{_NAMES[face]} /Encoding /WinAnsiEncoding >>".encode()
                for face in Face
            ),
            b"<< /Title <%b> /Producer (PayGate) >>"
            % ("\ufeff" + self.title).encode("utf-16-be").hex().encode(),
        ]
        return _document(objects)


def width_of(words: str, size: float, face: Face = Face.REGULAR) -> float:
    """How long a line is."""
    return sum(_WIDTHS[face][sign - 32] for sign in _encoded(words) if sign >= 32) * size / 1000


def lines_of(words: str, size: float, width: float, face: Face = Face.REGULAR) -> list[str]:
    """The words in lines no longer than `width`; what is longer by itself is cut in two."""
    lines = [""]
    for word in words.split():
        fits = f"{lines[-1]} {word}".strip()
        if width_of(fits, size, face) <= width:
            lines[-1] = fits
            continue
        lines.append("")
        for sign in word:
            if width_of(lines[-1] + sign, size, face) > width:
                lines.append("")
            lines[-1] += sign
    return [line for line in lines if line]


def _encoded(words: str) -> bytes:
    return b"".join(_sign(one) for one in unicodedata.normalize("NFC", words).translate(_BARRED))


def _sign(one: str) -> bytes:
    try:
        return one.encode("cp1252")
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", one).encode("cp1252", "ignore")
        return plain or (b"" if unicodedata.category(one) in ("Mn", "Cf") else b"?")


def _document(objects: list[bytes]) -> bytes:
    """Objects numbered from 1, the first of them the catalogue, the last one about the document."""
    file, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count, start = len(objects) + 1, len(file)
    trailer = b"<< /Size %d /Root 1 0 R /Info %d 0 R >>" % (count, len(objects))
    return file + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (
        count,
        table,
        trailer,
        start,
    )


def _read(widths: str) -> list[int]:
    return [int(width) for width in widths.split()]


# How wide each sign is, in thousandths of its size: Adobe's figures for Helvetica, from code 32 of Windows-1252.
_WIDTHS: Final = {
    Face.REGULAR: _read("""
        278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278
        278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722
        667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556
        556 333 500 278 556 500 722 500 500 500 334 260 334 584 350 556 350 222 556 333 1000 556 556 333 1000 667
        333 1000 350 611 350 350 222 222 333 333 350 556 1000 333 1000 500 333 944 350 500 667 278 333 556 556 556
        556 260 556 333 737 370 556 584 333 737 333 400 584 333 333 333 556 537 278 333 333 365 556 834 834 834 611
        667 667 667 667 667 667 1000 722 667 667 667 667 278 278 278 278 722 722 778 778 778 778 778 584 778 722 722
        722 722 667 667 611 556 556 556 556 556 556 889 500 556 556 556 556 278 278 278 278 556 556 556 556 556 556
        556 584 611 556 556 556 556 500 556 500
    """),
    Face.BOLD: _read("""
        278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333
        333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722
        667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611
        611 389 556 333 611 556 778 556 556 500 389 280 389 584 350 556 350 278 556 500 1000 556 556 333 1000 667
        333 1000 350 611 350 350 278 278 500 500 350 556 1000 333 1000 556 333 944 350 500 667 278 333 556 556 556
        556 280 556 333 737 370 556 584 333 737 333 400 584 333 333 333 611 556 278 333 333 365 556 834 834 834 611
        722 722 722 722 722 722 1000 722 667 667 667 667 278 278 278 278 722 722 778 778 778 778 778 584 778 722 722
        722 722 667 667 611 556 556 556 556 556 556 889 556 556 556 556 556 278 278 278 278 611 611 611 611 611 611
        611 584 611 611 611 611 611 556 611 556
    """),
}
