"""`OfferForm`: from fields to `OfferTerms` and back; the filters of the overview."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import DaysForm, PlainDateField, PlainTimeField, offer_terminals
from paygate.backoffice.offers.buyer_fields import BuyerFields, buyer_fields_of
from paygate.backoffice.offers.letter_fields import LetterFields
from paygate.designs.models import Design
from paygate.merchants.models import Booking, LetterKind, Preferences, Terminal
from paygate.money.amount import Money
from paygate.money.display import plain
from paygate.money.form_fields import AmountField, AmountRefused, parse_amount
from paygate.offers.models import AskEmail, Offer, Source
from paygate.offers.states import OfferState
from paygate.offers.terms import ATTEMPTS, DAYS, OfferTerms
from paygate.threeds.liability import Condition

OWN_DATE: Final = "own"
PROPOSED_DAYS: Final = 14
_AS_THEY_ARE: Final = (  # fields that are called as in the terms, and mean the same
    "reference", "language", "payer_email", "notify_emails", "max_attempts", "by_email", "save_means",
)  # fmt: skip


class OfferForm(LetterFields, BuyerFields):
    """The creation form: the seed's fields (SPG-FRM), in the order of the page."""

    # As they stand on the page: the summary of what is wrong goes through them from top to bottom.
    field_order = (
        "terminal", "amount", "currency", "valid_for", "expires_on", "expires_at_time", "description", "reference",
        "payer_email", "language", "by_email", "letter_subject", "letter_salutation", "letter_text",
        "letter_signature", "confirm", "confirmation_subject", "confirmation_salutation", "confirmation_text",
        "confirmation_signature", "reply_to", "archive_email", "ask_email", "address_first_name",
        "address_last_name", "address_company", "address_street", "address_street2", "address_zip", "address_city",
        "address_country", "address_phone", "address_editable", "booking", "condition", "notify_emails",
        "max_attempts", "save_means", "design",
    )  # fmt: skip

    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=80,
        help_text=_(
            "Strongly recommended: your own number, by which you find the payment in journal and statements."
        ),
    )
    amount = AmountField(label=_("Amount"), error_messages={"required": _("Enter an amount.")})
    payer_email = forms.CharField(
        label=_("Buyer's e-mail address"),
        required=False,
        max_length=300,
        strip=False,  # `parse_mailbox` forgives spaces and refuses everything else that cannot be seen (EM-2)
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("For the payment link, and for the confirmation after the payment."),
    )
    by_email = forms.BooleanField(label=_("Send the link by e-mail to the buyer"), required=False)
    max_attempts = forms.TypedChoiceField(
        label=_("Number of attempts"),
        coerce=int,
        help_text=_("After so many failed payments the link is disabled."),
    )
    save_means = forms.BooleanField(  # only where the licence has stored cards (SPG-FRM-38)
        label=_("Save payment means"),
        required=False,
        help_text=_(
            "The buyer's card or wallet is stored with the payment, and the buyer is told so. Your programs find it by"
            " its alias through the JSON API; nothing else can use it."
        ),
    )
    valid_for = forms.ChoiceField(label=_("Valid for"))
    expires_on = PlainDateField(label=_("Own date"), required=False)
    expires_at_time = PlainTimeField(label=_("Time"), required=False)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        terminals: list[Terminal],
        zone: ZoneInfo,
        now: datetime,
        designs: list[Design],
        stores_cards: bool,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.prepare(terminals, designs)
        if not stores_cards:
            del self.fields["save_means"]
        self.zone, self.now = zone, now
        self.choices(
            "max_attempts", [(count, str(count or _("No limit"))) for count in (*ATTEMPTS[1:], ATTEMPTS[0])]
        )
        self.choices(
            "valid_for", [*((str(days), words_of_days(days)) for days in DAYS), (OWN_DATE, _("Own date"))]
        )

    def clean(self) -> dict[str, Any]:
        """What depends on two fields: amount and currency, expiry choice and own date."""
        cleaned = super().clean()
        if cleaned.get("amount") and cleaned.get("currency"):
            try:
                cleaned["money"] = parse_amount(
                    cleaned["amount"], cleaned["currency"], get_language() or "en"
                )
            except AmountRefused as refused:
                self.refuse(refused)
        if cleaned.get("by_email") and self.lacks_address(cleaned):
            self.add_error("payer_email", _("Enter the buyer's e-mail address to send the offer."))
        cleaned["expires_at"] = self._expiry(cleaned)
        return cleaned

    def lacks_address(self, cleaned: dict[str, Any]) -> bool:
        """Is the buyer's address empty, where the letter needs one?"""
        return not cleaned.get("payer_email") and "payer_email" not in self.errors

    def _expiry(self, cleaned: dict[str, Any]) -> datetime | None:
        """The deadline; an own date is in the merchant's zone, until its last minute without a time (TM-5)."""
        choice, day = cleaned.get("valid_for"), cleaned.get("expires_on")
        if choice != OWN_DATE:
            return self.now + timedelta(days=int(choice)) if choice else None
        if day is None:
            if "expires_on" not in self.errors:
                self.add_error("expires_on", _("Choose a date."))
            return None
        if not 2000 <= day.year <= 2200:
            self.add_error("expires_on", _("The link can be valid for at most 180 days."))
            return None
        deadline = datetime.combine(day, cleaned.get("expires_at_time") or time(23, 59), self.zone)
        if not _exists(deadline):
            words = _("The clocks go forward on that day: there is no %(time)s. Choose another time.")
            self.add_error("expires_at_time", words % {"time": f"{deadline:%H:%M}"})
            return None
        return deadline

    def terms(self) -> OfferTerms:
        """What was filled in, in the room's words; what is missing or wrong is as if nobody had a wish there."""
        cleaned = self.cleaned_data
        return OfferTerms(
            amount=cleaned.get("money") or Money(1, cleaned.get("currency") or self.taken[self.chosen][0]),
            description=cleaned.get("description", ""),
            expires_at=cleaned.get("expires_at") or self.now + timedelta(days=PROPOSED_DAYS),
            booking=Booking(cleaned.get("booking", Booking.FINAL)),
            condition=Condition(cleaned.get("condition", Condition.NONE)),
            **{name: cleaned[name] for name in _AS_THEY_ARE if name in cleaned},
            **self.buyer_terms(),
        )

    def named_here(self, field: str) -> str:
        """The deadline is chosen as a number of days, or as a day."""
        if field == "expires_at":
            return "expires_on" if self.cleaned_data.get("valid_for") == OWN_DATE else "valid_for"
        return field


