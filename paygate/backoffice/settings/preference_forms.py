"""The settings of Secure PayGate: from fields to what is wanted, and back."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.form_parts import CardShyForm, explained
from paygate.languages import LANGUAGES
from paygate.merchants.models import Booking, Preferences
from paygate.merchants.preferences import ATTEMPTS, LONGEST_ADDRESS, LONGEST_WEBSITE, Problem, Wanted

STANDARD_PAGES: Final = "standard"
OWN_PAGES: Final = "own"
ADDRESSES: Final = ("success_url", "failure_url", "abort_url", "notify_url")

BOOKINGS: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    Booking.FINAL: (
        _("Normal (final) authorization"),
        _("The amount is only authorized. You book it by hand, otherwise it stays a reservation."),
    ),
    Booking.PRE_AUTHORIZATION: (
        _("Pre-authorization"),
        _(
            "The amount is only authorized; you book it by hand. Use it when the amount may still change before it is "
            "booked: it can be lowered, not raised. Only for Visa, V PAY, Mastercard and Maestro; other means of "
            "payment are authorized normally."
        ),
    ),
    Booking.AUTOMATIC: (
        _("Automatic booking"),
        _("After a successful authorization the payment is booked by itself."),
    ),
}

PAGES: Final = (
    (STANDARD_PAGES, _("Standard messages"), _("After the payment the payer sees our page with the result.")),
    (OWN_PAGES, _("Own pages"), _("After the payment the payer goes on to a page of your website.")),
)


class Line(forms.CharField):
    """A line whose rules are the room's: what is missing or wrong is said there, with everything else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def validate(self, value: Any) -> None:
        """`required` only tells the page which fields are optional."""


def _mail_line(**options: Any) -> Line:
    widget = forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"})
    return Line(max_length=3000, widget=widget, **options)


def _address_line(**options: Any) -> Line:
    widget = forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"})
    return Line(max_length=3000, widget=widget, **options)


class PreferencesForm(CardShyForm):
    """Every setting of Secure PayGate, in the order of the seed (SPG-SET)."""

    notify_emails = _mail_line(
        label=_("E-mail addresses for payment notifications"),
        help_text=_("They are told as soon as an offer is paid. Separate several by commas."),
    )
    booking = forms.ChoiceField(
        label=_("Default authorization type"),
        widget=forms.RadioSelect,
        choices=lambda: explained((value, *words) for value, words in BOOKINGS.items()),
    )
    language = forms.ChoiceField(
        label=_("Default language"),
        choices=list(LANGUAGES.items()),
        help_text=_("Of payment pages and letters. Each offer can have its own."),
    )
    max_attempts = forms.TypedChoiceField(
        label=_("Number of attempts"),
        coerce=int,
        choices=lambda: [(count, str(count or _("No limit"))) for count in (*ATTEMPTS[1:], ATTEMPTS[0])],
        help_text=_("After so many failed payments the link is disabled."),
    )
    pages = forms.ChoiceField(
        label=_("What the payer sees after the payment"),
        widget=forms.RadioSelect,
        choices=lambda: explained(PAGES),
    )
    success_url = _address_line(label=_("Address after a successful payment"))
    failure_url = _address_line(label=_("Address after a failed payment"))
    abort_url = _address_line(label=_("Address after the payer canceled"))
    notify_server = forms.BooleanField(
        label=_("Inform your server about every successful payment"), required=False
    )
    notify_url = _address_line(
        label=_("Notification address"),
        help_text=_(
            "It is called from server to server after each successful payment, and not after failed or canceled ones. "
            "The notification address of a payment page configuration has no effect on Secure PayGate."
        ),
    )
    sender_local = Line(
        label=_("Sender's e-mail address"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The buyers see this sender. Choose any name before the @."),
    )
    archive_email = _mail_line(
        label=_("BCC address"),
        required=False,
        help_text=_(
            "Every e-mail is also sent to this address, so that it is kept in your own mail system. We advise an "
            "impersonal address, such as archive@example.com: it stays when people leave."
        ),
    )
    reply_to = _mail_line(
        label=_("Reply-to"),
        help_text=_("Answers of buyers go there, and reports on e-mails that could not be delivered."),
    )
    website = _address_line(
        label=_("Website"), required=False, help_text=_("Linked at the foot of letters to buyers.")
    )
    address = Line(
        label=_("Postal address"),
        required=False,
        max_length=1000,
        help_text=_("On one line, at the foot of letters to buyers."),
    )
    terms_language = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGES.items()))
    terms = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        max_length=1000,
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        help_text=_("A PDF of at most 3.5 MB. If there is a file for this language already, it is replaced."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, files=files, **options)
        self.fields["website"].widget.attrs["maxlength"] = LONGEST_WEBSITE
        self.fields["address"].widget.attrs["maxlength"] = LONGEST_ADDRESS

    @property
    def domain(self) -> str:
        """What stands after the @ of every sender (SPG-SET-26)."""
        return f"@{settings.PAYGATE_MAIL_DOMAIN}"

    def wanted(self) -> Wanted:
        """What was filled in, in the room's words."""
        cleaned = self.cleaned_data
        return Wanted(
            notify_emails=cleaned["notify_emails"],
            booking=cleaned["booking"],
            language=cleaned["language"],
            max_attempts=cleaned["max_attempts"],
            sender_local=cleaned["sender_local"],
            reply_to=cleaned["reply_to"],
            archive_email=cleaned["archive_email"],
            own_pages=cleaned["pages"] == OWN_PAGES,
            success_url=cleaned["success_url"].strip(),
            failure_url=cleaned["failure_url"].strip(),
            abort_url=cleaned["abort_url"].strip(),
            notify_server=cleaned["notify_server"],
            notify_url=cleaned["notify_url"].strip(),
            website=cleaned["website"].strip(),
            address=cleaned["address"],
        )

    def take(self, problems: list[Problem]) -> None:
        """Each problem beside its field."""
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else None, str(problem.words))


def fields_of(preferences: Preferences) -> dict[str, Any]:
    """From settings to fields."""
    same = (
        "booking", "language", "max_attempts", "success_url", "failure_url", "abort_url", "notify_url",
        "sender_local", "archive_email", "reply_to", "website", "address",
    )  # fmt: skip
    return {name: getattr(preferences, name) for name in same} | {
        "notify_emails": ", ".join(preferences.notify_emails),
        "pages": OWN_PAGES if preferences.own_pages else STANDARD_PAGES,
        "notify_server": bool(preferences.notify_url),
        "terms_language": preferences.language,
    }
