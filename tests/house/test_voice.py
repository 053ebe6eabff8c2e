"""Each language is written as one careful writer of Switzerland writes it: one form of address, one set of marks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import paygate

LOCALE = Path(paygate.__file__).parent / "locale"

STRAIGHT_APOSTROPHE = r"[^\W\d_]'[^\W\d_]"  # 1'234.50 keeps its own
OTHER_QUOTATION_MARKS = r"[\"“”„‟‹›]"
SPACE_INSIDE_QUOTATION_MARKS = r"«\s|\s»"
THREE_DOTS = r"\.\.\."

UNWANTED = [
    ("de", "ß, which Switzerland does not write", r"ß"),
    ("de", "quotation marks of elsewhere", OTHER_QUOTATION_MARKS),
    ("de", "spaces inside quotation marks", SPACE_INSIDE_QUOTATION_MARKS),
    ("de", "three dots", THREE_DOTS),
    ("fr", "straight apostrophes", STRAIGHT_APOSTROPHE),
    ("fr", "quotation marks of elsewhere", OTHER_QUOTATION_MARKS),
    ("fr", "a high mark without its space", r"\w[:;!?»](?=\s|$)(?<!\d;)|«[^\xa0]"),
    ("fr", "a high mark after a space that breaks", r"[^\s.] [:;!?»]|« "),
    ("fr", "three dots", THREE_DOTS),
    ("it", "straight apostrophes", STRAIGHT_APOSTROPHE),
    ("it", "quotation marks of elsewhere", OTHER_QUOTATION_MARKS),
    ("it", "spaces inside quotation marks", SPACE_INSIDE_QUOTATION_MARKS),
    ("it", "three dots", THREE_DOTS),
    ("it", "the reader addressed as several", r"\b[Vv]ostr[aoie]\b|\b[Vv]oi\b"),
    (
        "it",
        "a capital inside the sentence for the reader",
        r"[\w,;:’»] ?\b(?<=[ ’])(?:Lei|Su[ao]|Suoi|Sue)\b",
    ),
]


def texts(language: str) -> Iterator[str]:
    """Every translated text of a language, each form of a plural by itself."""
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        for message in read_po(file, locale=language):
            if message.id:
                yield from (message.string,) if isinstance(message.string, str) else message.string or ()


@pytest.mark.parametrize(
    ("language", "unwanted"),
    [pytest.param(language, mark, id=f"{language}: {name}") for language, name, mark in UNWANTED],
)
def test_no_text_has(language: str, unwanted: str) -> None:
    found = [text for text in texts(language) if re.search(unwanted, text)]
    assert not found, "\n".join(found)
