"""The filters of the letters."""

from django import forms
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import CardShyForm
from paygate.backoffice.letters.words import KINDS
from paygate.mail.states import MailState


class LetterSearchForm(CardShyForm):
    """By recipient or subject, by state and by kind."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.MultipleChoiceField(
        label=_("Status"), required=False, choices=MailState.choices, widget=forms.CheckboxSelectMultiple
    )
    kind = forms.MultipleChoiceField(
        label=_("Letter"), required=False, choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple
    )
