"""`LinkForm`: from fields to `LinkTerms` and back (SPG-MUF); the filters of the overview."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import OUR_TIME, CardShyForm, PlainDateField, offer_terminals
from paygate.backoffice.offers.payment_fields import PaymentFields
from paygate.designs.models import Design
from paygate.links.models import LONGEST_PREFIX
from paygate.links.states import LinkState
from paygate.links.terms import LinkTerms
from paygate.merchants.models import Booking, Preferences, Terminal
from paygate.money.amount import Money
from paygate.money.display import amount_text
from paygate.money.form_fields import AmountField, AmountRefused, parse_amount
from paygate.threeds.liability import Condition

FREE: Final = ("smallest", "largest", "suggested")  # fields that count only while the payer sets the amount
DAYS: Final = ("begins_on", "ends_on")
_BETWEEN: Final = re.compile(r";|,\s")  # between suggestions: no amount has a comma and a space behind it
_AMOUNTS: Final = ("amount", "smallest", "largest", "most_total")
_AS_THEY_ARE: Final = (  # fields that are called as in the terms, and mean the same
    *_AMOUNTS, "suggested", "language", "reference_prefix", "confirm", "billing_required", "delivery_required",
    "notify_emails", "most_payments",
)  # fmt: skip


class LinkForm(PaymentFields):
    """The creation form: the seed's fields (SPG-MUF), and what limits a link."""

    # As they stand on the page: the summary of what is wrong goes through them from top to bottom.
    field_order = (
        "description", "terminal", "currency", "language", "fixed", "amount", "smallest", "largest", "suggested",
        "reference_prefix", "email_required", "confirm", "billing_required", "delivery_required", "booking",
        "condition", "begins_on", "ends_on", "most_payments", "most_total", "notify_emails", "design",
    )  # fmt: skip

    fixed = forms.BooleanField(
        label=_("Fixed amount"), required=False, help_text=_("Without it the payer sets the amount.")
    )
    amount = AmountField(label=_("Amount"), required=False)
    smallest = AmountField(label=_("Smallest amount"), required=False)
    largest = AmountField(label=_("Largest amount"), required=False)
    suggested = forms.CharField(
        label=_("Suggested amounts"),
        required=False,
        max_length=200,
        help_text=_("Up to six, separated by semicolons: 10; 20; 50."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reference_prefix = forms.CharField(
        label=_("Reference prefix"),
        required=False,
        max_length=LONGEST_PREFIX,
        help_text=_(
            "Stands before the reference that is generated for each payment, such as ROOF-K7M3X-9PQRT."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email_required = forms.ChoiceField(
        label=_("Buyer's e-mail address on the payment page"),
        choices=[("1", _("Ask; the buyer must enter it")), ("0", _("Ask; the buyer may leave it empty"))],
    )
    billing_required = forms.BooleanField(label=_("Billing address required"), required=False)
    delivery_required = forms.BooleanField(label=_("Delivery address required"), required=False)
    begins_on = PlainDateField(label=_("First day"), required=False)
    ends_on = PlainDateField(label=_("Last day"), required=False)
    most_payments = forms.IntegerField(
        label=_("Most payments"),
        required=False,
        min_value=1,
        error_messages={
            "invalid": _("Enter a whole number of at least 1."),
            "min_value": _("Enter a whole number of at least 1."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    most_total = AmountField(label=_("Most in total"), required=False)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        terminals: list[Terminal],
        zone: ZoneInfo,
        designs: list[Design],
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.zone = zone
        self.offer_choices(terminals, designs)
        self.fields["notify_emails"].help_text = _(
            "Your own addresses that are told of each payment. Separate several by commas."
        )

    @property
    def terms_words(self) -> str:
        """The chosen authorization type and condition, for the folded group."""
        return f"{self.booking_words} · {self.condition_words}"

    @property
    def limits_words(self) -> str:
        """What limits the link, each under its label, for the folded group."""
        said = {name: self[name].value() for name in ("begins_on", "ends_on", "most_payments", "most_total")}
        if said["most_total"]:
            said["most_total"] = f"{self['currency'].value() or ''} {said['most_total']}".strip()
        return " · ".join(
            _("%(label)s: %(what)s") % {"label": self[name].label, "what": what}
            for name, what in said.items()
            if what
        )

    def clean(self) -> dict[str, Any]:
        """What depends on two fields: amounts and currency, the amount where it is fixed, days and their zone."""
        cleaned = super().clean()
        for name in DAYS:
            if cleaned.get(name) and cleaned[name].year not in OUR_TIME:
                self.add_error(name, _("Enter a date between the years 2000 and 2200."))
        unused = FREE if cleaned.get("fixed") else ("amount",)
        for name in unused:
            cleaned[name] = ""
            self.errors.pop(name, None)
        if cleaned.get("fixed") and not cleaned.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Enter an amount."))
        for name in _AMOUNTS:
            cleaned[name] = self._money(name, cleaned.get(name, ""))
        suggested = [part for part in _BETWEEN.split(cleaned.get("suggested", "")) if part.strip()]
        cleaned["suggested"] = tuple(
            money for part in suggested if (money := self._money("suggested", part)) is not None
        )
        return cleaned

    def _money(self, name: str, typed: str) -> Money | None:
        """What was typed, in the chosen currency; what it is not stands beside the field."""
        if not typed or "currency" not in self.cleaned_data:
            return None
        try:
            return parse_amount(typed, self.cleaned_data["currency"], get_language() or "en")
        except AmountRefused as refused:
            self.refuse(refused, amount=name)
            return None

    def terms(self) -> LinkTerms:
        """What was filled in, in the room's words; what was filled in wrongly is as if left empty."""
        cleaned = self.cleaned_data
        return LinkTerms(
            description=cleaned.get("description", ""),
            currency=cleaned.get("currency", ""),
            booking=Booking(cleaned.get("booking", Booking.FINAL)),
            condition=Condition(cleaned.get("condition", Condition.NONE)),
            design_id=int(cleaned["design"]) if cleaned.get("design") else None,
            email_required=cleaned.get("email_required") != "0",
            begins_at=_begin_of(cleaned.get("begins_on"), self.zone),
            ends_at=_begin_of(cleaned.get("ends_on"), self.zone, after=1),
            **{name: cleaned[name] for name in _AS_THEY_ARE if name in cleaned},
        )

    def named_here(self, field: str) -> str:
        """Days end and begin with moments of the terms."""
        return {"ends_at": "ends_on", "begins_at": "begins_on"}.get(field, field)


def proposed(settings: Preferences) -> dict[str, Any]:
    """The first values of an empty form: the merchant's settings."""
    return {
        "booking": settings.booking,
        "condition": Condition.NONE.value,
        "language": settings.language,
        "notify_emails": ", ".join(settings.notify_emails),
        "email_required": "1",
        "confirm": True,
    }


def fields_of(terms: LinkTerms, terminal: Terminal, zone: ZoneInfo) -> dict[str, Any]:
    """From terms back to fields."""
    language = get_language() or "en"

    def shown(money: Money | None) -> str:
        return amount_text(money, language) if money else ""

    return {
        "description": terms.description,
        "terminal": terminal.number,
        "currency": terms.currency,
        "fixed": terms.amount is not None,
        **{name: shown(getattr(terms, name)) for name in _AMOUNTS},
        "suggested": "; ".join(shown(money) for money in terms.suggested),
        "booking": terms.booking.value,
        "condition": terms.condition.value,
        "language": terms.language,
        "design": terms.design_id,
        "reference_prefix": terms.reference_prefix,
        "email_required": "1" if terms.email_required else "0",
        "confirm": terms.confirm,
        "billing_required": terms.billing_required,
        "delivery_required": terms.delivery_required,
        "notify_emails": ", ".join(terms.notify_emails),
        "begins_on": terms.begins_at.astimezone(zone).date() if terms.begins_at else None,
        "ends_on": last_day(terms.ends_at, zone) if terms.ends_at else None,
        "most_payments": terms.most_payments,
    }


def last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    """The last day on which a link takes payments."""
    return (ends_at - timedelta(microseconds=1)).astimezone(zone).date()


def _begin_of(day: date | None, zone: ZoneInfo, *, after: int = 0) -> datetime | None:
    """The first moment of a day, or of one so many days `after` it, in the merchant's zone (safety.md TM-5)."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=after), time.min, zone)


class LinkSearchForm(CardShyForm):
    """Search and filters of the overview of multi-use links."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.MultipleChoiceField(
        label=_("Status"), required=False, choices=LinkState.choices, widget=forms.CheckboxSelectMultiple
    )
    terminal = forms.ChoiceField(label=_("Terminal"), required=False)

    def __init__(self, data: QueryDict, *, terminals: list[Terminal]) -> None:
        super().__init__(data)
        offer_terminals(self, terminals)
