"""What the sections' forms share: card numbers are taken out, refusals stand beside their field, chips."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from paygate.backoffice.pages import without
from paygate.backoffice.visit import Visit
from paygate.cards.free_text import find_card_numbers
from paygate.mail.mailbox import one_line
from paygate.merchants.models import Terminal, TerminalKind
from paygate.refusals import Refusal


class CardShyForm(forms.Form):
    """A form that forgets what looks like a card number before anything else sees it.

    It is neither stored nor logged nor written back into the page (safety.md CD-9); the field says why it is empty.
    """

    def __init__(self, data: QueryDict | None = None, **options: Any) -> None:
        self.withheld: list[str] = []
        self.typed: dict[str, Any] = {}
        if data is not None:
            data = data.copy()
            for name in self.base_fields:
                if any(find_card_numbers(value) for value in data.getlist(name)):
                    data.setlist(name, [])
                    self.withheld.append(name)
            self.typed = data.dict()
        super().__init__(data, **options)

    def clean(self) -> dict[str, Any]:
        """Say at the field why it is empty."""
        cleaned = super().clean() or self.cleaned_data
        for name in self.withheld:
            self.errors.pop(name, None)
            words = _("This looks like a card number. Card numbers are entered on the payment page only.")
            self.add_error(name, words)
        return cleaned

    def refuse(self, refusal: Refusal, **names: str) -> None:
        """Put a refusal beside its field; `names` says what the form calls a field of the room."""
        field = names.get(refusal.field, refusal.field)
        self.add_error(field if field in self.fields else None, str(refusal))


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the list's address without it."""

    label: str
    value: str
    remove_url: str


def chips(request: Visit, form: CardShyForm) -> list[Chip]:
    """The filters that are on."""
    return list(_chips(request, form))


def _chips(request: Visit, form: CardShyForm) -> Iterator[Chip]:
    for bound in form:
        if bound.errors:
            continue
        words = dict(getattr(bound.field, "choices", ()))
        for value in request.GET.getlist(bound.name):
            if value.strip():
                shown = str(words.get(value, value))
                yield Chip(str(bound.label), one_line(shown, 60), without(request, bound.name, value))


def terminals_of(request: Visit, *, kind: TerminalKind | None = None) -> list[Terminal]:
    """The merchant's terminals."""
    terminals = Terminal.objects.filter(merchant_id=request.merchant.pk).order_by("number")
    return list(terminals.filter(kind=kind) if kind else terminals)


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a zone."""
    return datetime.combine(day, time.min, zone)
