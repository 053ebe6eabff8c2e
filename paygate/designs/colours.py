"""Colours of a design: read, compared as WCAG does, and moved until text on them can be read (look.md, contrast)."""

import colorsys
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

WHITE: Final = "#ffffff"
CANVAS: Final = "#f5f6f8"  # behind everything, in the light
PAPER_DARK: Final = "#1a2027"
DARK_INK: Final = "#06252a"  # on a light button
READABLE: Final = 4.5  # WCAG AA for text

_PATTERN: Final = re.compile(r"#[0-9a-f]{6}")
_STEPS: Final = 400


@dataclass(frozen=True, slots=True)
class Accents:
    """The one colour of a design, and what goes with it in the light and in the dark."""

    accent: str
    on_accent: str
    accent_dark: str
    on_accent_dark: str


def is_colour(text: str) -> bool:
    """Is this "#rrggbb", in lower case?"""
    return bool(_PATTERN.fullmatch(text))


def contrast(one: str, other: str) -> float:
    """How well one is read on the other: 1 to 21, as WCAG 2 counts."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(accent: str) -> bool:
    """Can links in this colour be read on our light grounds, and white text on it?"""
    return min(contrast(accent, WHITE), contrast(accent, CANVAS)) >= READABLE


def nearest_readable(accent: str) -> str:
    """The colour itself, or the same hue, only as much darker as it must be."""
    return _moved_until(accent, is_readable, darker=True)


def accents(accent: str) -> Accents:
    """What goes with an accent that `is_readable`: the dark one is the same hue, lightened until it can be read."""
    dark = _moved_until(accent, lambda colour: contrast(colour, PAPER_DARK) >= READABLE, darker=False)
    return Accents(accent, WHITE, dark, DARK_INK)


def _moved_until(colour: str, fits: Callable[[str], bool], *, darker: bool) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    end = 0.0 if darker else 1.0
    for step in range(_STEPS + 1):
        moved = lightness + (end - lightness) * step / _STEPS
        spelled = colour if step == 0 else _spelled(colorsys.hls_to_rgb(hue, moved, saturation))
        if fits(spelled):
            return spelled
    raise AssertionError("black and white can be read")


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _spelled(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
