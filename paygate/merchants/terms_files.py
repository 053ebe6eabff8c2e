"""The merchant's terms and conditions, one file for each language (SPG-SET-31 to 36)."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.languages import LANGUAGES
from paygate.mail.allowed_files import checked_file
from paygate.mail.file_refused import FileRefused
from paygate.merchants.models import Preferences, TermsFile
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import Kind, NotFound, Refusal

# Terms go with every letter, and a letter has at most 5 MB as it travels: a third larger, and with room for the rest.
MOST_BYTES: Final = 3_500_000
_LONGEST_NAME: Final = 120


class TermsFileRefused(Refusal):
    """This file can't be the terms in this language."""

    code = "TERMS_FILE_REFUSED"
    kind = Kind.INVALID


class LastTerms(Refusal):
    """Letters need terms in one language at least (SPG-SET-34)."""

    code = "LAST_TERMS"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _("These are your only terms and conditions. Add others before you remove them; or replace them.")
        )


def replace_terms(
    merchant_id: int, *, language: str, filename: str, content: bytes, by: Actor, now: datetime
) -> TermsFile:
    """From now on these are the terms in this language; what they replace is kept (SPG-SET-33).

    Raises `TermsFileRefused` or `NotPermitted`.
    """
    by.require(Permission.EDIT_SETTINGS)
    if language not in LANGUAGES:
        raise TermsFileRefused(_("Choose one of the values in the list."), field="language")
    if len(content) > MOST_BYTES:
        raise TermsFileRefused(_TOO_LARGE, field="file")
    if not filename.lower().endswith(".pdf"):
        raise TermsFileRefused(_("Choose a PDF file: its name ends with .pdf."), field="file")
    try:
        file = checked_file(filename, content)
    except FileRefused as refused:
        raise TermsFileRefused(refused.reason, field="file") from None
    with transaction.atomic():
        _lock(merchant_id)
        current_terms(merchant_id).filter(language=language).update(replaced_at=now)
        _put_down(merchant_id, language, filename, by=by, now=now)
        return TermsFile.objects.create(
            merchant_id=merchant_id,
            language=language,
            name=_short(file.filename),
            content=file.content,
            uploaded_at=now,
            uploaded_by=by.name,
        )


def remove_terms(merchant_id: int, *, language: str, by: Actor, now: datetime) -> None:
    """No terms in this language any more (SPG-SET-36). Raises `LastTerms`, `NotFound` or `NotPermitted`."""
    by.require(Permission.EDIT_SETTINGS)
    with transaction.atomic():
        _lock(merchant_id)
        languages = set(current_terms(merchant_id).values_list("language", flat=True))
        if language not in languages:
            raise NotFound
        if languages == {language}:
            raise LastTerms
        current_terms(merchant_id).filter(language=language).update(replaced_at=now)
        _put_down(merchant_id, language, "", by=by, now=now)


def current_terms(merchant_id: int) -> QuerySet[TermsFile]:
    """Those that go with letters, without their content."""
    return every_terms(merchant_id).filter(replaced_at=None)


def every_terms(merchant_id: int) -> QuerySet[TermsFile]:
    """All that there are and were, the latest first in each language, without their content."""
    return TermsFile.objects.filter(merchant_id=merchant_id).defer("content")


_TOO_LARGE: Final = _(
    "This file is larger than 3.5 MB. Terms go with every letter, and mail servers take no letter of more than 5 MB "
    "as it travels. Save it smaller."
)


def _put_down(merchant_id: int, language: str, filename: str, *, by: Actor, now: datetime) -> None:
    detail = {"language": language, "file": filename}
    record(Action.TERMS_CHANGED, merchant_id=merchant_id, by=by.name, detail=detail, now=now)


def _lock(merchant_id: int) -> None:
    """One change of the settings at a time."""
    Preferences.objects.select_for_update().filter(merchant_id=merchant_id).first()


def _short(filename: str) -> str:
    return filename if len(filename) <= _LONGEST_NAME else filename[: _LONGEST_NAME - 4].rstrip(". ") + ".pdf"
