"""The page on which a payer enters e-mail and addresses, before a means is chosen (SPG-FRM-42, SPG-ADR, SPG-MUF).

A stored phone number and e-mail address are shown masked only (safety.md LN-3); left empty, they stay as they are.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paygate.addresses import SALUTATIONS, Address, country_names
from paygate.checkout.asking import DELIVERY
from paygate.checkout.next_step import AskAddress
from paygate.offers.address_check import LONGEST
from paygate.paypage.frame import show
from paygate.paypage.fronts import Front
from paygate.paypage.payer import Payer

# Per line of the form the fields on it: our name, the label, the standard name that browsers know it by.
_LINES: Final[tuple[tuple[tuple[str, str | Promise, str], ...], ...]] = (
    (("salutation", gettext_lazy("Salutation"), "off"),),
    (
        ("first_name", gettext_lazy("First name"), "given-name"),
        ("last_name", gettext_lazy("Last name"), "family-name"),
    ),
    (("company", gettext_lazy("Company"), "organization"),),
    (("vat_number", gettext_lazy("VAT number"), "off"),),
    (("street", gettext_lazy("Street and number"), "address-line1"),),
    (("street2", gettext_lazy("Address line 2"), "address-line2"),),
    (
        ("zip", gettext_lazy("Postal code"), "postal-code"),
        ("city", gettext_lazy("Town or city"), "address-level2"),
    ),
    (("state", gettext_lazy("State or canton"), "address-level1"),),
    (("country", gettext_lazy("Country"), "country"),),
    (("phone", gettext_lazy("Phone"), "tel"),),
)
_SELDOM: Final = ("salutation", "vat_number", "state")  # shown where they are wanted, or known already
_SALUTED: Final[Mapping[str, str | Promise]] = {
    "FEMALE": gettext_lazy("Ms"),
    "MALE": gettext_lazy("Mr"),
    "DIVERSE": gettext_lazy("Neither"),
    "COMPANY": gettext_lazy("Company"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as the page shows it."""

    name: str
    label: str
    autocomplete: str
    value: str = ""
    required: bool = False
    optional: bool = False  # said beside the label
    type: str = "text"
    hint: str = ""
    short: bool = False
    max_length: int = LONGEST
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together, under a heading where there are several groups of one kind."""

    lines: list[list[Shown]]
    section: str = ""  # of the standard names: "billing", "shipping"
    heading: str = ""
    hint: str = ""


def fields_of(address: Address, needed: Collection[str]) -> tuple[str, ...]:
    """The names of the fields that are shown for an address of which so much is known."""
    names = tuple(name for line in _LINES for name, _label, _known in line)
    return tuple(name for name in names if name not in _SELDOM or name in needed or getattr(address, name))


def ask_address(
    request: HttpRequest,
    front: Front,
    payer: Payer,
    wanted: AskAddress,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Only the fields that are asked for; after an error with what was `typed`."""
    title = _title(wanted)
    values: dict[str, Any] = {
        **front.summary,
        "title": title,
        "groups": list(_groups(front, wanted, typed)),
        "action": front.tell,
        "cancel_action": front.cancel,
        "form_token": payer.form_token(front.subject),
        "errors": dict(errors or {}),
        **(more or {}),
    }
    return show(request, "address", title, values, status=422 if errors else 200)


def _title(wanted: AskAddress) -> str:
    if wanted.asks_address or wanted.asks_delivery:
        return _("Your details") if wanted.asks_email else _("Your address")
    return _("Your e-mail address")


def _groups(front: Front, wanted: AskAddress, typed: Mapping[str, str] | None) -> list[Group]:
    groups, country = [], front.merchant.country
    if wanted.asks_email:
        groups.append(Group([[_email(wanted, typed)]]))
    if wanted.asks_address:
        heading = _("Billing address") if wanted.asks_delivery else ""
        lines = _lines(wanted.address, typed, country, needed=wanted.address_needed)
        groups.append(Group(lines, "billing", heading))
    if wanted.asks_delivery:
        is_same = wanted.asks_address and wanted.delivery in (Address(), wanted.address)
        lines = _lines(
            Address() if is_same else wanted.delivery,
            typed,
            country,
            needed=wanted.delivery_needed,
            prefix=DELIVERY,
            may_be_empty=wanted.asks_address,
        )
        hint = _("Leave it empty if it is the billing address.") if wanted.asks_address else ""
        groups.append(Group(lines, "shipping", _("Delivery address"), hint))
    return groups


def _email(wanted: AskAddress, typed: Mapping[str, str] | None) -> Shown:
    shown = email_field(wanted.email, typed, needed=wanted.email_needed)
    return shown if wanted.confirms or wanted.email else replace(shown, hint="")


def email_field(known: str, typed: Mapping[str, str] | None, *, needed: bool) -> Shown:
    """The payer's e-mail address; one that is known already is shown masked."""
    return Shown(
        "email",
        _("E-mail"),
        "email",
        value=(typed or {}).get("email", ""),
        required=needed and not known,
        optional=not needed,
        type="email",
        hint=_known(_masked_email(known)) if known else _("Your confirmation goes there."),
        max_length=254,
    )


def _lines(
    address: Address,
    typed: Mapping[str, str] | None,
    country: str,
    *,
    needed: Collection[str],
    prefix: str = "",
    may_be_empty: bool = False,
) -> list[list[Shown]]:
    known, names = asdict(address), fields_of(address, needed)
    first = {prefix + name: value for name, value in (known | {"phone": ""}).items()}
    values: Mapping[str, str] = typed if typed is not None else first

    def field(name: str, label: str | Promise, code: str) -> Shown:
        is_phone, is_country = name == "phone", name == "country"
        return Shown(
            prefix + name,
            str(label),
            code,
            value=values.get(prefix + name, "") or (country if is_country else ""),
            required=name in needed and not may_be_empty and not (is_phone and known["phone"]),
            optional=name not in needed,
            type="tel" if is_phone else "text",
            hint=_known(_masked_phone(known["phone"])) if is_phone and known["phone"] else "",
            short=name == "zip",
            options=_choice(name),
        )

    lines = [[field(*one) for one in line if one[0] in names] for line in _LINES]
    return [line for line in lines if line]


def _choice(name: str) -> tuple[tuple[str, str], ...]:
    match name:
        case "country":
            return country_names(translation.get_language() or "en")
        case "salutation":
            return (("", ""), *((word, str(_SALUTED[word])) for word in SALUTATIONS))
    return ()


def _known(masked: str) -> str:
    return _("Known: %(masked)s. Leave it empty to keep it.") % {"masked": masked}


def _masked_phone(phone: str) -> str:
    """The last two digits only."""
    return f"••• {phone[-2:]}"


def _masked_email(email: str) -> str:
    """The first letter and the domain."""
    local, _at, domain = email.partition("@")
    return f"{local[:1]}•••@{domain}"
