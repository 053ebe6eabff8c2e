"""A link as a sheet of paper: a card to stand on a counter, or a poster. The same page in two sizes."""

from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

from paygate.pdf import MM, Face, Page, lines_of, width_of
from paygate.qr import bars


class Sheet(Enum):
    """Width and height in millimetres, and how much larger than the card it is drawn."""

    A6 = (105, 148, 1.0)
    A4 = (210, 297, 2.0)


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on it, in the language of those who pay."""

    merchant: str
    title: str
    amount: str  # "CHF 20.00", or that it is the payer's choice
    invitation: str  # what to do with the code
    address: str
    warning: str = ""  # what a sheet of a test account says of itself


# In millimetres on the card.
_MARGIN: Final = 9
_CODE: Final = 62
_TITLE_LINES: Final = 3
_GREY: Final = 0.35


def print_link(what: Printed, sheet: Sheet) -> bytes:
    """The PDF."""
    width, height, scale = sheet.value
    page = Page(width * MM, height * MM, title=what.title)
    unit = MM * scale
    inside = page.width - 2 * _MARGIN * unit
    page.centred(
        page.height - 7 * unit, what.warning, _fitting(what.warning, 9 * scale, inside, Face.BOLD), Face.BOLD
    )
    y = page.height - 14 * unit
    for line in lines_of(what.merchant, 10 * scale, inside)[:1]:
        page.centred(y, line, 10 * scale, grey=_GREY)
    size, lines = _title(what.title, inside, scale)
    y -= 4 * unit
    for line in lines:
        y -= size * 1.2
        page.centred(y, line, size, Face.BOLD)
    y -= 8 * unit
    page.centred(y, what.amount, _fitting(what.amount, 13 * scale, inside), grey=0.1)
    _draw_code(page, what.address, bottom=32 * unit, side=_CODE * unit)
    page.centred(27 * unit, what.invitation, _fitting(what.invitation, 10 * scale, inside))
    host = urlsplit(what.address).netloc
    page.centred(20 * unit, host, _fitting(host, 11 * scale, inside, Face.BOLD), Face.BOLD)
    y, small = 15 * unit, max(_fitting(what.address, 5.5 * scale, inside), 4.5 * scale)
    for line in lines_of(what.address, small, inside)[:3]:
        page.centred(y, line, small, grey=_GREY)
        y -= 7 * scale
    return page.file()


def _title(words: str, width: float, scale: float) -> tuple[float, list[str]]:
    """As large as it fits into three lines; what is longer still ends with dots."""
    for size in (18.0, 16.0, 14.0, 12.0, 10.0):
        lines = lines_of(words, size * scale, width, Face.BOLD)
        if len(lines) <= _TITLE_LINES:
            return size * scale, lines
    *first, last = lines[:_TITLE_LINES]
    return 10.0 * scale, [*first, f"{last[:-1]}…"]


def _fitting(words: str, size: float, width: float, face: Face = Face.REGULAR) -> float:
    """The size at which the words fit on one line."""
    return min(size, size * width / max(width_of(words, size, face), 1))


def _draw_code(page: Page, text: str, *, bottom: float, side: float) -> None:
    """In the middle, with its white border; runs of dark modules are one bar each, so that no hairline parts them."""
    modules, dark = bars(text)
    module, left = side / modules, (page.width - side) / 2
    page.box(left, bottom, side, side, grey=1)
    for column, row, length in dark:
        page.box(left + column * module, bottom + side - (row + 1) * module, length * module, module)
