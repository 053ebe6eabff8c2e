"""Whatever picture comes as a logo, what is kept is a small PNG that we wrote ourselves (safety.md UP-3, UP-5)."""

from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from paygate.designs.logo import LogoRefused, clean, size_of


def picture(width: int, height: int, kind: str = "PNG", **more) -> bytes:
    written = BytesIO()
    Image.new("RGB", (width, height), "#0b5f6b").save(written, kind, **more)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_large_picture_becomes_a_small_png(kind):
    kept = clean(picture(1600, 800, kind))

    with Image.open(BytesIO(kept)) as logo:
        assert logo.format == "PNG"
        assert logo.size == (240, 120)
    assert size_of(kept) == (80, 40)


def test_nothing_but_its_pixels_is_kept():
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("Comment", "<script>alert(1)</script>")

    assert b"script" not in clean(picture(30, 30, pnginfo=hidden) + b"<script>alert(1)</script>")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n" + b"x" * 40,
        picture(40, 40)[:60],
        picture(40, 40, "BMP"),
        picture(40, 40, "TIFF"),
        picture(40, 40) + b"x" * 2 * 1024 * 1024,
        picture(6000, 5000, "GIF"),
    ],
    ids=["empty", "svg", "not a png", "cut off", "bmp", "tiff", "too large", "too many pixels"],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(LogoRefused):
        clean(content)
