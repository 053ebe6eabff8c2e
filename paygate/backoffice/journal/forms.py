"""The filters of the journal, the amount of a booking, and what two people decide."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import CardShyForm, DaysForm, PlainDateField, explained, offer_terminals
from paygate.backoffice.journal.verdict_words import Choice
from paygate.journal.models import Decision, EntryType
from paygate.journal.review import LONGEST_REASON
from paygate.journal.states import EntryState
from paygate.links.models import Link
from paygate.merchants.models import Terminal
from paygate.money.amount import Money
from paygate.money.form_fields import AmountField, AmountRefused, parse_amount
from paygate.webhooks.states import DeliveryState


class JournalSearchForm(DaysForm):
    """Search by reference, transaction, description or buyer; narrow by day, state and terminal (SPG-FRM-13)."""

    days = ("made_from", "made_to")

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.MultipleChoiceField(
        label=_("Status"), required=False, choices=EntryState.choices, widget=forms.CheckboxSelectMultiple
    )
    type = forms.ChoiceField(
        label=_("Payments and refunds"), required=False, choices=[("", _("All")), *EntryType.choices]
    )
    terminal = forms.ChoiceField(label=_("Terminal"), required=False)
    made_from = PlainDateField(label=_("From"), required=False)
    made_to = PlainDateField(label=_("Until"), required=False)
    link = forms.ChoiceField(label=_("Multi-use link"), required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, terminals: list[Terminal], link: Link | None = None) -> None:
        super().__init__(data)
        asked = self.fields["link"]
        assert isinstance(asked, forms.ChoiceField)
        asked.choices = [(str(link.pk), link.description)] if link else []
        offer_terminals(self, terminals)


class CallSearchForm(DaysForm):
    """The calls to the merchant's server, by server or transaction, state and day."""

    days = ("made_from", "made_to")

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.MultipleChoiceField(
        label=_("Status"), required=False, choices=DeliveryState.choices, widget=forms.CheckboxSelectMultiple
    )
    made_from = PlainDateField(label=_("From"), required=False)
    made_to = PlainDateField(label=_("Until"), required=False)


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


class RefundForm(BookForm):
    """How much of a booked payment is paid back: all that is left, or less (safety.md MO-6)."""

    part = forms.ChoiceField(
        label=_("Part"), required=False, error_messages={"invalid_choice": _("Choose a part.")}
    )
    amount = AmountField(label=_("Amount to refund"), error_messages={"required": _("Enter an amount.")})

    def __init__(
        self, data: QueryDict | None, *, parts: Sequence[tuple[str, str]] = (), **options: Any
    ) -> None:
        super().__init__(data, **options)
        part = self.fields["part"]
        assert isinstance(part, forms.ChoiceField)
        part.choices = list(parts)
        part.required = bool(parts)
        if len(parts) <= 1:
            part.widget = forms.HiddenInput()

    @property
    def chosen_part(self) -> int | None:
        """The key of the part that is paid back, once the form is valid."""
        return int(self.cleaned_data["part"]) if self.cleaned_data["part"] else None


class DecisionForm(CardShyForm):
    """What became of something that nobody could find out, and how one knows (safety.md AU-5)."""

    verdict = forms.ChoiceField(
        label=_("What became of it"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what became of it."),
            "invalid_choice": _("Choose what became of it."),
        },
    )
    reason = forms.CharField(
        label=_("How you know it"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whom you asked and when, for whoever confirms it and for the record."),
        error_messages={"required": _("Say how you know, in at most 500 characters.")},
    )
    acquirer_reference = forms.CharField(
        label=_("Acquirer's reference"),
        required=False,
        max_length=Decision._meta.get_field("acquirer_reference").max_length,
        help_text=_("If the acquirer named one."),
    )

    def __init__(self, data: QueryDict | None, *, choices: list[Choice]) -> None:
        # With one choice there is nothing to choose.
        initial = {"verdict": choices[0].verdict} if len(choices) == 1 else {}
        super().__init__(data, initial=initial)
        verdict = self.fields["verdict"]
        assert isinstance(verdict, forms.ChoiceField)
        verdict.choices = explained((one.verdict, one.label, one.consequence) for one in choices)
