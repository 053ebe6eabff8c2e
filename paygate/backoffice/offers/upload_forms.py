"""The form that takes a file with offers."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import speak_plainly
from paygate.merchants.models import Terminal


class UploadForm(forms.Form):
    """Terminal and file (SPG-UPL-04, 05)."""

    terminal = forms.ChoiceField(
        label=_("Terminal"),
        error_messages={
            "required": _("Choose a terminal."),
            "invalid_choice": _("Choose one of your terminals."),
        },
    )
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # said in one sentence by whoever reads it
        max_length=200,
        help_text=_("CSV or Excel (.xlsx), at most 100’000 rows and 50 MB. Nothing is created yet."),
        error_messages={"required": _("Choose a file."), "invalid": _("Choose a file.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        terminals: list[Terminal],
        **options: Any,
    ) -> None:
        super().__init__(data, files, **options)
        choice = self.fields["terminal"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(one.number, str(one)) for one in terminals]
        for field in self.fields.values():
            speak_plainly(field)
