"""The words of a letter as fields."""

from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import CardShyForm
from paygate.merchants.letter_words import LONGEST, Words, WordsRefused, check, tidy
from paygate.merchants.models import LetterKind

LABELS: Final = {
    "subject": _("Subject"),
    "salutation": _("Salutation"),
    "text": _("Text"),
    "signature": _("Signature"),
}


def words_field(part: str, **options: Any) -> forms.CharField:
    """One part of a letter's words. Placeholders are checked by `checked`."""
    rows = {"text": 6, "signature": 3}.get(part)
    widget = forms.Textarea({"rows": rows, "data-words": ""}) if rows else forms.TextInput({"data-words": ""})
    return forms.CharField(
        label=LABELS[part], required=False, max_length=LONGEST[part], widget=widget, **options
    )


def checked(part: str, typed: str, kind: LetterKind) -> str:
    """The part as it is stored. Raises Django's error for an unknown or broken placeholder, which it names."""
    text = tidy(part, typed)
    try:
        check(part, text, kind)
    except WordsRefused as refused:
        raise forms.ValidationError(str(refused)) from None
    return text


class WordsForm(CardShyForm):
    """Subject, salutation, text and signature of one kind of letter in one language."""

    subject = words_field("subject")
    salutation = words_field("salutation")
    text = words_field("text")
    signature = words_field("signature")

    def __init__(self, data: QueryDict | None = None, *, kind: LetterKind, **options: Any) -> None:
        super().__init__(data, **options)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        """Each part by itself."""
        cleaned = super().clean()
        for part in LABELS:
            if part not in self.errors:
                try:
                    cleaned[part] = checked(part, cleaned[part], self.kind)
                except forms.ValidationError as refused:
                    self.add_error(part, refused)
        return cleaned

    @property
    def words(self) -> Words:
        """What was typed, as far as it is right."""
        return Words.of_row(self.cleaned_data)
