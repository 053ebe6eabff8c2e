"""The fields of an offer's form that are about the buyer: e-mail, postal address, own words of letters."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, cast

from django import forms
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from paygate.addresses import Address, country_names
from paygate.backoffice.offers.payment_fields import PaymentFields, or_error
from paygate.backoffice.visit import Visit
from paygate.designs.models import Design
from paygate.languages import ui_language
from paygate.mail.mailbox import parse_mailbox
from paygate.merchants.models import Terminal
from paygate.offers.models import AskEmail
from paygate.offers.terms import LETTER_PARTS, OfferTerms

ADDRESS: Final = "address_"  # begins the names of the address's fields

_MAILBOX: Final = {"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}
_LETTERS: Final = ("letter", "confirmation")


def _line(label: Any, **options: Any) -> forms.CharField:
    attrs = {"autocomplete": "off"} | options.pop("attrs", {})
    return forms.CharField(
        label=label, required=False, max_length=300, widget=forms.TextInput(attrs=attrs), **options
    )


def _mailbox(label: Any, help_text: Any = "") -> forms.CharField:
    # `parse_mailbox` forgives spaces and refuses everything else that cannot be seen (EM-2)
    return forms.CharField(
        label=label,
        required=False,
        max_length=300,
        strip=False,
        widget=forms.TextInput(attrs=_MAILBOX),
        help_text=help_text,
    )


def _own_words(label: Any, part: str) -> forms.CharField:
    widget = forms.TextInput if part in ("subject", "salutation") else forms.Textarea(attrs={"rows": 6})
    return forms.CharField(label=label, required=False, max_length=LETTER_PARTS[part], widget=widget)


def designs_of(request: Visit) -> list[Design]:
    """The merchant's payment page configurations, without their pictures; read once they are looked at."""
    designs = Design.objects.filter(merchant_id=request.merchant.pk).only("name", "is_default")
    return cast(list[Design], SimpleLazyObject(lambda: list(designs)))


class BuyerFields(PaymentFields):
    """What is known of the buyer, and what the payment page asks for (SPG-ADR, SPG-FRM-40, 42)."""

    ask_email = forms.ChoiceField(
        label=_("Ask for the e-mail address on the payment page"),
        choices=AskEmail.choices,
        required=False,
        help_text=_("Only where you enter none here."),
    )
    address_company = _line(_("Company"))
    address_first_name = _line(_("First name"))
    address_last_name = _line(_("Last name"))
    address_street = _line(_("Street and number"))
    address_street2 = _line(_("Address line 2"))
    address_zip = _line(_("Postal code"))
    address_city = _line(_("Town or city"))
    address_country = forms.ChoiceField(label=_("Country"), required=False)
    address_phone = _line(_("Phone"), attrs={"inputmode": "tel"})
    address_editable = forms.BooleanField(
        label=_("The buyer may fill in and correct the address on the payment page"), required=False
    )
    letter_subject = _own_words(_("Subject"), "subject")
    letter_salutation = _own_words(_("Salutation"), "salutation")
    letter_text = _own_words(_("Text"), "text")
    letter_signature = _own_words(_("Signature"), "signature")
    confirmation_subject = _own_words(_("Subject"), "subject")
    confirmation_salutation = _own_words(_("Salutation"), "salutation")
    confirmation_text = _own_words(_("Text"), "text")
    confirmation_signature = _own_words(_("Signature"), "signature")
    reply_to = _mailbox(_("Replies go to"), _("Empty: the address of your settings."))
    archive_email = _mailbox(_("Copy (BCC) to"), _("Empty: the address of your settings."))

    def prepare(self, terminals: list[Terminal], designs: list[Design]) -> None:
        """Give the lists of choices that depend on language and merchant."""
        self.offer_choices(terminals, designs)
        self.choices("address_country", [("", "–"), *country_names(ui_language(get_language()))])

    def _mailbox_of(self, name: str) -> str:
        """One mailbox, or none (safety.md EM-2)."""
        typed: str = self.cleaned_data[name]
        if not typed.strip(" "):
            return ""
        return or_error(parse_mailbox, typed)

    def clean_payer_email(self) -> str:
        """The buyer's."""
        return self._mailbox_of("payer_email")

    def clean_reply_to(self) -> str:
        """Where the buyer's answers go."""
        return self._mailbox_of("reply_to")

    def clean_archive_email(self) -> str:
        """Where copies go."""
        return self._mailbox_of("archive_email")

    @property
    def buyer_words(self) -> str:
        """Name and town, and what the page asks for, for the folded group."""
        names = ("company", "first_name", "last_name", "city")
        known = " ".join(filter(None, (str(self[ADDRESS + name].value() or "") for name in names)))
        asked = dict(AskEmail.choices).get(str(self["ask_email"].value()), AskEmail.NO.label)
        email = _("E-mail address: %(asked)s") % {"asked": asked}
        return " · ".join([known or str(_("No address")), str(email)])

    @property
    def address_so_far(self) -> Address:
        """What is right of the address, also while something else is not."""
        names = [field.name for field in dataclasses.fields(Address)]
        return Address(**{name: self.cleaned_data.get(ADDRESS + name) or "" for name in names})

    def buyer_terms(self) -> dict[str, Any]:
        """The terms that these fields fill."""
        cleaned = self.cleaned_data
        return {
            "ask_email": AskEmail(cleaned.get("ask_email") or AskEmail.NO),
            "address": self.address_so_far,
            "address_editable": cleaned["address_editable"],
            "design_id": int(cleaned["design"]) if cleaned.get("design") else None,
            "confirm": cleaned["confirm"],
            "reply_to": cleaned.get("reply_to", ""),
            "archive_email": cleaned.get("archive_email", ""),
            **{kind: self._parts(kind) for kind in _LETTERS},
        }

    def _parts(self, kind: str) -> dict[str, str]:
        """The parts of a letter that have words of their own."""
        parts = {part: self.cleaned_data.get(f"{kind}_{part}", "") for part in LETTER_PARTS}
        return {part: text for part, text in parts.items() if text}


def buyer_fields_of(terms: OfferTerms) -> dict[str, Any]:
    """From terms back to these fields."""
    return {
        "ask_email": terms.ask_email.value,
        **{ADDRESS + name: value for name, value in terms.address.as_row().items()},
        "address_editable": terms.address_editable,
        "design": terms.design_id,
        "confirm": terms.confirm,
        "reply_to": terms.reply_to,
        "archive_email": terms.archive_email,
        **_parts_of("letter", terms.letter),
        **_parts_of("confirmation", terms.confirmation),
    }


def _parts_of(kind: str, parts: Mapping[str, str]) -> dict[str, str]:
    return {f"{kind}_{part}": text for part, text in parts.items()}
