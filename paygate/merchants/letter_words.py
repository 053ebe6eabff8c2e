"""The words of letters to buyers: ours in each language, the merchant's own, an offer's own (SPG-MAI-02 to 04, CNF-01).

Words hold placeholders such as `{amount}`. They are checked when words are saved, and filled in when a letter is
written. What is no placeholder stays the text it is (safety.md EM-4).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final, Self

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paygate.languages import LANGUAGES
from paygate.merchants.models import LetterKind, LetterWords
from paygate.refusals import Kind, Refusal

PLACEHOLDERS: Final[Mapping[str, str | Promise]] = {
    "amount": gettext_lazy("Amount"),
    "reference": gettext_lazy("Reference"),
    "description": gettext_lazy("Description"),
    "expiry": gettext_lazy("Valid until"),
    "merchant": gettext_lazy("Your name"),
    "name": gettext_lazy("Buyer's name"),
}
_ONLY_IN_OFFERS: Final = frozenset({"expiry"})  # what is paid does not end any more

LONGEST: Final[Mapping[str, int]] = {"subject": 200, "salutation": 200, "text": 5000, "signature": 1000}

# What previews are filled in with, where nothing real is there yet.
EXAMPLE: Final[Mapping[str, str | Promise]] = {
    "reference": "2026-0412",
    "description": gettext_lazy("Double room, two nights"),
    "name": "Maria Muster",
}

_NAMES: Final = "|".join(PLACEHOLDERS)
_FILLED: Final = re.compile(r"\{(" + _NAMES + r")\}")
# With what stands before it, for a value that is not known: "Hello {name}," becomes "Hello,".
_FILLED_WITH_GAP: Final = re.compile(r"([ \t]*)" + _FILLED.pattern)
# What somebody meant as one: a word in braces, or one of ours with a brace or a space too few or too many.
_MEANT: Final = re.compile(
    rf"\{{+[ \t]*(?:{_NAMES})\b[ \t]*\}}*|\{{[ \t]*[^\W\d][\w-]{{0,40}}[ \t]*\}}|\b(?:{_NAMES})\}}+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says in somebody's own words; what is empty says what stands behind it."""

    subject: str = ""
    salutation: str = ""
    text: str = ""
    signature: str = ""

    @classmethod
    def of_row(cls, row: Mapping[str, str]) -> Self:
        """From what `as_row` gave."""
        return cls(**{field.name: row.get(field.name, "") for field in fields(cls)})

    def as_row(self) -> dict[str, str]:
        """What is stored: the parts that say something."""
        return {name: value for name, value in asdict(self).items() if value}

    def over(self, behind: "Words") -> "Words":
        """These words, and those behind them where these are empty."""
        return Words(**(asdict(behind) | self.as_row()))

    def apart_from(self, *behind: "Words") -> "Words":
        """Without the parts that some of these say word for word: only what is really one's own is kept."""
        return Words(
            **{
                name: "" if any(value == getattr(one, name) for one in behind) else value
                for name, value in asdict(self).items()
            }
        )


class WordsRefused(Refusal):
    """A part of a letter's words cannot be saved."""

    code = "LETTER_WORDS_REFUSED"
    kind = Kind.INVALID


def placeholders_of(kind: LetterKind) -> dict[str, str | Promise]:
    """The placeholders that a letter of this kind knows, each with what it stands for."""
    without = _ONLY_IN_OFFERS if kind is not LetterKind.OFFER else frozenset[str]()
    return {name: label for name, label in PLACEHOLDERS.items() if name not in without}


