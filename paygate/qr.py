"""A QR code as SVG and PNG. It holds the link and nothing else (safety.md LN-5)."""

from io import BytesIO

import segno


def svg(text: str, scale: int = 4) -> str:
    """The code as an `<svg>` element to stand in a page. `scale` is the width of a module in pixels."""
    return _code(text).svg_inline(scale=scale, border=4)


def png(text: str, scale: int = 8) -> bytes:
    """The code as a PNG file, black on white. `scale` is the width of a module in pixels."""
    file = BytesIO()
    _code(text).save(file, kind="png", scale=scale, border=4)
    return file.getvalue()


def _code(text: str) -> segno.QRCode:
    # Level M survives a crease in a printed letter and keeps the modules of a link large enough for old phones.
    return segno.make(text, error="m", micro=False)
