"""Create, edit and remove designs, and make one the default (SPG-DSN-03, 04)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import changes, record
from paygate.designs.choose import forget
from paygate.designs.colours import is_colour, is_readable, nearest_readable
from paygate.designs.fonts import FONTS
from paygate.designs.logo import clean, size_of
from paygate.designs.models import Design
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import Kind, NotFound, Refusal

_ONE_LINE: Final = re.compile(r"[^\x00-\x1f\x7f]{1,80}")


class DesignRefused(Refusal):
    """One field of a design is wrong."""

    code = "DESIGN_REFUSED"


class NotReadable(DesignRefused):
    """Text in this colour could not be read; `nearest` could."""

    def __init__(self, nearest: str) -> None:
        words = _("Text in this colour is too hard to read. The nearest colour that passes is %(colour)s.")
        super().__init__(words % {"colour": nearest}, field="accent")
        self.nearest = nearest


class DesignInUse(Refusal):
    """Offers wear it."""

    code = "DESIGN_IN_USE"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("There are offers with this configuration. It cannot be removed."))


@dataclass(frozen=True, slots=True)
class Look:
    """What a merchant chooses."""

    name: str
    accent: str  # "#0b5f6b"
    font: str = "system"
    logo: bytes | None = None  # a file as it came; None: as it is
    without_logo: bool = False


def save_design(look: Look, *, design_id: int | None = None, by: Actor, now: datetime) -> Design:
    """A new design, or new values of one; the first is the default.

    Raises `DesignRefused`, `LogoRefused` and `NotFound`.
    """
    by.require(Permission.EDIT_SETTINGS)
    for problem in _problems(look):
        raise problem
    logo = clean(look.logo) if look.logo is not None else None
    with transaction.atomic():
        designs = Design.objects.select_for_update()
        known = {design.pk: design for design in designs}
        if design_id is not None and design_id not in known:
            raise NotFound
        if any(
            one.name.casefold() == look.name.strip().casefold()
            for pk, one in known.items()
            if pk != design_id
        ):
            raise DesignRefused(_("There is another configuration of this name."), field="name")
        design = known[design_id] if design_id is not None else Design(merchant_id=by.merchant_id)
        before = _told(design)
        design.name, design.accent, design.font = look.name.strip(), look.accent, look.font
        if logo is not None or look.without_logo:
            design.logo = logo or b""
            design.logo_width, design.logo_height = size_of(logo) if logo else (0, 0)
        design.is_default = design.is_default or not known
        design.changed_at, design.changed_by = now, by.name
        design.save()
        detail = changes(before, _told(design) | ({"logo": "another one"} if logo is not None else {}))
        _put_down(design.name, detail, by=by, now=now)
    forget()
    return design


def make_default(design_id: int, *, by: Actor, now: datetime) -> None:
    """Letters, and pages of offers that name no other, wear this one from now on. Raises `NotFound`."""
    by.require(Permission.EDIT_SETTINGS)
    with transaction.atomic():
        list(Design.objects.select_for_update())
        Design.objects.filter(is_default=True).update(is_default=False)
        if not Design.objects.filter(pk=design_id).update(is_default=True):
            raise NotFound
        _put_down(str(Design.objects.defer("logo").get(pk=design_id)), {"default": True}, by=by, now=now)
    forget()


def wear_none(*, by: Actor, now: datetime) -> None:
    """No design is the default: pages and letters look like ours."""
    by.require(Permission.EDIT_SETTINGS)
    with transaction.atomic():
        Design.objects.filter(is_default=True).update(is_default=False)
        _put_down("", {"default": False}, by=by, now=now)
    forget()


def remove_design(design_id: int, *, by: Actor, now: datetime) -> None:
    """Raises `DesignInUse` and `NotFound`."""
    by.require(Permission.EDIT_SETTINGS)
    with transaction.atomic():
        design = Design.objects.defer("logo").filter(pk=design_id).first()
        if design is None:
            raise NotFound
        try:
            design.delete()
        except ProtectedError:
            raise DesignInUse from None
        _put_down(design.name, {"removed": True}, by=by, now=now)
    forget()


def _told(design: Design) -> dict[str, object]:
    return {
        "name": design.name,
        "accent": design.accent,
        "font": design.font,
        "logo": bool(design.logo_width),
    }


def _put_down(name: str, detail: Mapping[str, object], *, by: Actor, now: datetime) -> None:
    subject = f"design:{name}" if name else "design"
    record(
        Action.DESIGN_CHANGED, merchant_id=by.merchant_id, by=by.name, subject=subject, detail=detail, now=now
    )


def _problems(look: Look) -> Iterator[DesignRefused]:
    if not _ONE_LINE.fullmatch(look.name.strip()):
        yield DesignRefused(_("Give it a name of at most 80 characters, on one line."), field="name")
    if not is_colour(look.accent):
        yield DesignRefused(_("A colour is written like #0b5f6b."), field="accent")
    elif not is_readable(look.accent):
        yield NotReadable(nearest_readable(look.accent))
    if look.font not in FONTS:
        yield DesignRefused(_("Choose one of the fonts of the list."), field="font")
