"""Edit, disable and restore an offer; the terms for another one like it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from paygate.addresses import Address
from paygate.audit.actions import Action
from paygate.merchants.models import Booking
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.money.display import money_text
from paygate.offers.create import columns
from paygate.offers.models import AskEmail, Offer, Source
from paygate.offers.payable import lock
from paygate.offers.put_down import difference, put_down
from paygate.offers.states import LIFE, OfferState
from paygate.offers.terms import OfferTerms
from paygate.offers.words import words_of
from paygate.refusals import Kind, Problem, Refusal, TermsRefused
from paygate.threeds.liability import Condition


class BeingPaid(Refusal):
    """A payer is paying this offer right now (safety.md ST-7, MO-8)."""

    code = "BEING_PAID"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("Somebody is paying this offer right now. Try again in a few minutes."))


class NotOpen(Refusal):
    """Only an open offer can be changed."""

    code = "NOT_OPEN"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("Only an open offer can be changed. Copy it to sell again."))


class ChangedMeanwhile(Refusal):
    """Somebody saved other terms since these were looked at."""

    code = "CHANGED_MEANWHILE"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _(
                "This offer was changed meanwhile. Nothing was saved: open it again, and make your changes there."
            )
        )


class MadeByProgram(Refusal):
    """A program made this offer, and counts on what it asked for (behaviour.md M-9)."""

    code = "MADE_BY_PROGRAM"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _("A program made this offer: it is not changed here. Copy it, and disable this one.")
        )


def change_offer(offer_id: UUID, terms: OfferTerms, *, seen: int, by: Actor, now: datetime) -> Offer:
    """Write new terms over those of the revision that was `seen`.

    Raises `TermsRefused`, `MadeByProgram` (M-9), `NotOpen`, `ChangedMeanwhile`, or `BeingPaid` while an attempt is
    live (MO-8).
    """
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        offer = lock(offer_id)
        if offer.source == Source.API:
            raise MadeByProgram
        if offer.is_claimed_at(now):
            raise BeingPaid
        if offer.state_at(now) != OfferState.OPEN:
            raise NotOpen
        if offer.revision != seen:
            raise ChangedMeanwhile
        problems = list(terms.problems(offer.terminal, now=now))
        if 0 < terms.max_attempts <= offer.attempts:
            problems.append(Problem("max_attempts", _("So many attempts were made already. Allow more.")))
        if problems:
            raise TermsRefused(problems)
        written = columns(terms, created_by=offer.created_by, changed_by=by.name)
        changed = difference(offer, written, money_text(terms.amount, "en"))
        put_down(Action.OFFER_CHANGED, offer, detail=changed, by=by, now=now)
        Offer.objects.filter(pk=offer.pk).update(
            **written,
            revision=F("revision") + 1,
            claim="",  # an attempt whose claim has lapsed holds nothing any more
            claimed_until=None,
            changed_at=now,
            changed_by=by.name,
        )
    return Offer.objects.get(pk=offer_id)


def disable(offer_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take an open offer back. Raises `BeingPaid` or `MoveRefused`."""
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        offer = lock(offer_id)
        if offer.is_claimed_at(now):
            raise BeingPaid
        put_down(Action.OFFER_DISABLED, offer, by=by, now=now)
        LIFE.move(
            offer,
            OfferState.DISABLED,
            by=by.name,
            cause="taken back",
            now=now,
            claim="",
            claimed_until=None,
            **_changed(offer, by=by, now=now),
        )


def restore(offer_id: UUID, *, by: Actor, now: datetime) -> None:
    """Offer it again: only before its deadline, and only while attempts are left."""
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        offer = lock(offer_id)
        if offer.expires_at <= now or offer.is_used_up:
            raise NotOpen
        put_down(Action.OFFER_RESTORED, offer, by=by, now=now)
        LIFE.move(
            offer,
            OfferState.OPEN,
            by=by.name,
            cause="restored",
            now=now,
            **_changed(offer, by=by, now=now),
        )


def _changed(offer: Offer, *, by: Actor, now: datetime) -> dict[str, object]:
    """The columns that say who changed an offer last, and when; it is found by that name."""
    words = words_of(
        reference=offer.reference,
        description=offer.description,
        payer_email=offer.payer_email,
        created_by=offer.created_by,
        changed_by=by.name,
    )
    return {"changed_at": now, "changed_by": by.name, "words": words}


def terms_of(offer: Offer, *, now: datetime) -> OfferTerms:
    """The terms of an offer, with a deadline as far ahead as it had: for another one like it (SPG-BTN-10)."""
    lifetime = max(offer.expires_at - offer.created_at, timedelta(days=1))
    return OfferTerms(
        amount=offer.amount,
        description=offer.description,
        expires_at=now + lifetime,
        reference=offer.reference,
        booking=Booking(offer.booking),
        condition=Condition(offer.condition),
        language=offer.language,
        payer_email=offer.payer_email,
        notify_emails=tuple(offer.notify_emails),
        max_attempts=offer.max_attempts,
        ask_email=AskEmail(offer.ask_email),
        address=Address.of_row(offer.address),
        address_editable=offer.address_editable,
        design_id=offer.design_id,
        by_email=offer.by_email,
        letter=offer.letter,
        confirm=offer.confirm,
        confirmation=offer.confirmation,
        reply_to=offer.reply_to,
        archive_email=offer.archive_email,
        save_means=offer.save_means,
    )
