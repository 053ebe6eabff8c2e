"""From the fields of a payment page configuration to a `Look`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import CardShyForm
from paygate.designs.change import Look
from paygate.designs.fonts import FONTS
from paygate.designs.logo import MOST_BYTES
from paygate.designs.models import Design

OUR_ACCENT = "#0b5f6b"


class DesignForm(CardShyForm):
    """Name, colour, font and logo (SPG-DSN-01 to 03)."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("Only you see it: in the list, and where an offer chooses its configuration."),
    )
    accent = forms.CharField(
        label=_("Colour"),
        max_length=7,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Of buttons and links, such as #0b5f6b. White text must be readable on it."),
    )
    font = forms.ChoiceField(
        label=_("Font"), choices=[(name, label) for name, (label, _stack) in FONTS.items()]
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/gif"}),
        help_text=_("PNG, JPEG or GIF, at most 2 MB. It is shown up to 160 pixels wide and 40 high."),
    )
    without_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    def clean_accent(self) -> str:
        """In lower case, with its hash."""
        typed: str = self.cleaned_data["accent"].strip().lower()
        return typed if typed.startswith("#") else f"#{typed}"

    def look(self) -> Look:
        """What was filled in."""
        cleaned = self.cleaned_data
        # One byte more than is allowed is enough to be refused for it.
        logo = cleaned["logo"].read(MOST_BYTES + 1) if cleaned["logo"] else None
        return Look(cleaned["name"], cleaned["accent"], cleaned["font"], logo, cleaned["without_logo"])


def first_values(design: Design | None) -> dict[str, Any]:
    """Of an empty form, or of the one that changes a design."""
    if design is None:
        return {"accent": OUR_ACCENT, "font": "system"}
    return {"name": design.name, "accent": design.accent, "font": design.font}
