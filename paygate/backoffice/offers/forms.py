"""`OfferForm`: from fields to `OfferTerms` and back; the filters of the overview."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.choose import contracts_for, currencies_of
from paygate.backoffice.form_parts import DaysForm, PlainDateField, PlainTimeField, explained
from paygate.backoffice.offers.buyer_fields import BuyerFields, buyer_fields_of
from paygate.backoffice.offers.letter_fields import LetterFields
from paygate.designs.models import Design
from paygate.languages import LANGUAGES
from paygate.mail.mailbox import MailboxRefused, parse_mailboxes
from paygate.merchants.models import Booking, LetterKind, Preferences, Terminal
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.money.display import plain
from paygate.money.form_fields import AmountField, AmountRefused, parse_amount
from paygate.offers.models import AskEmail, Offer, Source
from paygate.offers.states import OfferState
from paygate.offers.terms import ATTEMPTS, DAYS, OfferTerms
from paygate.refusals import TermsRefused
from paygate.threeds.liability import Condition

Parsed = TypeVar("Parsed")

OWN_DATE: Final = "own"
PROPOSED_DAYS: Final = 14

BOOKINGS: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    Booking.FINAL: (
        _("Authorization"),
        _("The money is reserved, guaranteed for 10 days. You book it in the journal before it moves."),
    ),
    Booking.PRE_AUTHORIZATION: (
        _("Pre-authorization"),
        _("As above, guaranteed for 30 days. Visa and Mastercard; other methods: a normal authorization."),
    ),
    Booking.AUTOMATIC: (_("Automatic booking"), _("The money moves at once. Nothing is left to do for you.")),
}

CONDITIONS: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    Condition.NONE: (
        _("No condition"),
        _("The payment is tried in any case. Without liability shift the risk of fraud is yours."),
    ),
    Condition.ATTEMPTED: (
        _("Only with liability shift on authorization"),
        _("If 3-D Secure reports no liability shift, the payment fails."),
    ),
    Condition.CHALLENGE: (
        _("Only with liability shift and 3-D Secure authentication"),
        _("The buyer's bank is asked to check who is paying. Without that check the payment fails."),
    ),
}


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

    terminal = forms.ChoiceField(
        label=_("Terminal"),
        error_messages={
            "required": _("Choose a terminal."),
            "invalid_choice": _("Choose one of your terminals."),
        },
    )
    description = forms.CharField(
        label=_("Description"),
        help_text=_("In a few words: what is to be paid. The buyer reads it."),
        max_length=1000,
        error_messages={"required": _("Say in a few words what is to be paid. The buyer reads it.")},
    )
    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=80,
        help_text=_(
            "Strongly recommended: your own number, by which you find the payment in journal and statements."
        ),
    )
    amount = AmountField(label=_("Amount"), error_messages={"required": _("Enter an amount.")})
    currency = forms.ChoiceField(
        label=_("Currency"),
        error_messages={
            "required": _("Choose a currency."),
            "invalid_choice": _("This terminal takes no payments in this currency."),
        },
    )
    booking = forms.ChoiceField(label=_("Authorization type"), widget=forms.RadioSelect)
    condition = forms.ChoiceField(label=_("Condition"), widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=list(LANGUAGES.items()),
        help_text=_("Of the payment page and of all letters to the buyer."),
    )
    payer_email = forms.CharField(
        label=_("Buyer's e-mail address"),
        required=False,
        max_length=300,
        strip=False,  # `parse_mailbox` forgives spaces and refuses everything else that cannot be seen (EM-2)
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("For the payment link, and for the confirmation after the payment."),
    )
    by_email = forms.BooleanField(label=_("Send the link by e-mail to the buyer"), required=False)
    notify_emails = forms.CharField(
        label=_("Payment notification"),
        required=False,
        max_length=3000,
        strip=False,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Your own addresses that are told as soon as it is paid. Separate several by commas."),
    )
    max_attempts = forms.TypedChoiceField(
        label=_("Number of attempts"),
        coerce=int,
        help_text=_("After so many failed payments the link is disabled."),
    )
    save_means = forms.BooleanField(  # only where the licence has stored cards (SPG-FRM-38)
        label=_("Save payment means"),
        required=False,
        help_text=_(
            "The buyer's card is stored with the payment, and the buyer is told so. Your programs find it by its alias"
            " through the JSON API; nothing else can use it."
        ),
    )
    valid_for = forms.ChoiceField(label=_("Valid for"))
    expires_on = PlainDateField(label=_("Own date"), required=False)
    expires_at_time = PlainTimeField(label=_("Time"), required=False)
    form_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

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
        self.prepare(designs)
        if not stores_cards:
            del self.fields["save_means"]
        self.zone, self.now = zone, now
        self.terminals = {terminal.number: str(terminal) for terminal in terminals}
        self.taken = {terminal.number: currencies_of(terminal) for terminal in terminals}  # SPG-FRM-20
        self.payable_by = {  # SPG-FRM-21
            terminal.number: {code: _methods(terminal, code) for code in self.taken[terminal.number]}
            for terminal in terminals
        }
        self._choices("terminal", list(self.terminals.items()))
        self._choices("currency", [(code, code) for code in self._currencies(terminals)])
        self._choices("booking", explained((value, *words) for value, words in BOOKINGS.items()))
        self._choices("condition", explained((value, *words) for value, words in CONDITIONS.items()))
        self._choices(
            "max_attempts", [(count, str(count or _("No limit"))) for count in (*ATTEMPTS[1:], ATTEMPTS[0])]
        )
        self._choices(
            "valid_for", [*((str(days), words_of_days(days)) for days in DAYS), (OWN_DATE, _("Own date"))]
        )

    def _currencies(self, terminals: list[Terminal]) -> list[str]:
        """Those of the chosen terminal; until one is chosen, of the first."""
        self.chosen = str(self["terminal"].value() or (terminals[0].number if terminals else ""))
        return self.taken.get(self.chosen, [])

    @property
    def methods_words(self) -> str:
        """What the buyer may pay with, in the chosen currency of the chosen terminal."""
        offered = self.payable_by.get(self.chosen, {})
        first = next(iter(offered), "")
        return offered.get(str(self["currency"].value()), offered.get(first, ""))

    @property
    def booking_words(self) -> str:
        """The chosen authorization type, for the folded group."""
        return str(BOOKINGS.get(str(self["booking"].value()), ("",))[0])

    @property
    def condition_words(self) -> str:
        """The chosen condition, for the folded group."""
        return str(CONDITIONS.get(str(self["condition"].value()), ("",))[0])

    def clean_notify_emails(self) -> tuple[str, ...]:
        """Several mailboxes, or none."""
        return tuple(_or_error(parse_mailboxes, self.cleaned_data["notify_emails"]))

    def clean(self) -> dict[str, Any]:
        """What depends on two fields: amount and currency, expiry choice and own date."""
        cleaned = super().clean()
        if cleaned.get("terminal") and not self.taken[cleaned["terminal"]]:
            self.errors.pop("currency", None)
            self.add_error(
                "terminal", _("No method of payment is agreed on this terminal yet. Choose another one.")
            )
        if self.errors.pop("form_id", None):
            self.add_error(None, _("This form is damaged. Reload the page."))
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
        """What was filled in, in the room's words."""
        cleaned = self.cleaned_data
        return OfferTerms(
            amount=cleaned["money"],
            description=cleaned["description"],
            expires_at=cleaned["expires_at"],
            reference=cleaned["reference"],
            booking=Booking(cleaned["booking"]),
            condition=Condition(cleaned["condition"]),
            language=cleaned["language"],
            payer_email=cleaned["payer_email"],
            notify_emails=cleaned["notify_emails"],
            max_attempts=cleaned["max_attempts"],
            by_email=cleaned["by_email"],
            save_means=cleaned.get("save_means", False),
            **self.buyer_terms(),
        )

    def take(self, refused: TermsRefused) -> None:
        """Each problem of the terms, beside its field."""
        expiry = "expires_on" if self.cleaned_data.get("valid_for") == OWN_DATE else "valid_for"
        for problem in refused.problems:
            field = expiry if problem.field == "expires_at" else problem.field
            self.add_error(field if field in self.fields else None, str(problem.words))


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
        choice = self.fields["terminal"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", _("All"))] + [(terminal.number, str(terminal)) for terminal in terminals]
        if len(terminals) < 2:
            del self.fields["terminal"]


def _methods(terminal: Terminal, currency: str) -> str:
    return ", ".join(str(METHODS[contract.method].label) for contract in contracts_for(terminal, currency))


def words_of_days(days: int) -> str:
    """How long a link is good for."""
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def _exists(local: datetime) -> bool:
    """False for a local time that the clocks jump over."""
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def _or_error(parse: Callable[[str], Parsed], typed: str) -> Parsed:
    try:
        return parse(typed)
    except MailboxRefused as refused:
        raise forms.ValidationError(str(refused)) from None
