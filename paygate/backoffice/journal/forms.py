"""The filters of the journal, and the amount of a booking."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import CardShyForm
from paygate.journal.states import EntryState
from paygate.merchants.models import Terminal
from paygate.money.amount import Money
from paygate.money.form_fields import AmountField, AmountRefused, parse_amount


class JournalSearchForm(CardShyForm):
    """Search by reference, transaction, description or buyer; narrow by state and terminal (SPG-FRM-13)."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.MultipleChoiceField(
        label=_("Status"), required=False, choices=EntryState.choices, widget=forms.CheckboxSelectMultiple
    )
    terminal = forms.ChoiceField(label=_("Terminal"), required=False)

    def __init__(self, data: QueryDict, *, terminals: list[Terminal]) -> None:
        super().__init__(data)
        choice = self.fields["terminal"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", _("All"))] + [(terminal.number, str(terminal)) for terminal in terminals]
        if len(terminals) < 2:
            del self.fields["terminal"]


class BookForm(CardShyForm):
    """How much of a reservation is booked: all, or less (SPG-SET-07, 08)."""

    amount = AmountField(label=_("Amount to book"), error_messages={"required": _("Enter an amount.")})

    def __init__(self, data: QueryDict | None, *, currency: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.currency = currency

    def clean(self) -> dict[str, Any]:
        """The amount, in the currency of the reservation."""
        cleaned = super().clean()
        if cleaned.get("amount"):
            try:
                cleaned["money"] = parse_amount(cleaned["amount"], self.currency, get_language() or "en")
            except AmountRefused as refused:
                self.refuse(refused)
        return cleaned

    @property
    def money(self) -> Money:
        """What was typed, once the form is valid."""
        money: Money = self.cleaned_data["money"]
        return money
