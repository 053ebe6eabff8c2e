"""The forms of people: invite, change a role, accept an invitation."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from paygate.accounts.models import User
from paygate.audit.actions import Action
from paygate.backoffice.form_parts import CardShyForm, DaysForm, PlainDateField, explained
from paygate.backoffice.people.words import MAY
from paygate.languages import LANGUAGES
from paygate.merchants.models import Role
from paygate.tenants.models import Merchant

LONGEST_PASSWORD = 128


def _roles() -> list[tuple[str, str]]:
    return explained((role.value, role.label, MAY[role]) for role in Role)


class InviteForm(CardShyForm):
    """Whom, in which role, and in which language the letter is."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The link in the letter is for this person alone."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=_roles, widget=forms.RadioSelect, initial=Role.CLERK)
    language = forms.ChoiceField(label=_("Language of the letter"), choices=list(LANGUAGES.items()))


class RoleForm(CardShyForm):
    """What somebody may do from now on."""

    role = forms.ChoiceField(label=_("Role"), choices=_roles, widget=forms.RadioSelect)


class RefundLimitForm(CardShyForm):
    """Above how much a refund needs a second person (safety.md AU-5)."""

    limit = forms.IntegerField(
        label=_("A second person confirms refunds above"),
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_(
            "In whole francs, euros and so on, whatever the currency. Leave it empty if one person is enough."
        ),
    )


class AcceptForm(CardShyForm):
    """A name and a password (safety.md AU-1)."""

    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters, better 15. A sentence is easy to remember."),
    )
    again = forms.CharField(
        label=_("Password (again)"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, merchant: Merchant, **options: Any) -> None:
        super().__init__(*args, **options)
        self._email, self._merchant = email, merchant

    def clean(self) -> dict[str, Any]:
        """The password is long enough, not easily guessed, and typed twice the same."""
        cleaned = super().clean()
        password, again = cleaned.get("password"), cleaned.get("again")
        if not password:
            return cleaned
        try:
            person = User(email=self._email, name=cleaned.get("name", ""), home=self._merchant)
            validate_password(password, person)
        except ValidationError as error:
            self.add_error("password", error)
        if again and password != again:
            self.add_error("again", _("The two passwords differ."))
        return cleaned


class AuditSearchForm(DaysForm):
    """By person or subject, by what was done, and by day."""

    days = ("since", "until")

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    action = forms.ChoiceField(
        label=_("What was done"), required=False, choices=lambda: [("", _("All")), *Action.choices]
    )
    since = PlainDateField(label=_("From day"), required=False)
    until = PlainDateField(label=_("To day"), required=False)
