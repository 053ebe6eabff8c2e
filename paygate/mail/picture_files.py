"""Pictures, decoded and written anew: of what came in, nothing but the picture is left (safety.md UP-3, UP-5)."""

import warnings
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from paygate.mail.file_refused import FileRefused

MOST_PIXELS: Final = 25_000_000  # of all frames together
_MOST_FRAMES: Final = 500
_MODES: Final = {"JPEG": ("RGB", "L"), "PNG": ("RGB", "RGBA", "L", "LA", "P", "1", "I;16")}


def written_anew(content: bytes, kind: str) -> bytes:
    """The picture of this kind (JPEG, GIF or PNG), without metadata and whatever else was in the file.

    Raises `FileRefused` for what is no such picture, or one of more than 25 megapixels.
    """
    try:
        with warnings.catch_warnings(), Image.open(BytesIO(content), formats=[kind]) as picture:
            warnings.simplefilter("ignore")  # Pillow's own limit is higher than ours
            frames = getattr(picture, "n_frames", 1)
            if picture.width * picture.height * frames > MOST_PIXELS or frames > _MOST_FRAMES:
                raise FileRefused(_("The picture has more than 25 megapixels."))
            return _as_gif(picture) if kind == "GIF" else _as_still(picture, kind)
    except FileRefused:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise FileRefused(_("The picture cannot be read.")) from None


def _as_still(picture: Image.Image, kind: str) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    if upright.mode not in _MODES[kind]:
        upright = upright.convert("RGB" if kind == "JPEG" else "RGBA")
    bare = Image.frombytes(upright.mode, upright.size, upright.tobytes())
    options: dict[str, Any] = {"quality": 90} if kind == "JPEG" else {"optimize": True}
    if upright.mode == "P":
        bare.putpalette(upright.getpalette("RGB") or [], "RGB")
        if "transparency" in upright.info:
            options["transparency"] = upright.info["transparency"]
    return _saved([bare], kind, **options)


def _as_gif(picture: Image.Image) -> bytes:
    frames, waits = [], []
    for index in range(getattr(picture, "n_frames", 1)):
        picture.seek(index)
        frames.append(picture.convert("RGBA"))
        waits.append(picture.info.get("duration", 100))
    if len(frames) == 1:
        return _saved(frames, "GIF")
    return _saved(frames, "GIF", duration=waits, loop=picture.info.get("loop", 0), disposal=2)


def _saved(frames: list[Image.Image], kind: str, **options: Any) -> bytes:
    out = BytesIO()
    more = {"save_all": True, "append_images": frames[1:]} if len(frames) > 1 else {}
    frames[0].save(out, format=kind, **more, **options)
    return out.getvalue()
