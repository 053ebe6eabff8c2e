"""What two people must decide, as the pages show it: a question to the acquirer, or a batch (safety.md 2.1 REVIEW)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Model, Prefetch, Q, QuerySet

from paygate.journal.find import periods_of
from paygate.journal.models import BookingPeriod, Decision, Entry, Movement
from paygate.journal.review import movements_under_review, periods_under_review, verdicts_for
from paygate.journal.states import Verdict
from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.money.amount import Money
from paygate.places import MOST_COUNTED, Counted
from paygate.refusals import NotFound

SHOWN: Final = 100  # those that wait longest; a lost database can leave more (OC-12)


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to decide, or decided, with all that was said about it."""

    subject: Movement | BookingPeriod
    decisions: tuple[Decision, ...]  # the oldest first

    @property
    def movement(self) -> Movement | None:
        """The question it is about, if it is one."""
        return self.subject if isinstance(self.subject, Movement) else None

    @property
    def period(self) -> BookingPeriod | None:
        """The batch it is about, if it is one."""
        return self.subject if isinstance(self.subject, BookingPeriod) else None

    @property
    def name(self) -> str:
        """In addresses: our own request id, or terminal and number of the batch."""
        return name_of_case(self.subject)

    @property
    def terminal(self) -> Terminal:
        """Where it happened."""
        terminal: Terminal = (
            self.subject.entry.terminal if isinstance(self.subject, Movement) else self.subject.terminal
        )
        return terminal

    @property
    def sums(self) -> list[Money]:
        """What it is about, in each currency alone (safety.md MO-4)."""
        if isinstance(self.subject, Movement):
            return [self.subject.amount]
        return [Money(minor, code) for code, minor in sorted(self.subject.totals.items())]

    @property
    def tries(self) -> int:
        """How often the acquirer was asked in vain."""
        return self.subject.inquiries if isinstance(self.subject, Movement) else self.subject.tries

    @property
    def since(self) -> datetime | None:
        """Since when it waits for people."""
        return self.subject.review_since

    @property
    def is_open(self) -> bool:
        """Is there still something to decide?"""
        if isinstance(self.subject, Movement):
            return self.subject.is_under_review
        return self.subject.review_since is not None

    @property
    def proposal(self) -> Decision | None:
        """What one person has said and nobody has confirmed yet."""
        if not self.is_open:
            return None
        return next((one for one in self.decisions if one.ended_at is None), None)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What can be said of it."""
        return verdicts_for(self.movement)


def name_of_case(subject: Movement | BookingPeriod) -> str:
    """The name of a case in addresses."""
    if isinstance(subject, Movement):
        return subject.request_id
    return f"{subject.terminal.number}-{subject.number}"


def open_cases() -> list[Case]:
    """What waits for a decision, the longest waiting first."""
    movements = _with_decisions(movements_under_review().prefetch_related("entry__contract"))[:SHOWN]
    periods = _with_decisions(periods_under_review())[:SHOWN]
    cases = [_case(subject) for subject in (*movements, *periods)]
    return sorted(cases, key=_waiting_since)[:SHOWN]


def _waiting_since(case: Case) -> datetime:
    assert case.since is not None, "what is open waits"
    return case.since


def count_open() -> Counted:
    """How many there are."""
    waiting = (movements_under_review(), periods_under_review())
    return Counted.up_to(sum(rows[: MOST_COUNTED + 1].count() for rows in waiting))


def case_of(by: Actor, name: str) -> Case:
    """The actor's case of this name, decided ones too. Raises `NotFound` for unknown and foreign ones alike (TN-4)."""
    by.require(Permission.SEE_JOURNAL)
    movements = Movement.objects.filter(merchant_id=by.merchant_id, request_id=name)
    related = _reviewed(movements.select_related("entry__terminal", "entry__contract", "about"))
    subject: Any = _with_decisions(related).first()
    if subject is None:
        terminal_number, _dash, number = name.rpartition("-")
        if number.isascii() and number.isdigit() and len(number) < 10:
            batches = periods_of(by).filter(terminal__number=terminal_number, number=int(number))
            subject = _with_decisions(_reviewed(batches)).first()
    if subject is None:
        raise NotFound
    return _case(subject)


def decisions_about(entry: Entry) -> list[Decision]:
    """All that people said about the questions of one payment, the newest first."""
    about = Decision.objects.filter(movement__entry=entry).select_related("movement__entry")
    return list(about.order_by("-pk"))


def _reviewed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those that were ever put under review; a decision to ask again takes the mark away."""
    return rows.filter(Q(review_since__isnull=False) | Q(decisions__isnull=False)).distinct()


def _with_decisions(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.prefetch_related(Prefetch("decisions", Decision.objects.order_by("pk")))


def _case(subject: Model) -> Case:
    assert isinstance(subject, Movement | BookingPeriod)
    return Case(subject, tuple(subject.decisions.all()))
