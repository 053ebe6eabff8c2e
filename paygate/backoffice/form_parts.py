"""What the sections' forms share: card numbers are taken out, refusals stand beside their field, chips."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final, TypeVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from paygate.acquiring.choose import with_contracts
from paygate.backoffice.moments import day
from paygate.backoffice.pages import without
from paygate.backoffice.visit import Visit
from paygate.cards.free_text import find_card_numbers
from paygate.mail.mailbox import one_line
from paygate.merchants.models import Terminal, TerminalKind
from paygate.refusals import Refusal
from paygate.tenants.kept import Given, Kept
from paygate.tenants.models import Merchant

Row = TypeVar("Row", bound=Model)

OUR_WORDS: Final = {
    "required": gettext_lazy("Please fill in this field."),
    "invalid_choice": gettext_lazy("Choose one of the values in the list."),
    "invalid_list": gettext_lazy("Choose one of the values in the list."),
    "max_length": gettext_lazy("Write at most %(limit_value)d characters; these are %(show_value)d."),
    "null_characters_not_allowed": gettext_lazy("This contains characters that cannot be seen."),
}


def speak_plainly(field: forms.Field) -> None:
    """Our words for what a field refuses, unless the form has given it words of its own."""
    usual: dict[str, object] = {}
    for kind in reversed(type(field).__mro__):
        usual |= getattr(kind, "default_error_messages", {})
    for code, words in OUR_WORDS.items():
        if field.error_messages.get(code) == usual.get(code):
            field.error_messages[code] = words


class PlainDateField(forms.DateField):
    """A date written with the digits 0 to 9: other digits count as typed by mistake."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        options.setdefault("input_formats", ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"])
        words = {"invalid": gettext_lazy("Enter a date, such as 31.12.2026.")}
        super().__init__(error_messages=words, **options)

    def to_python(self, value: Any) -> date | None:
        """The date, or none for an empty field."""
        return super().to_python(_in_ascii(value, self))

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was sent, as a date so that the browser can show it; as it is where it is none."""
        try:
            return self.to_python(data)
        except ValidationError:
            return data


class PlainTimeField(forms.TimeField):
    """A time of day written with the digits 0 to 9."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
        super().__init__(error_messages={"invalid": gettext_lazy("Enter a time, such as 18:00.")}, **options)

    def to_python(self, value: Any) -> time | None:
        """The time, or none for an empty field."""
        return super().to_python(_in_ascii(value, self))


def _in_ascii(value: Any, field: forms.Field) -> Any:
    if isinstance(value, str) and not value.isascii():
        raise ValidationError(field.error_messages["invalid"], code="invalid")
    return value


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
        for field in self.fields.values():
            speak_plainly(field)

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
                meant = form.cleaned_data.get(bound.name)
                shown = (
                    day(meant, get_language()) if isinstance(meant, date) else str(words.get(value, value))
                )
                yield Chip(str(bound.label), one_line(shown, 60), without(request, bound.name, value))


_TERMINALS: Final = Kept(
    lambda: Terminal.objects.filter(merchant=Given("merchant_id", Merchant._meta.pk)).order_by("number")
)


def terminals_of(request: Visit, *, kind: TerminalKind | None = None) -> list[Terminal]:
    """The merchant's terminals, with their contracts."""
    terminals = _TERMINALS.all(merchant_id=request.merchant.pk)
    return with_contracts([one for one in terminals if kind in (None, one.kind)])


def offer_terminals(form: forms.Form, terminals: list[Terminal]) -> None:
    """The choices of a filter by terminal; with one terminal there is nothing to choose."""
    choice = form.fields["terminal"]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = [("", _("All"))] + [(terminal.number, str(terminal)) for terminal in terminals]
    if len(terminals) < 2:
        del form.fields["terminal"]


def explained(rows: Iterable[tuple[str, str | Promise, str | Promise]]) -> list[tuple[str, str]]:
    """Choices with a name and, in small, what each will do."""
    return [
        (value, format_html('<b>{}</b><span class="hint">{}</span>', name, words))
        for value, name, words in rows
    ]


# Years in which something may be; the first and last days of the calendar have no neighbours.
OUR_TIME: Final = range(2000, 2201)


class DaysForm(CardShyForm):
    """Filters of which one is "from this day until that day", both included, in the merchant's zone."""

    days: ClassVar[tuple[str, str]]  # the fields of the first and of the last day

    def clean(self) -> dict[str, Any]:
        """Days of our time, and the last one is not before the first."""
        cleaned = super().clean()
        for name in self.days:
            if cleaned.get(name) and cleaned[name].year not in OUR_TIME:
                self.add_error(name, _("Enter a date between the years 2000 and 2200."))
        first, last = (cleaned.get(name) for name in self.days)
        if first and last and last < first:
            self.add_error(self.days[1], _("This day is before the first one."))
        return cleaned

    def span(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """The moment the first day begins, and the one the last day is over; none for no such filter."""
        first, last = (self.cleaned_data.get(name) for name in self.days)
        return first and _begin_of(first, zone), last and _begin_of(last + timedelta(days=1), zone)

    def on_these_days(self, rows: QuerySet[Row], moment: str, zone: ZoneInfo) -> QuerySet[Row]:
        """The rows whose `moment` is on one of the days; all of them without such a filter."""
        begin, end = self.span(zone)
        if begin:
            rows = rows.filter(**{f"{moment}__gte": begin})
        if end:
            rows = rows.filter(**{f"{moment}__lt": end})
        return rows


def _begin_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)
