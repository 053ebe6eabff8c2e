"""A QR code as SVG and PNG, and as the squares it is made of. It holds the link and nothing else (safety.md LN-5)."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Final

import segno

BORDER: Final = 4  # modules of white around the code, as the standard wants
FOR_LETTERS: Final = (
    "m"  # survives a crease in a printed letter, and keeps the modules large enough for old phones
)
FOR_PRINT: Final = "h"  # may lose almost a third: to a logo in its middle, to weather, to a thumb


def svg(text: str, scale: int = 4, *, error: str = FOR_LETTERS) -> str:
    """The code as an `<svg>` element to stand in a page. `scale` is the width of a module in pixels."""
    return _code(text, error).svg_inline(scale=scale, border=BORDER)


def svg_file(text: str, *, error: str = FOR_LETTERS) -> bytes:
    """The code as an SVG file that can be drawn at any size."""
    file = BytesIO()
    _code(text, error).save(file, kind="svg", scale=10, border=BORDER, light="#fff")
    return file.getvalue()


def png(text: str, scale: int = 8, *, error: str = FOR_LETTERS) -> bytes:
    """The code as a PNG file, black on white. `scale` is the width of a module in pixels."""
    file = BytesIO()
    _code(text, error).save(file, kind="png", scale=scale, border=BORDER)
    return file.getvalue()


def bars(text: str, *, error: str = FOR_PRINT) -> tuple[int, list[tuple[int, int, int]]]:
    """How many modules a side has, border included; and the dark ones, as column, row and length of runs in a row."""
    rows = [bytes(row) for row in _code(text, error).matrix_iter(border=BORDER)]
    return len(rows), list(_runs(rows))


def _runs(rows: Sequence[bytes]) -> Iterator[tuple[int, int, int]]:
    for row, modules in enumerate(rows):
        start = None
        for column, dark in enumerate([*modules, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                yield start, row, column - start
                start = None


def _code(text: str, error: str) -> segno.QRCode:
    return segno.make(text, error=error, micro=False)
