"""Files that go out with an offer letter (SPG-MAI-08 to 12; safety.md 14).

A file that somebody chose belongs to the form it was chosen in until that form is saved, so that a mistake elsewhere in
the form loses none. What neither an offer nor a template took within a week is removed. A form that begins like another
offer, or with a template, names the files of that one; once it is saved it has copies of its own.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

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
from paygate.offers.models import Offer, OfferFile, OfferTemplate
from paygate.refusals import Kind, Refusal

MOST_FILES: Final = 20  # of one offer (UP-3)
MOST_OF_MERCHANT: Final = 1024**3  # bytes (UP-3)
UNUSED: Final = timedelta(days=7)
LETTER_ROOM: Final = 100 * 1024  # for words, QR code and headers in the total

Owner = Offer | OfferTemplate


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
    _check_room(len(checked.content))
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


def chosen(ids: Collection[UUID], *, form_id: UUID | None) -> list[OfferFile]:
    """Of these files, those of this form, and those that an offer or a template has; without their contents."""
    if not ids:
        return []
    usable = Q(offer__isnull=False) | Q(template__isnull=False) | Q(form_id=form_id)
    return list(OfferFile.objects.filter(usable, pk__in=ids).defer("content"))


def keep(owner: Owner, ids: Collection[UUID], *, form_id: UUID | None) -> list[str]:
    """From now on the offer or template has these files and no others; their names. What others have is copied.

    Raises `LetterTooBig`, `TooManyFiles`. Must be called in the transaction that saves the owner.
    """
    files = chosen(ids, form_id=form_id)
    if len(files) != len(set(ids)):
        raise TooManyFiles(_("A file is no longer here. Choose it again."), field="attachments")
    if len(files) > MOST_FILES:
        raise TooManyFiles(_("At most 20 files for one offer."), field="attachments")
    own = _of(owner)
    kept = [one.pk for one in files if not _is_anothers(one, owner)]
    if files:
        terms = terms_beside(owner.merchant_id, ui_language(_language(owner)))[1]
        check_total([*(one.size for one in files), terms])
        OfferFile.objects.filter(pk__in=kept).update(**own)
    kept += _copy([one for one in files if _is_anothers(one, owner)], own)
    OfferFile.objects.filter(**own).exclude(pk__in=kept).delete()
    return [one.name for one in files]


def files_of(owner: Owner) -> QuerySet[OfferFile]:
    """The files of an offer or a template, without their contents."""
    return OfferFile.objects.filter(**_of(owner)).defer("content")


def attached(offer: Offer) -> tuple[Attached, ...]:
    """The files of an offer as they are attached, in the order in which they were chosen."""
    return tuple(
        Attached(one.name, one.mime, bytes(one.content)) for one in OfferFile.objects.filter(offer=offer)
    )


def forget_unused(*, now: datetime) -> int:
    """Remove files that no offer and no template took; how many."""
    unused = OfferFile.objects.filter(offer=None, template=None, uploaded_at__lt=now - UNUSED)
    count, _each = unused.delete()
    return count


def _of(owner: Owner) -> dict[str, Owner]:
    return {"template" if isinstance(owner, OfferTemplate) else "offer": owner}


def _is_anothers(file: OfferFile, owner: Owner) -> bool:
    theirs = file.template_id if isinstance(owner, OfferTemplate) else file.offer_id
    return theirs != owner.pk and (file.offer_id, file.template_id) != (None, None)


def _language(owner: Owner) -> str:
    """In which the letter is written, and with it which terms go along."""
    return str(owner.terms.get("language", "")) if isinstance(owner, OfferTemplate) else owner.language


def _copy(files: Collection[OfferFile], own: dict[str, Owner]) -> list[UUID]:
    """The same files once more, uploaded when and by whom they were; the ids of the new ones."""
    if not files:
        return []
    _check_room(sum(one.size for one in files))
    copies = []
    for one in OfferFile.objects.filter(pk__in=[file.pk for file in files]):
        one.pk = uuid4()
        for name, owner in {"offer": None, "template": None, **own}.items():
            setattr(one, name, owner)
        copies.append(one)
    OfferFile.objects.bulk_create(copies)
    return [one.pk for one in copies]


def _check_room(size: int) -> None:
    """Raises `TooManyFiles` where so many bytes more are too many for one merchant (UP-3)."""
    if (OfferFile.objects.aggregate(sum=Sum("size"))["sum"] or 0) + size > MOST_OF_MERCHANT:
        raise TooManyFiles(_("Your files take more than 1 GB together."), field="attachments")
