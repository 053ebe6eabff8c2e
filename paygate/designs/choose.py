"""Which design a page or a letter wears, and what that is in a style sheet."""

from dataclasses import dataclass
from time import monotonic
from typing import Final

from paygate.designs.colours import Accents, accents
from paygate.designs.fonts import stack_of
from paygate.designs.models import Design
from paygate.mail.look import OURS, LetterLook

# Designs of a merchant are read again after so long: a new colour may come a little later, and no page asks for it.
TRUSTED_SECONDS: Final = 10.0

_read: dict[int, tuple[float, tuple["Worn", ...]]] = {}


@dataclass(frozen=True, slots=True)
class Worn:
    """A design without its picture."""

    pk: int
    version: str  # another one after each change: part of the address of what browsers keep
    accents: Accents
    font: str
    logo_size: tuple[int, int]  # in CSS pixels; nothing without a logo
    is_default: bool

    @property
    def has_logo(self) -> bool:
        """Is there a picture?"""
        return self.logo_size != (0, 0)


def worn_by(merchant_id: int, design_id: int | None) -> Worn | None:
    """The design that is named, else the merchant's default (SPG-DSN-04, behaviour.md F-9), else none."""
    designs = _designs_of(merchant_id)
    named = next((one for one in designs if one.pk == design_id), None)
    return named or next((one for one in designs if one.is_default), None)


def logo_of(design_id: int) -> bytes:
    """The picture as it is kept; empty for none, or where there is no such design."""
    found = Design.objects.filter(pk=design_id).values_list("logo", flat=True).first()
    return bytes(found or b"")


def worn(design: Design) -> Worn:
    """As pages and letters know it."""
    return Worn(
        pk=design.pk or 0,
        version=f"{design.changed_at.timestamp():.6f}".replace(".", ""),
        accents=accents(design.accent),
        font=design.font,
        logo_size=(design.logo_width, design.logo_height),
        is_default=design.is_default,
    )


def style_sheet(design: Worn) -> str:
    """All that a design may change of a page (safety.md PP-6): checked values between words of ours."""
    colours = design.accents
    return (
        f":root{{--accent:{colours.accent};--on-accent:{colours.on_accent};--font:{stack_of(design.font)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{colours.accent_dark};"
        f"--on-accent:{colours.on_accent_dark}}}}}\n"
    )


def letter_look(merchant_id: int) -> LetterLook:
    """How the merchant's letters look: as the default design says (SPG-DSN-04), else like ours."""
    design = worn_by(merchant_id, None)
    return look_of(design) if design else OURS


def look_of(design: Worn) -> LetterLook:
    """A design as letters know it, with its picture."""
    colours = design.accents
    return LetterLook(
        accent=colours.accent,
        on_accent=colours.on_accent,
        accent_dark=colours.accent_dark,
        on_accent_dark=colours.on_accent_dark,
        font=stack_of(design.font),
        logo=logo_of(design.pk) if design.has_logo else b"",
        logo_size=design.logo_size,
    )


def forget() -> None:
    """Ask again: after a change, and in tests, which begin with an empty database each."""
    _read.clear()


def _designs_of(merchant_id: int) -> tuple[Worn, ...]:
    known = _read.get(merchant_id)
    if known is None or monotonic() - known[0] > TRUSTED_SECONDS:
        rows = Design.objects.filter(merchant_id=merchant_id).defer("logo")
        known = _read[merchant_id] = (monotonic(), tuple(worn(row) for row in rows))
    return known[1]
