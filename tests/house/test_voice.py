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


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Every text with its translation, each form of a plural by itself."""
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        for message in read_po(file, locale=language):
            if isinstance(message.id, str) and isinstance(message.string, str):
                yield message.id, message.string
            else:
                yield from zip(message.id, message.string or (), strict=False)


def texts(language: str) -> Iterator[str]:
    """Every translated text of a language."""
    return (text for source, text in pairs(language) if source)


@pytest.mark.parametrize(
    ("language", "unwanted"),
    [pytest.param(language, mark, id=f"{language}: {name}") for language, name, mark in UNWANTED],
)
def test_no_text_has(language: str, unwanted: str) -> None:
    found = [text for text in texts(language) if re.search(unwanted, text)]
    assert not found, "\n".join(found)


# One English word, one word in each language.
GLOSSARY = [
    ("multi-use links?", {"de": "mehrfach-link", "fr": "multi-usages", "it": "multiuso"}),
    ("templates?", {"de": "vorlage", "fr": "modèle", "it": "modell"}),
    ("reservations?", {"de": "reservation", "fr": "réservation", "it": "prenotazion"}),
    ("batch(?:es)?", {"de": "tagesabschl", "fr": "lot", "it": "chiusur[ae] giornalier|chiusura-%"}),
    ("refunds?|refunded", {"de": "rückerstatt|rückzuerst|erstatten", "fr": "rembours", "it": "rimbors"}),
    ("payment pages?", {"de": "zahlungsseite", "fr": "pages? de paiement", "it": "pagin[ae] di pagamento"}),
    (
        "means of payment",
        {"de": "zahlungsmittel", "fr": "moyens? de paiement", "it": "mezz[oi] di pagamento"},
    ),
    ("buyers?", {"de": "käufer", "fr": "acheteur", "it": "acquirent"}),
    ("merchants?", {"de": "händler", "fr": "commerçant", "it": "commerciant"}),
    ("sellers?", {"de": "verkäufer", "fr": "commerçant", "it": "venditor"}),
    ("acquirers?", {"de": "acquirer", "fr": "acquéreur", "it": "acquirer"}),
    ("credentials?", {"de": "zug[aä]ng", "fr": "accès", "it": "access"}),
    ("placeholders?", {"de": "platzhalter", "fr": "génériques?", "it": "segnapost"}),
    (
        "second factor",
        {"de": "zweite[nr]? faktor|zweiten faktor", "fr": "second facteur", "it": "secondo fattore"},
    ),
    (
        "liability shift",
        {
            "de": "haftungsumkehr",
            "fr": "transfert de responsabilité",
            "it": "trasferimento della responsabilità",
        },
    ),
    ("audit log", {"de": "protokoll", "fr": "journal d’audit", "it": "registro di audit"}),
    ("back office", {"de": "backoffice", "fr": "backoffice", "it": "back office"}),
    ("dashboard", {"de": "startseite", "fr": "tableau de bord", "it": "pagina iniziale"}),
]


@pytest.mark.parametrize("language", ["de", "fr", "it"])
@pytest.mark.parametrize(("english", "words"), GLOSSARY, ids=[english for english, _ in GLOSSARY])
def test_one_word_stands_for_one_thing(english: str, words: dict[str, str], language: str) -> None:
    named = re.compile(rf"\b(?:{english})\b", re.IGNORECASE)
    found = [
        f"{source} -> {text}"
        for source, text in pairs(language)
        if named.search(re.sub(r"%\(\w+\)[sd]", "", source))
        and not re.search(words[language], text, re.IGNORECASE)
    ]
    assert not found, "\n".join(found)
