"""Files that go out with an offer letter (SPG-MAI-08 to 12; safety.md 14).

A file that somebody chose belongs to the form it was chosen in until that form is saved, so that a mistake elsewhere in
the form loses none. What no offer took within a week is removed.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from paygate.languages import ui_language
from paygate.mail.allowed_files import checked_file
from paygate.mail.attachments import Attached
from paygate.mail.outbox import MOST_BYTES, LetterTooBig
from paygate.merchants.models import TermsFile
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.models import Offer, OfferFile
from paygate.refusals import Kind, Refusal

MOST_FILES: Final = 20  # of one offer (UP-3)
MOST_OF_MERCHANT: Final = 1024**3  # bytes (UP-3)
UNUSED: Final = timedelta(days=7)
LETTER_ROOM: Final = 100 * 1024  # for words, QR code and headers in the total


class TooManyFiles(Refusal):
    """More files than an offer or a merchant may have."""

    code = "TOO_MANY_FILES"
    kind = Kind.INVALID


def put_file(
    name: str,
    content: bytes,
    *,
    form_id: UUID,
    beside: Iterable[OfferFile] = (),
    by: Actor,
    now: datetime,
) -> OfferFile:
    """Keep a file for the form; `beside` are the files that it has already.

    Raises `FileRefused` for a file that may not go out, `LetterTooBig` and `TooManyFiles`.
    """
    by.require(Permission.EDIT_OFFERS)
    checked = checked_file(name, content)
    others = list(beside)
    if len(others) >= MOST_FILES:
        raise TooManyFiles(_("At most 20 files for one offer."), field="attachments")
    check_total([*(one.size for one in others), len(checked.content)])
    if (OfferFile.objects.aggregate(sum=Sum("size"))["sum"] or 0) + len(checked.content) > MOST_OF_MERCHANT:
        raise TooManyFiles(_("Your files take more than 1 GB together."), field="attachments")
    kept: OfferFile = OfferFile.objects.create(
        merchant_id=by.merchant_id,
        form_id=form_id,
        name=checked.filename,
        mime=checked.mime,
        content=checked.content,
        size=len(checked.content),
        uploaded_at=now + timedelta(microseconds=len(others)),  # in the order in which they were chosen
        uploaded_by=by.name,
    )
    return kept


def check_total(sizes: Collection[int]) -> None:
    """Raises `LetterTooBig` when files of these sizes make a letter that mail servers do not take (SPG-MAI-09)."""
    total = sent_size(sizes) + LETTER_ROOM
    if total > MOST_BYTES:
        raise LetterTooBig(total)


def sent_size(sizes: Iterable[int]) -> int:
    """How many bytes files of these sizes have in a letter: a third more, and their headers."""
    return sum(-(-size // 57) * 78 + 400 for size in sizes)


def terms_beside(merchant_id: int, language: str) -> tuple[str, int]:
    """Name and size of the terms that go with a letter in this language; nothing where there are none."""
    terms = TermsFile.objects.filter(merchant_id=merchant_id, language=language, replaced_at=None)
    found: tuple[str, int] | None = terms.values_list("name", Length("content")).first()
    return found or ("", 0)


def chosen(ids: Collection[UUID], *, form_id: UUID | None, offer: Offer | None) -> list[OfferFile]:
    """Of these files, those that belong to this form or this offer; without their contents."""
    if not ids:
        return []
    return list(_of(form_id, offer).filter(pk__in=ids).defer("content"))


def keep(offer: Offer, ids: Collection[UUID], *, form_id: UUID | None) -> None:
    """From now on the offer has these files and no others. Raises `LetterTooBig`, `TooManyFiles`.

    Must be called in the transaction that saves the offer.
    """
    files = chosen(ids, form_id=form_id, offer=offer)
    if len(files) != len(set(ids)):
        raise TooManyFiles(_("A file is no longer here. Choose it again."), field="attachments")
    if len(files) > MOST_FILES:
        raise TooManyFiles(_("At most 20 files for one offer."), field="attachments")
    if files:
        check_total(
            [*(one.size for one in files), terms_beside(offer.merchant_id, ui_language(offer.language))[1]]
        )
        OfferFile.objects.filter(pk__in=[one.pk for one in files]).update(offer=offer)
    OfferFile.objects.filter(offer=offer).exclude(pk__in=[one.pk for one in files]).delete()


def files_of(offer: Offer) -> QuerySet[OfferFile]:
    """The files of an offer, without their contents."""
    return OfferFile.objects.filter(offer=offer).defer("content")


def attached(offer: Offer) -> tuple[Attached, ...]:
    """The files of an offer as they are attached, in the order in which they were chosen."""
    return tuple(
        Attached(one.name, one.mime, bytes(one.content)) for one in OfferFile.objects.filter(offer=offer)
    )


def forget_unused(*, now: datetime) -> int:
    """Remove files that no offer took; how many."""
    count, _each = OfferFile.objects.filter(offer=None, uploaded_at__lt=now - UNUSED).delete()
    return count


def _of(form_id: UUID | None, offer: Offer | None) -> QuerySet[OfferFile]:
    of_form = Q(offer=None, form_id=form_id) if form_id else Q(pk__in=[])
    return OfferFile.objects.filter(of_form | Q(offer=offer) if offer else of_form)
