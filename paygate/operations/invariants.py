"""`paygate invariants`: the properties of safety.md 23, and what breaks them.

A row of the table for each, with the functions that yield what breaks it and the rows they look at. Those whose parts
do not exist yet say so.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db.models import Model

from paygate.alarms.kinds import AlarmKind
from paygate.aliases.models import VaultEntry
from paygate.audit.models import AuditLine
from paygate.checkout.models import Attempt
from paygate.journal.models import BookingPeriod, Entry, Movement
from paygate.lifecycle.models import Step
from paygate.links.models import Link
from paygate.mail.models import Mail
from paygate.offers.models import Offer
from paygate.operations import invariants_acquirer as acquirer
from paygate.operations import invariants_audit as audit
from paygate.operations import invariants_books as books
from paygate.operations import invariants_liability as liability
from paygate.operations import invariants_links as links
from paygate.operations import invariants_rows as rows
from paygate.operations import invariants_vault as vault
from paygate.operations.invariants_view import Broken, View, one_moment, records_of_acquirer
from paygate.tenants.context import across_tenants
from paygate.tenants.walls import owned_models
from paygate.threeds.models import Authentication
from paygate.webhooks.models import Delivery

Check = Callable[[View], Iterator[Broken]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """One property of safety.md 23."""

    id: str
    title: str
    alarm: AlarmKind
    looks_at: tuple[type[Model], ...] = ()
    checks: tuple[Check, ...] = ()
    against_acquirer: tuple[Check, ...] = ()  # only where its book can be read
    because: str = ""  # why it does not apply yet


@dataclass(frozen=True, slots=True)
class Result:
    """What one look at one invariant has shown."""

    invariant: Invariant
    looked_at: int
    broken: tuple[Broken, ...]

    @property
    def applies(self) -> bool:
        """Do its parts exist?"""
        return not self.invariant.because

    @property
    def holds(self) -> bool:
        """Does nothing break it?"""
        return not self.broken

    @property
    def line(self) -> str:
        """For people: one line."""
        says = f"{'holds' if self.holds else 'BROKEN':<8}{self.looked_at:>9} looked at"
        if not self.applies:
            says = f"not applicable yet: {self.invariant.because}"
        return f"{self.invariant.id}  {says:<27}  {self.invariant.title}"

    @property
    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "id": self.invariant.id,
            "title": self.invariant.title,
            "holds": self.holds,
            "looked_at": self.looked_at,
            "broken": [one.what for one in self.broken],
            "applies": self.applies,
            "because": self.invariant.because,
        }


INVARIANTS: Final = (
    Invariant(
        "INV-01", "bookings stay within the reservation", AlarmKind.BOOKS, (Entry,),
        (books.bookings_stay_within_the_reservation,),
    ),
    Invariant(
        "INV-02", "an offer is paid by one success, a link as often as is counted", AlarmKind.BOOKS,
        (Offer, Link, Attempt),
        (books.an_offer_is_paid_by_one_success, books.a_claim_without_end_has_an_attempt_that_waits,
         links.a_visit_is_paid_once_for_its_own_link, links.a_link_counts_what_was_paid,
         links.a_link_takes_no_more_than_it_allows),
    ),
    Invariant(
        "INV-03", "what the acquirer approved is kept once, given back, or under repair", AlarmKind.BOOKS, (Movement,),
        against_acquirer=(acquirer.what_stands_there_is_kept_here, acquirer.what_is_kept_here_stands_there),
    ),
    Invariant(
        "INV-04", "a success has one approved reservation like it", AlarmKind.BOOKS, (Entry,),
        (books.a_success_has_one_reservation_like_it,), (acquirer.approvals_are_the_acquirers,),
    ),
    Invariant(
        "INV-05", "no own reference is used twice, and nothing was asked twice", AlarmKind.BOOKS,
        (Movement, BookingPeriod), (books.own_references_are_used_once,), (acquirer.nothing_was_asked_twice,),
    ),
    Invariant(
        "INV-06", "whatever is unanswered is asked again", AlarmKind.WAITING, (Movement, BookingPeriod, Attempt),
        (books.every_question_is_asked_again, books.nobody_waits_for_what_has_come),
    ),
    Invariant(
        "INV-07", "what is not kept is given back", AlarmKind.BOOKS, (Movement,),
        (books.what_is_not_kept_is_given_back,),
    ),
    Invariant(
        "INV-08", "a booking is in one batch; lines, totals and the acquirer agree", AlarmKind.BOOKS,
        (Movement, BookingPeriod),
        (books.a_booking_stands_in_one_batch, books.a_batch_is_what_it_was_frozen_with),
        (acquirer.batches_are_the_acquirers, acquirer.bookings_are_in_the_same_batch_there),
    ),
    Invariant(
        "INV-09", "refunds stay within what was booked", AlarmKind.BOOKS, (Entry,),
        (books.refunds_stay_within_the_booking, books.refunds_stay_within_their_part),
    ),
    Invariant(
        "INV-10", "a state is where its history ends, and each step is in its table", AlarmKind.HISTORY, (Step,),
        (rows.histories_hold_together, rows.states_are_those_of_the_history),
    ),
    Invariant(
        "INV-11", "a success has its letters and its call, delivered or due", AlarmKind.LETTERS,
        (Attempt, Mail, Delivery),
        (rows.a_success_has_its_letters, rows.letters_are_delivered_or_due, rows.calls_are_delivered_or_due),
    ),
    Invariant(
        "INV-12", "money was asked for as the decision table allows", AlarmKind.LIABILITY, (Attempt,),
        (liability.money_was_asked_for_by_the_table,),
    ),
    Invariant(
        "INV-13", "a liability shift has its authentication, used once", AlarmKind.LIABILITY,
        (Entry, Authentication),
        (liability.no_more_is_claimed_than_was_proven, liability.an_authentication_is_used_once),
        (acquirer.a_shift_that_was_refused_is_not_claimed,),
    ),
    Invariant(
        "INV-14", "no card number stands where none belongs", AlarmKind.CARD_DATA, tuple(owned_models()),
        (rows.no_text_holds_a_card_number, rows.cards_are_held_no_longer_than_needed),
    ),
    Invariant(
        "INV-15", "every row of the vault opens, in its place only", AlarmKind.CARD_DATA, (VaultEntry,),
        (vault.every_entry_opens_in_its_place_only,),
    ),
    Invariant(
        "INV-16", "nothing refers to another merchant", AlarmKind.HISTORY, tuple(owned_models()),
        (rows.nothing_refers_to_another_merchant,),
    ),
    Invariant(
        "INV-17", "nothing takes more attempts than it allows", AlarmKind.BOOKS, (Offer, Attempt),
        (books.an_offer_takes_no_more_attempts_than_it_allows, links.a_visit_takes_no_more_attempts_than_it_allows),
    ),
    Invariant(
        "INV-18", "an amount stays the same all the way", AlarmKind.BOOKS, liability.PRICED,
        (liability.amounts_have_their_currencys_exponent, liability.an_amount_stays_the_same_all_the_way),
        (acquirer.amounts_are_the_acquirers,),
    ),
    Invariant(
        "INV-19", "the audit chain is unbroken and has every movement of money", AlarmKind.HISTORY, (AuditLine,),
        (audit.the_chain_is_whole, audit.what_was_moved_has_its_line),
    ),
    Invariant(
        "INV-20", "every letter is in the archive, whole", AlarmKind.LETTERS, (Mail,),
        (rows.letters_sent_are_in_the_archive,),
    ),
)  # fmt: skip


def evaluate(*, now: datetime) -> list[Result]:
    """Look at all of them. Not to be called inside a transaction, except by tests that live in one.

    What is broken is looked at again: two looks in a row must find the same, so that an answer that came between
    reading the acquirer's book and reading ours is no alarm.
    """
    first = _look(now=now)
    if all(result.holds for result in first):
        return first
    return [
        replace(result, broken=tuple(one for one in result.broken if one in before.broken))
        for before, result in zip(first, _look(now=now), strict=True)
    ]


def _look(*, now: datetime) -> list[Result]:
    view = View(records_of_acquirer(), now=now)
    with across_tenants(), one_moment():
        return [_judged(invariant, view) for invariant in INVARIANTS]


def _judged(invariant: Invariant, view: View) -> Result:
    checks: Iterable[Check] = invariant.checks
    if view.records is not None:
        checks = (*invariant.checks, *invariant.against_acquirer)
    broken = [one for check in checks for one in check(view)]
    return Result(
        invariant, sum(view.count(model) for model in invariant.looks_at), tuple(dict.fromkeys(broken))
    )
