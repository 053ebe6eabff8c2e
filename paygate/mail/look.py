"""How letters look: colours, font and logo in the place of ours (SPG-DSN-01, 02)."""

from dataclasses import dataclass
from typing import Final

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'


@dataclass(frozen=True, slots=True)
class LetterLook:
    """Values for the frame of a letter; every one was checked by whoever made it."""

    accent: str = "#0b5f6b"
    on_accent: str = "#ffffff"
    accent_dark: str = "#5cc2cf"
    on_accent_dark: str = "#06252a"
    font: str = FONT
    logo: bytes = b""  # a PNG, which stands in the letter as the picture "logo"
    logo_size: tuple[int, int] = (0, 0)  # in CSS pixels


OURS: Final = LetterLook()
