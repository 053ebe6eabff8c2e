"""The part of the offer form that is about letters: words, files, addresses of the settings (SPG-MAI, SPG-CNF)."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.functional import cached_property

from paygate.backoffice.settings.letter_forms import LABELS, checked
from paygate.languages import ui_language
from paygate.merchants.letter_words import Words, usual_in_all_languages
from paygate.merchants.models import LetterKind

PREFIXES: Final = {LetterKind.OFFER: "letter", LetterKind.CONFIRMATION: "confirmation"}

Usual = Mapping[tuple[LetterKind, str], Words]  # what the letters say by themselves, in every language


class LetterFields(forms.Form):
    """Checks the own words of both letters (`letter_text`, `confirmation_text` ...)."""

    merchant_id: int | None = None  # whose words stand behind those of the offer

    @cached_property
    def usual(self) -> Usual:
        """The words of the settings; asked for where there are any to compare."""
        return usual_in_all_languages(self.merchant_id) if self.merchant_id else {}

    def clean(self) -> dict[str, Any]:
        """Words of the offer's own are those that no letter says by itself, in whatever language.

        The fields come filled with the words of the settings; who changes the language afterwards has not made those
        of the first language the offer's own.
        """
        cleaned = super().clean() or self.cleaned_data
        for kind, prefix in PREFIXES.items():
            for part in LABELS:
                name = f"{prefix}_{part}"
                if name in self.errors or name not in self.fields:
                    continue
                try:
                    cleaned[name] = checked(part, cleaned.get(name, ""), kind)
                except forms.ValidationError as refused:
                    self.add_error(name, refused)
                    continue
                if cleaned[name] and any(
                    cleaned[name] == getattr(words, part)
                    for (of, _), words in self.usual.items()
                    if of is kind
                ):
                    cleaned[name] = ""
        return cleaned

    def words_of(self, kind: LetterKind) -> Words:
        """The own words of this letter, as far as they are right."""
        parts = {part: self.cleaned_data.get(f"{PREFIXES[kind]}_{part}", "") for part in LABELS}
        return Words.of_row(parts)


def in_words(
    letter: Mapping[str, str], confirmation: Mapping[str, str], *, language: str, usual: Usual
) -> dict[str, str]:
    """The values of the fields of both letters: own words, and those of the settings where there are none."""
    own = {LetterKind.OFFER: letter, LetterKind.CONFIRMATION: confirmation}
    return {
        f"{prefix}_{part}": getattr(Words.of_row(own[kind]).over(usual[kind, ui_language(language)]), part)
        for kind, prefix in PREFIXES.items()
        for part in LABELS
    }


def by_language(usual: Usual) -> dict[str, dict[str, str]]:
    """The words of the settings for each language and field, for a page that follows the chosen language."""
    found: dict[str, dict[str, str]] = {}
    for (kind, language), words in usual.items():
        found.setdefault(language, {}).update(
            {f"{PREFIXES[kind]}_{part}": getattr(words, part) for part in LABELS}
        )
    return found