def tidy(part: str, typed: str) -> str:
    """Words as they are stored: one kind of line end, no spaces around, and subject and salutation on one line."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    return " ".join(lines.split()) if part in ("subject", "salutation") else lines


def check(part: str, text: str, kind: LetterKind) -> None:
    """Raises `WordsRefused` for text that is too long, or holds an unknown or broken placeholder, which it names."""
    if len(text) > LONGEST[part]:
        raise WordsRefused(_("At most %(count)s characters.") % {"count": LONGEST[part]}, field=part)
    known = placeholders_of(kind)
    for found in _MEANT.finditer(text):
        spelled = found[0]
        name = spelled.strip("{} \t").lower()
        if spelled == f"{{{name}}}" and name in known:
            continue
        if name in known:
            words = _("“%(typed)s” is not complete: write {%(name)s}.") % {"typed": spelled, "name": name}
        else:
            listed = ", ".join(f"{{{one}}}" for one in known)
            words = _("There is no placeholder %(typed)s. You can use %(known)s.") % {
                "typed": spelled,
                "known": listed,
            }
        raise WordsRefused(words, field=part)


def ours(kind: LetterKind, language: str) -> Words:
    """What we say, in one of our languages."""
    with translation.override(language):
        facts = {"merchant": "{merchant}", "amount": "{amount}"}
        if kind is LetterKind.OFFER:
            subject = _("Payment to %(merchant)s: %(amount)s")
            text = _("%(merchant)s asks you for a payment of %(amount)s.")
        else:
            subject = _("You paid %(amount)s to %(merchant)s")
            text = _("Thank you. You paid %(amount)s to %(merchant)s.")
        return Words(
            subject=subject % facts,
            salutation=_("Hello %(name)s") % {"name": "{name}"},
            text=text % facts,
            signature=_("Kind regards") + "\n{merchant}",
        )


def usual(merchant_id: int, kind: LetterKind, language: str) -> Words:
    """What the merchant's letters of this kind say in this language unless an offer says otherwise."""
    own = LetterWords.objects.filter(merchant_id=merchant_id, kind=kind, language=language).first()
    return (_words_of(own) if own else Words()).over(ours(kind, language))


def words_by_letter(merchant_id: int) -> dict[tuple[str, str], Words]:
    """The merchant's own words by kind and language, with one question; without those that are ours."""
    own = LetterWords.objects.filter(merchant_id=merchant_id)
    return {(row.kind, row.language): _words_of(row) for row in own}


def usual_in_all_languages(merchant_id: int) -> dict[tuple[LetterKind, str], Words]:
    """As `usual`, of every kind in every language, with one question."""
    own = words_by_letter(merchant_id)
    return {
        (kind, language): own.get((kind, language), Words()).over(ours(kind, language))
        for kind in LetterKind
        for language in LANGUAGES
    }


def save(merchant_id: int, kind: LetterKind, language: str, words: Words) -> None:
    """The merchant's own words from now on; where they say the same as ours, ours stay. Raises `WordsRefused`."""
    own = words.apart_from(ours(kind, language))
    for part, text in own.as_row().items():
        check(part, text, kind)
    if not own.as_row():
        reset(merchant_id, kind, language)
        return
    LetterWords.objects.update_or_create(
        merchant_id=merchant_id, kind=kind, language=language, defaults=asdict(own)
    )


def reset(merchant_id: int, kind: LetterKind, language: str) -> None:
    """Back to our words."""
    LetterWords.objects.filter(merchant_id=merchant_id, kind=kind, language=language).delete()


def filled(words: Words, values: Mapping[str, str]) -> Words:
    """The words with the values in their places; a value that holds a placeholder is not filled in once more."""

    def value(found: re.Match[str]) -> str:
        said = values.get(found[2], "")
        return found[1] + said if said else ""

    return Words(**{name: _FILLED_WITH_GAP.sub(value, text) for name, text in asdict(words).items()})


def context_of(words: Words) -> dict[str, object]:
    """The words as the templates of letters take them; the text also as paragraphs of lines."""
    return {**asdict(words), "paragraphs": list(_paragraphs(words.text))}


def _paragraphs(text: str) -> Iterator[list[str]]:
    for paragraph in re.split(r"\n[ \t]*\n\s*", text.strip("\n")):
        if paragraph.strip():
            yield paragraph.split("\n")


def _words_of(row: LetterWords) -> Words:
    return Words(row.subject, row.salutation, row.text, row.signature)
