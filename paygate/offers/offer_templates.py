"""Save, find and delete templates: proposed terms with a name (SPG-TPL)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import changes, record
from paygate.cards.text_check import card_problem
from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.files import files_of, keep
from paygate.offers.models import OfferFile, OfferTemplate
from paygate.offers.terms_row import texts_in
from paygate.refusals import Kind, NotFound, Refusal

MOST_WORDS: Final = 8  # that are looked for


class TemplateRefused(Refusal):
    """Something in it cannot be kept; nothing was saved."""

    code = "TEMPLATE_REFUSED"


class TemplateChangedMeanwhile(Refusal):
    """Somebody saved it since it was looked at."""

    code = "CHANGED_MEANWHILE"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _(
                "This template was changed meanwhile. Nothing was saved: open it again, and make your changes there."
            )
        )


class NameTaken(Refusal):
    """Another template has this name."""

    code = "NAME_TAKEN"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("There is a template with this name already."), field="name")


def save_template(
    name: str,
    terminal: Terminal,
    row: Mapping[str, Any],
    *,
    template: OfferTemplate | None = None,
    files: Collection[UUID] = (),
    form_id: UUID | None = None,
    seen: str = "",
    by: Actor,
    now: datetime,
) -> OfferTemplate:
    """A new template, or new contents of one; `row` is what terms_row.py keeps of terms, as far as it is known.

    Saved as it was, it stays as it was, and nobody is told. Whoever changes one says which version of it was `seen`.
    Its `files` are those of the form, or of another template or an offer (files.py). Raises `NameTaken`,
    `TemplateChangedMeanwhile`, what `keep` raises, and `TemplateRefused` beside the field that seems to hold a card
    number (safety.md CD-9).
    """
    by.require(Permission.EDIT_OFFERS)
    for field, text in [("name", name), *texts_in(row)]:
        for problem in card_problem(field, text):
            raise TemplateRefused(problem.words, field=field)
    old = _told(template, [one.name for one in files_of(template)]) if template else {}
    saved = OfferTemplate(
        pk=template.pk if template else None,
        merchant_id=by.merchant_id,
        name=name.strip(),
        terminal=terminal,
        terms=dict(row),
        created_at=template.created_at if template else now,
        created_by=template.created_by if template else by.name,
        changed_at=now,
        changed_by=by.name,
    )
    with transaction.atomic():
        if template:
            _require_unchanged(template, seen)
        else:
            _save(saved)
        new = _told(saved, keep(saved, files, form_id=form_id))
        gone = {field: None for field in old if field not in new}
        changed = changes(old, gone | new)
        if template and not changed:
            return template
        if template:
            _save(saved)
        _tell(saved, {"name": saved.name, **changed}, by=by, now=now)
    return saved


def version_of(template: OfferTemplate) -> str:
    """Another one after each change."""
    return f"{template.changed_at.timestamp():.6f}"


def _require_unchanged(template: OfferTemplate, seen: str) -> None:
    """Of two who save at once, the second finds another version under the lock."""
    now_there = OfferTemplate.objects.select_for_update().get(pk=template.pk)
    if version_of(now_there) != seen:
        raise TemplateChangedMeanwhile


def _save(template: OfferTemplate) -> None:
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise NameTaken from error


def delete_template(template: OfferTemplate, *, by: Actor, now: datetime) -> None:
    """Offers that were made of it stay as they are."""
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        _tell(template, {"deleted": template.name}, by=by, now=now)
        OfferFile.objects.filter(template=template).delete()
        template.delete()


def templates_of(by: Actor, text: str = "") -> QuerySet[OfferTemplate]:
    """The merchant's templates by name; only those with each word of the text in name, terminal or description."""
    by.require(Permission.SEE_OFFERS)
    found = OfferTemplate.objects.filter(merchant_id=by.merchant_id).select_related("terminal")
    for word in text.split()[:MOST_WORDS]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(terminal__number__icontains=word)
            | Q(terminal__description__icontains=word)
            | Q(terms__description__icontains=word)
        )
    return found.order_by("name", "pk")


def has_templates(by: Actor) -> bool:
    """Is there any?"""
    return templates_of(by).exists()


def template_of(by: Actor, template_id: str) -> OfferTemplate:
    """The actor's template. Raises `NotFound` for unknown, foreign and malformed ids alike (TN-4)."""
    known = template_id.isascii() and template_id.isdigit() and len(template_id) < 18
    found = templates_of(by).filter(pk=int(template_id)).first() if known else None
    if found is None:
        raise NotFound
    return found


def _told(template: OfferTemplate, files: Collection[str]) -> dict[str, object]:
    """What the audit log tells of a template."""
    return {
        "name": template.name,
        "terminal": template.terminal.number,
        **template.terms,
        "files": list(files),
    }


def _tell(template: OfferTemplate, detail: Mapping[str, object], *, by: Actor, now: datetime) -> None:
    record(
        Action.TEMPLATE_CHANGED,
        merchant_id=by.merchant_id,
        by=by.name,
        subject=f"template:{template.pk}",
        detail=detail,
        now=now,
    )
