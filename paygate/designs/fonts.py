"""The safe list of fonts: names of families that people's devices have, so that nothing is loaded from elsewhere."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SYSTEM: Final = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", sans-serif'
)

FONTS: Final[Mapping[str, tuple[str | Promise, str]]] = {
    "system": (_("Like the device"), _SYSTEM),
    "humanist": (_("Friendly"), f'Seravek, "Gill Sans Nova", Ubuntu, Calibri, "DejaVu Sans", {_SYSTEM}'),
    "geometric": (_("Geometric"), f'Avenir, Montserrat, Corbel, "URW Gothic", {_SYSTEM}'),
    "serif": (
        _("Book type"),
        'Charter, "Bitstream Charter", "Sitka Text", Cambria, "Liberation Serif", Georgia, serif',
    ),
    "old_style": (
        _("Old style"),
        '"Iowan Old Style", "Palatino Linotype", "URW Palladio L", P052, Georgia, serif',
    ),
}


def stack_of(font: str) -> str:
    """What a style sheet says for a name of the list; that of the device for any other."""
    return FONTS.get(font, FONTS["system"])[1]
