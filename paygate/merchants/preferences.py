"""A merchant's settings, and the terms in a language."""

from paygate.merchants.models import Preferences, TermsFile


def preferences_of(merchant_id: int) -> Preferences:
    """The settings; the defaults while nothing was saved."""
    return Preferences.objects.filter(merchant_id=merchant_id).first() or Preferences(merchant_id=merchant_id)


def terms_in(merchant_id: int, language: str) -> TermsFile | None:
    """The terms in this language, if the merchant has any (SPG-SET-36)."""
    return TermsFile.objects.filter(merchant_id=merchant_id, language=language).first()
