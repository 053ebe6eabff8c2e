"""What a manager may change of a terminal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import CardShyForm


class TerminalForm(CardShyForm):
    """Description and closing (SPG-FRM-07)."""

    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=80,
        help_text=_("Your own name for this terminal, shown wherever it can be chosen."),
    )
    automatic_closing = forms.BooleanField(
        label=_("Close the batch automatically"),
        required=False,
        help_text=_("Every day at 22:00 (Zurich). Switched off, you close it by hand under Batches."),
    )
