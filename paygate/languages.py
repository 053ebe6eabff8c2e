"""The languages of pages and letters, and how one is chosen for a person.

Four are complete. The wire knows thirty codes; pages of the others are English.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from babel.dates import format_skeleton
from babel.numbers import format_decimal
from django.utils.translation.trans_real import parse_accept_lang_header

DEFAULT_LANGUAGE: Final = "en"

# Each under the name its own speakers use.
LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "it": "Italiano",
}

# Dates are written as Swiss readers of each language write them, and in English with the day first.
DATE_LOCALES: Final[Mapping[str, str]] = {"en": "en_GB", "de": "de_CH", "fr": "fr_CH", "it": "it_CH"}

# What `LanguageCode` may say on the wire. Codes outside this table are accepted there too, and read as the default.
PAGE_CODES: Final = tuple(
    "bg cs da de de-CH el en es et fi fr hr hu is it ja lt lv nl nn pl pt ro ru sk sl sv tr uk zh".split()
)


def ui_language(code: str | None) -> str:
    """The language of pages for a code of the wire, with or without a region: "de" for "de-CH", else English."""
    language = (code or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def choose(accept_language: str) -> str:
    """The first of our languages that a browser asks for, in its own order; English if it asks for none."""
    for code, _weight in parse_accept_lang_header(accept_language):
        language = code.split("-")[0]
        if language in LANGUAGES:
            return language
    return DEFAULT_LANGUAGE


# Dates are written as Swiss readers of each language write them, and in English with the day first.


def moment_text(at: datetime, language: str) -> str:
    """A moment in its own zone, which is shown beside it: "24 Nov 2026, 22:00"."""
    assert at.tzinfo is not None, "a moment without a zone cannot be shown"
    date = format_skeleton("yMMMd", at, locale=DATE_LOCALES[ui_language(language)])
    return f"{date}, {at:%H:%M}"


def size_text(size: int, language: str) -> str:
    """How large a file of so many bytes is, in the units of the language: "12 kB", "1.4 MB"; in French "1,4 Mo"."""
    kilo, mega = ("ko", "Mo") if ui_language(language) == "fr" else ("kB", "MB")
    if size < 100_000:
        return f"{max(1, -(-size // 1024))}\u00a0{kilo}"
    number = format_decimal(size / 1024 / 1024, format="0.0", locale=DATE_LOCALES[ui_language(language)])
    return f"{number}\u00a0{mega}"


def count_text(number: int, language: str) -> str:
    """A whole number, grouped as the language groups it: "100’000"."""
    return format_decimal(number, locale=DATE_LOCALES[ui_language(language)])
