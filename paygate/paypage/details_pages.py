"""The page on which a payer enters e-mail and address, before a means is chosen (SPG-FRM-42, SPG-ADR-03, 04).

A stored phone number and e-mail address are shown masked only (safety.md LN-3); left empty, they stay as they are.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paygate.addresses import country_names
from paygate.checkout.next_step import AskAddress
from paygate.offers.address_check import LONGEST, NEEDED
from paygate.offers.models import Offer
from paygate.paypage import addresses
from paygate.paypage.pages import show, summary
from paygate.paypage.payer import Payer

# Per line of the form the fields on it: our name, the label, the standard name that browsers know it by.
_LINES: Final[tuple[tuple[tuple[str, str | Promise, str], ...], ...]] = (
    (
        ("first_name", gettext_lazy("First name"), "given-name"),
        ("last_name", gettext_lazy("Last name"), "family-name"),
    ),
    (("company", gettext_lazy("Company"), "organization"),),
    (("street", gettext_lazy("Street and number"), "address-line1"),),
    (("street2", gettext_lazy("Address line 2"), "address-line2"),),
    (
        ("zip", gettext_lazy("Postal code"), "postal-code"),
        ("city", gettext_lazy("Town or city"), "address-level2"),
    ),
    (("country", gettext_lazy("Country"), "country"),),
    (("phone", gettext_lazy("Phone"), "tel"),),
)
ADDRESS_FIELDS: Final = tuple(name for line in _LINES for name, _label, _known in line)


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as the page shows it."""

    name: str
    label: str
    autocomplete: str
    value: str = ""
    required: bool = False
    type: str = "text"
    hint: str = ""
    short: bool = False
    max_length: int = LONGEST
    options: tuple[tuple[str, str], ...] = ()


def ask_address(
    request: HttpRequest,
    offer: Offer,
    payer: Payer,
    wanted: AskAddress,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Only the fields that the offer asks for; after an error with what was `typed`."""
    groups = []
    if wanted.asks_email:
        groups.append(("", [[_email(wanted, typed)]]))
    if wanted.asks_address:
        groups.append(("billing", _address(offer, wanted, typed)))
    if wanted.asks_address:
        title = _("Your details") if wanted.asks_email else _("Your address")
    else:
        title = _("Your e-mail address")
    values: dict[str, Any] = {
        **summary(offer),
        "title": title,
        "groups": groups,
        "action": addresses.tell(offer),
        "cancel_action": addresses.cancel(offer),
        "form_token": payer.form_token(str(offer.pk)),
        "errors": dict(errors or {}),
    }
    return show(request, "address", title, values, status=422 if errors else 200)


def _email(wanted: AskAddress, typed: Mapping[str, str] | None) -> Shown:
    return Shown(
        "email",
        _("E-mail"),
        "email",
        value=(typed or {}).get("email", ""),
        required=wanted.email_needed and not wanted.email,
        type="email",
        hint=_known(_masked_email(wanted.email)) if wanted.email else _("Your confirmation goes there."),
        max_length=254,
    )


def _address(offer: Offer, wanted: AskAddress, typed: Mapping[str, str] | None) -> list[list[Shown]]:
    known = asdict(wanted.address)
    values: Mapping[str, str] = typed if typed is not None else {**known, "phone": ""}
    return [
        [_field(name, label, code, values, known, offer) for name, label, code in line] for line in _LINES
    ]


def _field(
    name: str,
    label: str | Promise,
    code: str,
    values: Mapping[str, str],
    known: Mapping[str, str],
    offer: Offer,
) -> Shown:
    phone = name == "phone"
    is_country = name == "country"
    language = translation.get_language() or "en"
    return Shown(
        name,
        str(label),
        code,
        value=values.get(name, "") or (offer.merchant.country if is_country else ""),
        required=name in NEEDED,
        type="tel" if phone else "text",
        hint=_known(_masked_phone(known["phone"])) if phone and known["phone"] else "",
        short=name == "zip",
        options=tuple(country_names(language)) if is_country else (),
    )


def _known(masked: str) -> str:
    return _("Known: %(masked)s. Leave it empty to keep it.") % {"masked": masked}


def _masked_phone(phone: str) -> str:
    """The last two digits only."""
    return f"••• {phone[-2:]}"


def _masked_email(email: str) -> str:
    """The first letter and the domain."""
    local, _at, domain = email.partition("@")
    return f"{local[:1]}•••@{domain}"
