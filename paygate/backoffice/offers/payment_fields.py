"""The fields that every form of a payment has: what is paid, at which terminal, how it is booked, who is told.

An offer's form and that of a multi-use link have them both (SPG-FRM, SPG-MUF-02).
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.choose import contracts_for, currencies_of
from paygate.backoffice.form_parts import CardShyForm, explained
from paygate.designs.models import Design
from paygate.languages import LANGUAGES
from paygate.mail.mailbox import MailboxRefused, parse_mailboxes
from paygate.merchants.models import Booking, Terminal
from paygate.methods import METHODS
from paygate.refusals import Problem, TermsRefused
from paygate.threeds.liability import Condition

Parsed = TypeVar("Parsed")
Choices = list[tuple[Any, Any]]


class Terms(Protocol):
    """Those of an offer or of a link."""

    def problems(self, terminal: Terminal, *, now: datetime) -> Iterator[Problem]:
        """Everything that is wrong with these terms at this terminal, field by field."""


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


class PaymentFields(CardShyForm):
    """What it costs the buyer and the merchant to say; the form that has them calls `offer_choices`."""

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
    confirm = forms.BooleanField(
        label=_("Send the buyer a confirmation as soon as it is paid"), required=False
    )
    notify_emails = forms.CharField(
        label=_("Payment notification"),
        required=False,
        max_length=3000,
        strip=False,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Your own addresses that are told as soon as it is paid. Separate several by commas."),
    )
    design = forms.ChoiceField(
        label=_("Payment page configuration"),
        required=False,
        error_messages={"invalid_choice": _("Choose one of your payment page configurations.")},
    )
    form_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def offer_choices(self, terminals: list[Terminal], designs: list[Design]) -> None:
        """Give the lists of choices that depend on the merchant."""
        self.designs = designs
        self.terminals = {terminal.number: str(terminal) for terminal in terminals}
        self.taken = {
            terminal.number: currencies_of(terminal) for terminal in terminals
        }  # SPG-FRM-20, MUF-10
        self.payable_by = {  # SPG-FRM-21, SPG-MUF-11
            terminal.number: {code: _methods(terminal, code) for code in self.taken[terminal.number]}
            for terminal in terminals
        }
        # until one is chosen, the currencies are those of the first
        self.chosen = str(self["terminal"].value() or (terminals[0].number if terminals else ""))
        self.choices("terminal", list(self.terminals.items()))
        self.choices("currency", [(code, code) for code in self.taken.get(self.chosen, [])])
        self.choices("booking", explained((value, *words) for value, words in BOOKINGS.items()))
        self.choices("condition", explained((value, *words) for value, words in CONDITIONS.items()))
        self.choices("design", self._design_choices)

    def choices(self, name: str, choices: Choices | Callable[[], Choices]) -> None:
        """Fill a list of choices."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _design_choices(self) -> Choices:
        standard = next((design.name for design in self.designs if design.is_default), "")
        first = _("Standard (%(name)s)") % {"name": standard} if standard else _("Standard")
        return [("", first), *((str(design.pk), design.name) for design in self.designs)]

    @property
    def has_designs(self) -> bool:
        """Is there one to choose (SPG-FRM-40)?"""
        return bool(self.designs)

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
        return tuple(or_error(parse_mailboxes, self.cleaned_data["notify_emails"]))

    def is_right(self, terminals: list[Terminal], *, now: datetime) -> bool:
        """Does nothing need mending? Where something does, what the terms are refused for is said with it, at once."""
        if self.is_valid():
            return True
        chosen = self.cleaned_data.get("terminal")
        for terminal in terminals:
            if terminal.number == chosen:
                problems = list(self.terms().problems(terminal, now=now))
                self._show(one for one in problems if self._field_of(one) not in self.errors)
        return False

    @abstractmethod
    def terms(self) -> Terms:
        """What was filled in, in the room's words; what is missing or wrong is as if nobody had a wish there."""

    def take(self, refused: TermsRefused) -> None:
        """Each problem of the terms, beside its field."""
        self._show(refused.problems)

    def named_here(self, field: str) -> str:
        """What this form calls a field of the terms."""
        return field

    def _show(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add_error(self._field_of(problem), str(problem.words))

    def _field_of(self, problem: Problem) -> str | None:
        """None where no field of this form is to blame."""
        field = self.named_here(problem.field)
        return field if field in self.fields else None

    def clean(self) -> dict[str, Any]:
        """Of a terminal without methods its currency is not to blame."""
        cleaned = super().clean()
        if cleaned.get("terminal") and not self.taken[cleaned["terminal"]]:
            self.errors.pop("currency", None)
            self.add_error(
                "terminal", _("No method of payment is agreed on this terminal yet. Choose another one.")
            )
        if self.errors.pop("form_id", None):
            self.add_error(None, _("This form is damaged. Reload the page."))
        return cleaned


def or_error(parse: Callable[[str], Parsed], typed: str) -> Parsed:
    """What `parse` makes of it; what it says no to stands beside the field."""
    try:
        return parse(typed)
    except MailboxRefused as refused:
        raise forms.ValidationError(str(refused)) from None


def _methods(terminal: Terminal, currency: str) -> str:
    return ", ".join(str(METHODS[contract.method].label) for contract in contracts_for(terminal, currency))
