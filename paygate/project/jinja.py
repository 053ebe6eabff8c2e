"""The one template environment, for pages and letters."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, StrictUndefined

from paygate.languages import count_text, moment_text, size_text
from paygate.money.amount import Money
from paygate.money.display import money_text


def environment(**options: Any) -> Environment:
    """Jinja2 as our templates expect it: undefined names are errors, text letters are not escaped."""
    options["autoescape"] = lambda name: not (name or "").endswith(".txt.jinja")
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    options["undefined"] = StrictUndefined
    made = Environment(**options)
    made.globals.update(_=gettext, gettext=gettext, ngettext=ngettext, url=_url, static=static, money=_money)
    made.globals.update(when=_when, current_language=_current_language, in_demo=_in_demo)
    made.filters["counted"] = _counted
    made.filters["size"] = _size
    return made


def _url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


def _money(amount: Money) -> str:
    return money_text(amount, _current_language())


def _counted(number: int) -> str:
    return count_text(number, _current_language())


def _size(size: int) -> str:
    return size_text(size, _current_language())


def _when(at: datetime) -> str:
    """A moment in its own zone, which is shown beside it."""
    return moment_text(at, _current_language())


def _in_demo() -> bool:
    """Is this an installation in which no money moves? Every page of it says so."""
    return bool(settings.PAYGATE_ENV != "production")


def _current_language() -> str:
    """The language this page or letter is being written in: "de", also where Swiss German is asked for."""
    return (get_language() or "en").split("-")[0]
