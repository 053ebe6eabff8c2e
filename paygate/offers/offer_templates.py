"""Save, find and delete templates: proposed terms with a name (SPG-TPL)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import changes, record
from paygate.cards.text_check import card_problem
from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.models import OfferTemplate
from paygate.offers.terms_row import texts_in
from paygate.refusals import Kind, NotFound, Refusal


class TemplateRefused(Refusal):
    """Something in it cannot be kept; nothing was saved."""

    code = "TEMPLATE_REFUSED"


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
    by: Actor,
    now: datetime,
) -> OfferTemplate:
    """A new template, or new contents of one; `row` is what terms_row.py keeps of terms, as far as it is known.

    Raises `NameTaken`, or `TemplateRefused` beside the field that seems to hold a card number (safety.md CD-9).
    """
    by.require(Permission.EDIT_OFFERS)
    for field, text in [("name", name), *texts_in(row)]:
        for problem in card_problem(field, text):
            raise TemplateRefused(problem.words, field=field)
    old = {"name": template.name, **template.terms} if template else {}
    saved = template or OfferTemplate(merchant_id=by.merchant_id, created_at=now, created_by=by.name)
    saved.name, saved.terminal, saved.terms = name.strip(), terminal, dict(row)
    saved.changed_at, saved.changed_by = now, by.name
    try:
        with transaction.atomic():
            saved.save()
            _tell(saved, changes(old, {"name": saved.name, **saved.terms}), by=by, now=now)
    except IntegrityError as error:
        raise NameTaken from error
    return saved


def delete_template(template: OfferTemplate, *, by: Actor, now: datetime) -> None:
    """Offers that were made of it stay as they are."""
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        _tell(template, {"deleted": template.name}, by=by, now=now)
        template.delete()


def templates_of(by: Actor, text: str = "") -> QuerySet[OfferTemplate]:
    """The merchant's templates by name, narrowed to those with this text in name, terminal or description."""
    by.require(Permission.SEE_OFFERS)
    found = OfferTemplate.objects.filter(merchant_id=by.merchant_id).select_related("terminal")
    if text:
        found = found.filter(
            Q(name__icontains=text)
            | Q(terminal__number__icontains=text)
            | Q(terminal__description__icontains=text)
            | Q(terms__description__icontains=text)
        )
    return found.order_by("name", "pk")


def template_of(by: Actor, template_id: str) -> OfferTemplate:
    """The actor's template. Raises `NotFound` for unknown, foreign and malformed ids alike (TN-4)."""
    known = template_id.isascii() and template_id.isdigit() and len(template_id) < 18
    found = templates_of(by).filter(pk=int(template_id)).first() if known else None
    if found is None:
        raise NotFound
    return found


def _tell(template: OfferTemplate, detail: Mapping[str, object], *, by: Actor, now: datetime) -> None:
    record(
        Action.TEMPLATE_CHANGED,
        merchant_id=by.merchant_id,
        by=by.name,
        subject=f"template:{template.pk}",
        detail=detail,
        now=now,
    )
