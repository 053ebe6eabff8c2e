"""What a manager may change of a terminal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import CardShyForm


class TerminalForm(CardShyForm):
    """Description, closing (SPG-FRM-07), and what becomes of a payment whose liability shift is lost (3D-9)."""

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
    cancel_without_shift = forms.BooleanField(
        label=_("Give a payment back when the liability shift is lost"),
        required=False,
        help_text=_(
            "For card payments of offers with a condition: when the buyer's bank approves but takes its liability "
            "back, we give the money back at once, and the buyer can pay again. Switched off, the payment is kept, "
            "the risk of fraud is yours, and the journal shows a warning."
        ),
    )
