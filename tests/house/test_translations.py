"""Every text that a person reads is there in German, French and Italian, complete and up to date."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.pofile import read_po

import paygate

PACKAGE = Path(paygate.__file__).parent
TOP = PACKAGE.parent
LANGUAGES = ("de", "fr", "it")

# `%(name)s`, a doubled percent sign, or one alone, which would break a text with names in it.
HOLDER = re.compile(r"%(?:%|\(\w+\)[-#0 +.\d]*[a-zA-Z])?")


def extracted() -> Catalog:
    """All texts of the package, found as scripts/messages.sh finds them."""
    mappings = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    options = {
        row["pattern"]: {name: value for name, value in row.items() if name not in ("method", "pattern")}
        for row in mappings
    }
    template = Catalog()
    for filename, line, text, comments, context in extract_from_dir(
        PACKAGE,
        method_map=[(row["pattern"], row["method"]) for row in mappings],
        options_map=options,
        keywords=DEFAULT_KEYWORDS | parse_keywords(_more_keywords()),
    ):
        template.add(text, None, [(filename, line)], auto_comments=comments, context=context)
    return template


def _more_keywords() -> list[str]:
    found = re.search(r'--keywords "([^"]+)"', (TOP / "scripts" / "messages.sh").read_text())
    assert found, "scripts/messages.sh no longer names its keywords"
    return found.group(1).split()


def written(language: str) -> Catalog:
    """The catalogue of a language."""
    with (PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def complaints(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, given all texts in use: one line for each text."""
    if catalogue.fuzzy:
        yield "fuzzy: the whole catalogue"
    for wanted in _texts(template):
        message = catalogue.get(_key(wanted), wanted.context)
        # A text that has become a plural, or is one no longer, counts as another text.
        if message is None or _forms(message.id)[1:] != _forms(wanted.id)[1:]:
            yield f"missing: {_named(wanted)}"
        elif message.fuzzy:
            yield f"fuzzy: {_named(wanted)}"
        elif not _is_complete(message, catalogue):
            yield f"empty: {_named(wanted)}"
        elif not _has_same_holders(message):
            yield f"other placeholders: {_named(wanted)} -> {message.string!r}"
    for message in _texts(catalogue):
        if template.get(_key(message), message.context) is None:
            yield f"nobody uses: {_named(message)}"
    for message in catalogue.obsolete.values():
        yield f"obsolete: {_named(message)}"


def _texts(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _key(message: Message) -> str:
    return _forms(message.id)[0]


def _named(message: Message) -> str:
    return repr(_key(message)) + (f" in the context {message.context!r}" if message.context else "")


def _is_complete(message: Message, catalogue: Catalog) -> bool:
    forms = _forms(message.string)
    wanted = catalogue.num_plurals if message.pluralizable else 1
    return len(forms) == wanted and all(form.strip() for form in forms)


def _has_same_holders(message: Message) -> bool:
    """The last plural form has those of the English plural; the forms before may spell the number out, or not."""
    english = [_holders(form) for form in _forms(message.id)]
    *before, last = [_holders(form) for form in _forms(message.string)]
    return last == english[-1] and all(form in english for form in before)


def _holders(text: str) -> set[str]:
    return set(HOLDER.findall(text))


@pytest.fixture(scope="module")
def template():
    return extracted()


def test_texts_of_code_pages_and_letters_are_found(template):
    for text in ("Save and send offer", "Pay now", "Enter an amount."):
        assert template.get(text) is not None, text
    assert any(message.pluralizable for message in _texts(template))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language, template):
    found = list(complaints(written(language), template))
    assert not found, f"{len(found)} texts in {language}; `make messages` brings them in:\n" + "\n".join(
        found
    )


def in_use(*texts: str | tuple[str, str]) -> Catalog:
    catalogue = Catalog()
    for text in texts:
        catalogue.add(text)
    return catalogue


def test_a_complete_catalogue_has_no_complaints():
    catalogue = Catalog(locale="fr", fuzzy=False)
    catalogue.add("Pay %(amount)s", "Payer %(amount)s")
    catalogue.add(("One day", "%(num)s days"), ("Un jour", "%(num)s jours"))
    catalogue.add(("One code", "%(num)s codes"), ("%(num)s code", "%(num)s codes"))
    template = in_use("Pay %(amount)s", ("One day", "%(num)s days"), ("One code", "%(num)s codes"))
    assert list(complaints(catalogue, template)) == []


def test_a_missing_an_empty_a_fuzzy_and_an_unused_text_are_named():
    catalogue = Catalog(locale="fr", fuzzy=False)
    catalogue.add("Empty", "")
    catalogue.add(("One", "Many"), ("Un", ""))
    catalogue.add("Guessed", "Deviné", flags={"fuzzy"})
    catalogue.add("Unused", "Inutilisé")
    catalogue.obsolete["Gone"] = Message("Gone", "Parti")
    template = in_use("Missing", "Empty", ("One", "Many"), "Guessed")
    assert list(complaints(catalogue, template)) == [
        "missing: 'Missing'",
        "empty: 'Empty'",
        "empty: 'One'",
        "fuzzy: 'Guessed'",
        "nobody uses: 'Unused'",
        "obsolete: 'Gone'",
    ]


def test_a_fuzzy_catalogue_is_named():
    assert list(complaints(Catalog(locale="fr", fuzzy=True), in_use())) == ["fuzzy: the whole catalogue"]


def test_a_text_that_became_a_plural_is_missing():
    catalogue = Catalog(locale="fr", fuzzy=False)
    catalogue.add("One day", "Un jour")
    assert list(complaints(catalogue, in_use(("One day", "%(num)s days")))) == ["missing: 'One day'"]


@pytest.mark.parametrize(
    "text", ["Payer", "Payer %(montant)s", "Payer %(amount)d", "Payer 100 % de %(amount)s"]
)
def test_other_placeholders_are_named(text):
    catalogue = Catalog(locale="fr", fuzzy=False)
    catalogue.add("Pay %(amount)s", text)
    assert list(complaints(catalogue, in_use("Pay %(amount)s"))) == [
        f"other placeholders: 'Pay %(amount)s' -> {text!r}"
    ]
