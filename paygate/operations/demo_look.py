"""The look of the demo merchant: a colour, and a logo that is drawn here so that no picture lies in the repository."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

ACCENT: Final = "#1f5c3f"
_SNOW: Final = "#ffffff"


def logo() -> bytes:
    """Two mountains in front of a disk, as a PNG on nothing."""
    scale = 4  # drawn larger and made smaller, for smooth edges
    picture = Image.new("RGBA", (120 * scale, 120 * scale), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)

    def shape(colour: str, *points: tuple[int, int]) -> None:
        draw.polygon([(x * scale, y * scale) for x, y in points], fill=colour)

    draw.ellipse([0, 0, 120 * scale - 1, 120 * scale - 1], fill=ACCENT)
    shape(_SNOW, (22, 86), (52, 34), (82, 86))
    shape("#cfe3d7", (60, 86), (82, 52), (102, 86))
    shape(ACCENT, (42, 58), (49, 52), (54, 58), (60, 51), (66, 60), (58, 66), (52, 62), (46, 66))
    written = BytesIO()
    picture.resize((120, 120), Image.Resampling.LANCZOS).save(written, "PNG")
    return written.getvalue()
