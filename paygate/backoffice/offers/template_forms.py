"""`TemplateForm`: the offer form without buyer and date, with a name (SPG-TPL-03 to 07)."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.choose import currencies_of
from paygate.backoffice.offers.buyer_fields import ADDRESS
from paygate.backoffice.offers.forms import OfferForm, words_of_days
from paygate.merchants.models import Terminal
from paygate.money.amount import Money
from paygate.money.currencies import UnknownCurrency
from paygate.money.display import plain
from paygate.money.form_fields import AmountRefused, parse_amount
from paygate.offers.models import AskEmail, OfferTemplate
from paygate.offers.terms import DAYS
from paygate.offers.terms_row import proposed_terms

_AS_TYPED: Final = (
    "description reference currency booking condition language by_email ask_email address_editable confirm"
    " reply_to archive_email"
).split()

_OTHER_EACH_TIME: Final = ("payer_email", "expires_on", "expires_at_time")


class TemplateForm(OfferForm):
    """What an offer proposes before anybody knows the buyer: nothing of it is needed but name and terminal."""

    name = forms.CharField(
        label=_("Name of the template"),
        max_length=80,
        help_text=_("You choose the template by it."),
        error_messages={"required": _("Give the template a name.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in [name for name in self.fields if name in _OTHER_EACH_TIME or _is_address(name)]:
            del self.fields[name]
        for name in ("amount", "description"):
            self.fields[name].required = False
        self.choices("valid_for", [(str(days), words_of_days(days)) for days in DAYS])
        self.order_fields(["name"])

    def lacks_address(self, cleaned: dict[str, Any]) -> bool:
        """Whoever uses the template enters it."""
        return False

    @property
    def buyer_words(self) -> str:
        """What the payment page asks for, for the folded group."""
        asked = dict(AskEmail.choices).get(str(self["ask_email"].value()), AskEmail.NO.label)
        return str(_("E-mail address: %(asked)s") % {"asked": asked})

    def row(self) -> dict[str, Any]:
        """What is kept: as terms_row.py writes it, without what is empty.

        That nobody is notified is kept too: it is not what the settings say (SPG-SET-02).
        """
        cleaned = self.cleaned_data
        kept: dict[str, Any] = {name: cleaned[name] for name in _AS_TYPED}
        kept |= {
            "amount": plain(cleaned["money"]) if cleaned.get("money") else "",
            "notify_emails": list(cleaned["notify_emails"]),
            "max_attempts": cleaned["max_attempts"],
            "valid_for": int(cleaned["valid_for"]),
            "design": int(cleaned["design"]) if cleaned.get("design") else None,
            "save_means": cleaned.get("save_means") or None,
            "letter": self._parts("letter"),
            "confirmation": self._parts("confirmation"),
        }
        return {name: value for name, value in kept.items() if value not in ("", None, {})}


def _is_address(name: str) -> bool:
    """A buyer is another one each time (SPG-TPL-04); whether the page asks for the address is kept."""
    return name.startswith(ADDRESS) and name != "address_editable"


def values_of(template: OfferTemplate, terminals: Iterable[Terminal]) -> dict[str, Any]:
    """The first values of a form that begins with a template, as far as it has any (SPG-TPL-10).

    Of a terminal that takes no payments any more it has none; `outdated` says so.
    """
    values = proposed_terms(template.terms)
    if any(one.pk == template.terminal_id and currencies_of(one) for one in terminals):
        values["terminal"] = template.terminal.number
    return values


def amount_of(template: OfferTemplate) -> Money | None:
    """The amount that it proposes, where it does."""
    row = template.terms
    try:
        return parse_amount(row.get("amount", ""), row.get("currency", ""), "en")
    except (AmountRefused, UnknownCurrency):
        return None


def outdated(template: OfferTemplate, form: OfferForm) -> list[str | Promise]:
    """What a template proposes and nobody can choose any more."""
    found: list[str | Promise] = []
    number, row = template.terminal.number, template.terms
    if not form.taken.get(number):
        found.append(_("The terminal of this template can no longer be used. Choose another one."))
    elif row.get("currency") and row["currency"] not in form.taken[number]:
        found.append(_("The terminal of this template no longer takes its currency. Choose another one."))
    if row.get("design") and row["design"] not in {design.pk for design in form.designs}:
        found.append(_("The payment page configuration of this template is gone. The standard look is used."))
    return found
