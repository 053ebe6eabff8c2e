"""What the offer form shows of letters and files, and what comes in with it."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from paygate.backoffice.offers.file_views import CHOSEN, ids_in, take_files
from paygate.backoffice.offers.letter_fields import PREFIXES, LetterFields, by_language
from paygate.backoffice.settings.letter_forms import LABELS
from paygate.backoffice.visit import Visit
from paygate.languages import ui_language
from paygate.mail.allowed_files import ENDINGS
from paygate.mail.outbox import MOST_BYTES
from paygate.merchants.letter_words import placeholders_of
from paygate.merchants.models import LetterKind
from paygate.merchants.preferences import preferences_of
from paygate.offers.files import LETTER_ROOM, Owner, chosen, files_of, sent_size, terms_beside
from paygate.offers.models import OfferFile
from paygate.refusals import Refusal

_ADDRESSES: Final = ("reply_to", "archive_email")


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a form that was sent, those included that came with it, and why others did not stay."""

    ids: tuple[UUID, ...] = ()
    refusals: tuple[str, ...] = ()


def files_in(request: Visit) -> Files:
    """Take what came with the form, so that a mistake elsewhere in it loses nothing."""
    taken, refusals = take_files(request)
    ids = [*ids_in(request.POST.getlist(CHOSEN)), *(one.pk for one in taken)]
    return Files(tuple(dict.fromkeys(ids)), tuple(refusals))


def letter_context(
    request: Visit, form: LetterFields, like: Owner | None, files: Files | None
) -> dict[str, Any]:
    """What `offers/_letter.html.jinja` shows.

    `files` are those of a form that was sent; None for one that was not, which has those of `like`: of what it changes,
    or begins with.
    """
    listed = _listed(request, like, files)
    terms_name, terms_bytes = terms_beside(request.merchant.pk, ui_language(str(form["language"].value())))
    room = LETTER_ROOM + sent_size([terms_bytes])
    refusals = [] if files is None else list(files.refusals)
    return {
        "summary": form["letter_subject"].value() or "",
        "by_language": by_language(form.usual),
        "settings": preferences_of(request.merchant.pk),
        "offer_placeholders": placeholders_of(LetterKind.OFFER),
        "confirmation_placeholders": placeholders_of(LetterKind.CONFIRMATION),
        "files": listed,
        "terms_name": terms_name,
        "refusals": refusals,
        "total": room + sent_size(one.size for one in listed),
        "room": room,
        "most": MOST_BYTES,
        "endings": ",".join(ENDINGS),
        "open": bool(refusals or listed or _has_errors(form, LetterKind.OFFER, *_ADDRESSES)),
        "has_errors": bool(refusals or _has_errors(form, LetterKind.OFFER, *_ADDRESSES)),
        "confirmation_open": _has_errors(form, LetterKind.CONFIRMATION),
    }


def refuse_files(files: Files, refusal: Refusal) -> Files:
    """The same files, with one more thing to say about them."""
    return Files(files.ids, (*files.refusals, str(refusal)))


def _listed(request: Visit, like: Owner | None, files: Files | None) -> list[OfferFile]:
    if files is None:
        return list(files_of(like)) if like else []
    form_id = next(iter(ids_in([request.POST.get("form_id", "")])), None)
    return chosen(files.ids, form_id=form_id)


def _has_errors(form: LetterFields, kind: LetterKind, *more: str) -> bool:
    names = [f"{PREFIXES[kind]}_{part}" for part in LABELS]
    return any(name in form.errors for name in (*names, *more))
