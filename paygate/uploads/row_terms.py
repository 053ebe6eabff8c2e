"""From a row to the terms of an offer: the row's cells, behind them its template, behind that the settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from paygate.acquiring.choose import currencies_of, with_contracts
from paygate.addresses import Address
from paygate.designs.models import Design
from paygate.merchants.licence import Feature, features_of
from paygate.merchants.models import Booking, Terminal
from paygate.merchants.preferences import preferences_of
from paygate.money.amount import Money
from paygate.money.currencies import is_currency
from paygate.money.form_fields import AmountRefused, parse_amount
from paygate.offers.models import AskEmail, OfferTemplate
from paygate.offers.terms import LETTER_PARTS, OfferTerms
from paygate.refusals import Problem
from paygate.tenants.models import Merchant
from paygate.threeds.liability import Condition
from paygate.uploads.columns import BY_KEY, NO_COLUMN, Column, Holds
from paygate.uploads.values import READERS, CellRefused, Known

USUAL_DAYS: Final = 14

# In German and Italian files a dot or a comma before three digits may group or not: so it is asked, not guessed (MO-3).
_ASKS_BACK: Final = "de"
_ADDRESS: Final = "address_"
_LETTERS: Final = ("letter", "confirmation")
_OF_EACH_ROW: Final = (Holds.MAILBOX, Holds.WORDS)  # hardly two rows say the same
_PLACEHOLDER_MINOR: Final = (
    1  # stands for an amount that cannot be read, while the rest of the row is checked
)


@dataclass(frozen=True, slots=True)
class RowRead:
    """A row with its terms, or with what is wrong with it."""

    terms: OfferTerms
    problems: tuple[Problem, ...]  # `field` is the key of a column; empty: of the whole row
    has_amount: bool

    @property
    def is_right(self) -> bool:
        """May an offer be made of it?"""
        return not self.problems


class RowReader:
    """Reads the rows of one upload: everything that is the same for all of them is asked for once."""

    def __init__(self, terminal: Terminal, keys: Sequence[str | None], *, plain: bool, now: datetime) -> None:
        """`keys` says for each column of the file which one of ours it is; `plain` numbers have dots as decimals."""
        merchant: Merchant = terminal.merchant
        (self.terminal,) = with_contracts([terminal])
        self.keys, self.plain, self.now = tuple(keys), plain, now
        self.currencies = currencies_of(self.terminal)
        designs = Design.objects.filter(merchant=merchant).values_list("name", "pk")
        templates = OfferTemplate.objects.filter(merchant=merchant).values_list("name", "terms")
        self.known = Known(now, ZoneInfo(merchant.zone), dict(designs), dict(templates))
        self._designs = frozenset(self.known.designs.values())
        self._stores_cards = Feature.SECURE_CARD_DATA in features_of(merchant.pk)
        self._columns = [
            (at, key, self._reader(BY_KEY[key]))
            for at, key in enumerate(self.keys)
            if key not in (None, NO_COLUMN)
        ]
        settings = preferences_of(merchant.pk)
        self._usual: dict[str, Any] = {
            "booking": Booking(settings.booking),
            "language": settings.language,
            "notify_emails": tuple(settings.notify_emails),
            "max_attempts": settings.max_attempts,
            "expires_at": now + timedelta(days=USUAL_DAYS),
            "condition": Condition.NONE,
            "ask_email": AskEmail.NO,
            "confirm": True,
        }
        if len(self.currencies) == 1:
            self._usual["currency"] = self.currencies[0]

    def _reader(self, column: Column) -> Callable[[str], Any] | None:
        """What reads the cells of a column, what many say alike only once; None: they are taken as they are."""
        read, known = READERS.get(column.holds), self.known
        if read is None:
            return None

        def reader(text: str) -> Any:
            return read(column, text, known)

        return reader if column.holds in _OF_EACH_ROW else lru_cache(256)(reader)

    def read(self, cells: Sequence[str]) -> RowRead:
        """The terms of a row."""
        problems: list[Problem] = []
        own: dict[str, Any] = {}
        for at, key, reader in self._columns:
            if at < len(cells) and (text := cells[at]):
                try:
                    own[key] = reader(text) if reader else text
                except CellRefused as refused:
                    problems.append(Problem(key, refused.words))
        if len(cells) > len(self.keys):
            problems.append(Problem("", _too_wide(len(cells), len(self.keys))))
        template = own.pop("template", None)
        values = {**self._usual, **(self._proposed(template) if template else {}), **own}
        money = self._money(values, problems, plain=self.plain or "amount" not in own)
        terms = _terms(values, money or Money(_PLACEHOLDER_MINOR, self._some_currency(values)))
        wrong = {problem.field for problem in problems}
        found = terms.problems(self.terminal, now=self.now, taken=self.currencies, designs=self._designs)
        for problem in found:
            if problem.field not in wrong and not (money is None and problem.field in ("amount", "currency")):
                problems.append(problem)
        if terms.by_email and not terms.payer_email and "payer_email" not in wrong:
            problems.append(Problem("payer_email", _("Enter the buyer's e-mail address to send the offer.")))
        if terms.save_means and not self._stores_cards:
            problems.append(
                Problem("save_means", _("Your licence has no Secure Card Data. Leave this cell empty."))
            )
        return RowRead(terms, tuple(problems), money is not None)

    def _some_currency(self, values: Mapping[str, Any]) -> str:
        named = str(values.get("currency", ""))
        return named if is_currency(named) else (self.currencies or ["CHF"])[0]

    def _money(self, values: Mapping[str, Any], problems: list[Problem], *, plain: bool) -> Money | None:
        """The amount in its currency, or None and why; a `plain` one was written by a program or by us."""
        currency, amount = str(values.get("currency", "")), str(values.get("amount", ""))
        if not currency:
            problems.append(Problem("currency", _("Choose a currency.") + f" {', '.join(self.currencies)}"))
        elif currency not in self.currencies:
            problems.append(
                Problem(
                    "currency",
                    _("This terminal takes %(currencies)s.")
                    % {"currencies": ", ".join(self.currencies) or "–"},
                )
            )
            return None
        if not currency:
            return None
        is_plain = plain and amount.isascii() and amount.replace(".", "", 1).isdigit()
        try:
            return parse_amount(amount, currency, "en" if is_plain else _ASKS_BACK)
        except AmountRefused as refused:
            problems.append(Problem("amount", refused.words))
            return None

    def _proposed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a template (offers/terms_row.py); what a later version added is left aside."""
        values = {
            name: value for name, value in row.items() if value not in ("", None) and name in _OF_TEMPLATES
        }
        for name, read in _OF_TEMPLATES.items():
            if name in values:
                values[name] = read(values[name])
        for kind in _LETTERS:
            values |= {f"{kind}_{part}": text for part, text in values.pop(kind, {}).items()}
        if "valid_for" in values:
            values["expires_at"] = self.now + timedelta(days=values.pop("valid_for"))
        if values.get("design") not in self.known.designs.values():
            values.pop("design", None)  # it was removed since
        if not self._stores_cards:
            values.pop("save_means", None)  # the licence had it once
        return values


