"""Money as people write it in each language, and as programs read it."""

from typing import Final

from babel.numbers import format_decimal

from paygate.money.amount import Money

# Swiss merchants and their payers: German and Italian as they are written in Switzerland. French groups alike in both
# countries. Any other language reads as English, like the pages themselves.
_LOCALES: Final = {"de": "de_CH", "fr": "fr_CH", "it": "it_CH"}

_NO_BREAK_SPACE: Final = "\u00a0"


def money_text(money: Money, language: str) -> str:
    """Currency code and amount, never broken over two lines: "CHF 1’234.50"."""
    return f"{money.currency}{_NO_BREAK_SPACE}{amount_text(money, language)}"


def amount_text(money: Money, language: str) -> str:
    """The amount alone, grouped as the language groups it: "1’234.50".

    The digits are those of ISO 4217. Babel's own differ for 13 currencies, so they are given explicitly.
    """
    pattern = "#,##0" if money.exponent == 0 else f"#,##0.{'0' * money.exponent}"
    return format_decimal(money.decimal, format=pattern, locale=_LOCALES.get(language[:2], "en"))


def plain(money: Money) -> str:
    """The amount for files and form fields: ASCII digits, a dot, no groups: "1234.50"."""
    return f"{money.decimal:f}"
