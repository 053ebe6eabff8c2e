"""A merchant's settings, and the terms in a language."""

from typing import Final

from django.db.models import Exists, OuterRef

from paygate.merchants.models import LetterKind, LetterWords, Preferences, TermsFile
from paygate.tenants.kept import Given, Kept
from paygate.tenants.models import Merchant

_PREFERENCES: Final = Kept(
    lambda: (
        Preferences.objects.filter(merchant_id=Given("merchant_id", Merchant._meta.pk))
        .annotate(
            terms=Exists(TermsFile.objects.filter(merchant_id=OuterRef("merchant_id"), replaced_at=None)),
            confirmation_words=Exists(
                LetterWords.objects.filter(merchant_id=OuterRef("merchant_id"), kind=LetterKind.CONFIRMATION)
            ),
        )
        .order_by("pk")
    )
)


def preferences_of(merchant_id: int) -> Preferences:
    """The settings; the defaults while nothing was saved."""
    found = _PREFERENCES.first(merchant_id=merchant_id)
    return found or Preferences(merchant_id=merchant_id)


def has_terms(preferences: Preferences) -> bool:
    """Has the merchant terms in any language? Known with the settings, so that most need not be asked for more."""
    return bool(preferences.__dict__.get("terms", True))


def has_confirmation_words(preferences: Preferences) -> bool:
    """Has the merchant words of its own for confirmations, in any language? Known with the settings too."""
    return bool(preferences.__dict__.get("confirmation_words", True))


def terms_in(merchant_id: int, language: str) -> TermsFile | None:
    """The terms in this language, if the merchant has any (SPG-SET-36)."""
    return TermsFile.objects.filter(merchant_id=merchant_id, language=language, replaced_at=None).first()
