"""A language for everybody."""

import json
from pathlib import Path

import pytest

from paygate.languages import DEFAULT_LANGUAGE, LANGUAGES, PAGE_CODES, choose, size_text, ui_language

SPECIFICATION = Path(__file__).parent.parent / "docs" / "spec" / "api.json"


def test_four_languages_are_complete() -> None:
    assert list(LANGUAGES) == ["en", "de", "fr", "it"]
    assert DEFAULT_LANGUAGE in LANGUAGES


def test_the_codes_of_the_wire_are_those_of_the_specification() -> None:
    text = SPECIFICATION.read_text()
    listed = json.loads(
        text[text.index("[", text.index('"supported"')) : text.index("]", text.index('"supported"')) + 1]
    )

    assert list(PAGE_CODES) == listed
    assert len(PAGE_CODES) == 30


@pytest.mark.parametrize(
    ("code", "language"),
    [
        *[
            ("de", "de"),
            ("de-CH", "de"),
            ("DE", "de"),
            ("fr_CH", "fr"),
            ("it", "it"),
            ("en", "en"),
            ("en-GB", "en"),
        ],
        *[("nn", "en"), ("zh", "en"), ("xx", "en"), ("", "en"), (None, "en")],
    ],
)
def test_a_code_leads_to_a_language_that_is_complete(code: str | None, language: str) -> None:
    assert ui_language(code) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.5, fr-CH", "fr"),
        ("es, it;q=0.3", "it"),
        ("es, pt", "en"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("*", "en"),
        ("", "en"),
        ("nonsense;;;q=banana", "en"),
        ("de," * 5000, "de"),
    ],
)
def test_a_browser_gets_its_first_wish_that_we_speak(header: str, language: str) -> None:
    assert choose(header) == language


@pytest.mark.parametrize(
    ("size", "language", "text"),
    [
        (0, "en", "1\xa0kB"),
        (238, "en", "1\xa0kB"),
        (99_999, "fr", "98\xa0ko"),
        (100_000, "en", "0.1\xa0MB"),
        (1_500_000, "de", "1.4\xa0MB"),
        (1_500_000, "fr", "1,4\xa0Mo"),
    ],
)
def test_a_size_is_said_in_the_units_of_the_language(size: int, language: str, text: str) -> None:
    assert size_text(size, language) == text
