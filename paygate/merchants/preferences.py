"""A merchant's settings, and the terms in a language."""

from django.db.models import Exists

from paygate.merchants.models import Preferences, TermsFile


def preferences_of(merchant_id: int) -> Preferences:
    """The settings; the defaults while nothing was saved."""
    terms = TermsFile.objects.filter(merchant_id=merchant_id)
    found = Preferences.objects.filter(merchant_id=merchant_id).annotate(terms=Exists(terms)).first()
    return found or Preferences(merchant_id=merchant_id)


def has_terms(preferences: Preferences) -> bool:
    """Has the merchant terms in any language? Known with the settings, so that most need not be asked for more."""
    return bool(preferences.__dict__.get("terms", True))


def terms_in(merchant_id: int, language: str) -> TermsFile | None:
    """The terms in this language, if the merchant has any (SPG-SET-36)."""
    return TermsFile.objects.filter(merchant_id=merchant_id, language=language).first()