def draft_of(form: OfferForm, terminals: list[Terminal], *, language: str) -> tuple[Offer, Money | None]:
    """An offer that is never saved, from what is right so far in a form, and its amount where there is one.

    `language` is the one to write in until one is chosen.
    """
    form.is_valid()
    cleaned = form.cleaned_data
    number = cleaned.get("terminal")
    terminal = next((one for one in terminals if one.number == number), terminals[0])
    draft = Offer(
        terminal=terminal,
        description=cleaned.get("description", "…"),
        reference=cleaned.get("reference", ""),
        language=cleaned.get("language", language),
        letter=form.words_of(LetterKind.OFFER).as_row(),
        address=form.address_so_far.as_row(),
        expires_at=cleaned.get("expires_at") or form.now + timedelta(days=PROPOSED_DAYS),
    )
    return draft, cleaned.get("money")


def proposed(settings: Preferences) -> dict[str, Any]:
    """The first values of an empty form: the merchant's settings (SPG-SET-02, 03)."""
    return {
        "booking": settings.booking,
        "condition": Condition.NONE.value,
        "language": settings.language,
        "notify_emails": ", ".join(settings.notify_emails),
        "max_attempts": settings.max_attempts,
        "valid_for": str(PROPOSED_DAYS),
        "ask_email": AskEmail.NO.value,
        "confirm": True,
    }


def fields_of(terms: OfferTerms, terminal: Terminal, zone: ZoneInfo) -> dict[str, Any]:
    """From terms back to fields: to edit an offer, or to begin another one like it."""
    expires_at = terms.expires_at.astimezone(zone)
    return {
        "terminal": terminal.number,
        "description": terms.description,
        "reference": terms.reference,
        "amount": plain(terms.amount),
        "currency": terms.amount.currency,
        "booking": terms.booking.value,
        "condition": terms.condition.value,
        "language": terms.language,
        "payer_email": terms.payer_email,
        "notify_emails": ", ".join(terms.notify_emails),
        "max_attempts": terms.max_attempts,
        "by_email": terms.by_email,
        "save_means": terms.save_means,
        **buyer_fields_of(terms),
        "valid_for": OWN_DATE,
        "expires_on": expires_at.date(),
        "expires_at_time": expires_at.time().replace(second=0, microsecond=0),
    }


class OfferSearchForm(DaysForm):
    """The advanced search of the overview (SPG-OVW-04 to 07)."""

    days = ("expires_from", "expires_to")

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.MultipleChoiceField(
        label=_("Status"), required=False, choices=OfferState.choices, widget=forms.CheckboxSelectMultiple
    )
    terminal = forms.ChoiceField(label=_("Terminal"), required=False)
    expires_from = PlainDateField(label=_("Expires from"), required=False)
    expires_to = PlainDateField(label=_("Expires until"), required=False)
    source = forms.MultipleChoiceField(
        label=_("Application"), required=False, choices=Source.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict, *, terminals: list[Terminal]) -> None:
        super().__init__(data)
        offer_terminals(self, terminals)


def words_of_days(days: int) -> str:
    """How long a link is good for."""
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def _exists(local: datetime) -> bool:
    """False for a local time that the clocks jump over."""
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)