_OF_TEMPLATES: Final[Mapping[str, Any]] = {
    "description": str, "reference": str, "amount": str, "currency": str, "booking": Booking, "condition": Condition,
    "language": str, "notify_emails": tuple, "max_attempts": int, "ask_email": AskEmail, "address_editable": bool,
    "design": int, "by_email": bool, "letter": dict, "confirm": bool, "confirmation": dict, "reply_to": str,
    "archive_email": str, "save_means": bool, "valid_for": int,
}  # fmt: skip

_ADDRESS_KEYS: Final = tuple(_ADDRESS + field.name for field in fields(Address))
_PART_KEYS: Final = {kind: [(part, f"{kind}_{part}") for part in LETTER_PARTS] for kind in _LETTERS}


def _too_wide(cells: int, columns: int) -> str:
    words = _(
        "This row has %(cells)s cells and the header %(columns)s. A text that holds the separator must stand in"
        " quotation marks."
    )
    return words % {"cells": cells, "columns": columns}


def _terms(values: Mapping[str, Any], money: Money) -> OfferTerms:
    return OfferTerms(
        amount=money,
        description=values.get("description", ""),
        expires_at=values["expires_at"],
        reference=values.get("reference", ""),
        booking=values["booking"],
        condition=values["condition"],
        language=values["language"],
        payer_email=values.get("payer_email", ""),
        notify_emails=values["notify_emails"],
        max_attempts=values["max_attempts"],
        ask_email=values["ask_email"],
        address=Address(*[values.get(key, "") for key in _ADDRESS_KEYS]),
        address_editable=values.get("address_editable", False),
        design_id=values.get("design"),
        by_email=values.get("by_email", False),
        letter=_own_words("letter", values),
        confirm=values["confirm"],
        confirmation=_own_words("confirmation", values),
        reply_to=values.get("reply_to", ""),
        archive_email=values.get("archive_email", ""),
        save_means=values.get("save_means", False),
    )


def _own_words(kind: str, values: Mapping[str, Any]) -> dict[str, str]:
    return {part: values[key] for part, key in _PART_KEYS[kind] if key in values}
