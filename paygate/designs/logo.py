"""A logo: whatever picture comes, what is kept is a PNG that we wrote (safety.md UP-3, UP-5)."""

import warnings
from io import BytesIO
from typing import Final

from django.utils.translation import gettext_lazy as _
from PIL import Image

from paygate.refusals import Refusal

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_PIXELS: Final = 25_000_000
WIDEST, HIGHEST = 480, 120  # three times as large as it is shown
_FORMATS: Final = ("PNG", "JPEG", "GIF")


class LogoRefused(Refusal):
    """The file is no picture that we can use."""

    code = "LOGO_REFUSED"


def clean(content: bytes) -> bytes:
    """The picture as a PNG of at most 480 x 120 pixels, without anything but its pixels. Raises `LogoRefused`."""
    if len(content) > MOST_BYTES:
        raise LogoRefused(_("The logo has more than 2 MB."), field="logo")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=_FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise LogoRefused(_("The logo has more than 25 megapixels."), field="logo")
                pixels = picture.convert("RGBA")
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as no:
        raise LogoRefused(_("This is no PNG, JPEG or GIF picture."), field="logo") from no
    pixels.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    written = BytesIO()
    pixels.save(written, "PNG", optimize=True)
    return written.getvalue()


def size_of(logo: bytes) -> tuple[int, int]:
    """Width and height in which a kept logo is shown, in CSS pixels: at most 160 x 40."""
    with Image.open(BytesIO(logo)) as picture:
        return max(1, picture.width // 3), max(1, picture.height // 3)
