"""One payment from the buyer's page to the batch, at a counter whose acquirer misbehaves, with a clock that jumps.

Carla pays by card on her page; Anna books, cancels and closes the batch on hers. What stands in the books, what each of
them is told and what the acquirer holds is said in few words, so that a table can expect it.
"""

from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from paygate.acquiring.simulator import ledger
from paygate.audit.chain import chain_all
from paygate.backoffice.journal.detail_views import seen
from paygate.checkout.models import Attempt
from paygate.checkout.states import LIVE
from paygate.checkout.tasks import tie_up_loose_ends
from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.journal.models import BookingPeriod, Entry, Kind, Movement
from paygate.journal.reversal import UNACKNOWLEDGED
from paygate.journal.states import MovementState, PeriodState
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence, Role
from paygate.operations.repair import outbox, repair
from paygate.tenants.context import across_tenants
from tests.api.program import program_of
from tests.backoffice.reading import words
from tests.cast import somebody
from tests.flows.buyer import MASTERCARD, Buyer
from tests.make.desks import desk

LATE: Final = 0.02  # seconds that a late answer takes: nobody waits so long here
MOST_STEPS: Final = 150  # of one schedule; more would be for ever

# What a page says, and what that is called in the tables; the first that is found counts.
TOLD: Final = {
    "We are checking your payment": "checking",
    "Nothing has been charged": "nothing taken",
    "CHF 49.90 booked.": "booked",
    "CHF 49.90 canceled.": "canceled",
    "CHF 29.90 released.": "released",
    "CHF 49.90 refunded.": "refunded",
    "could not be reached": "not reached",
    "The acquirer declined": "declined",
    "The batch is closed, and the acquirer has it.": "filed",
    "still waiting for the acquirer": "waits for the acquirer",
    "have no answer yet": "no answer yet",
    "We are taking it back": "taken back",
}
TOLD_PROGRAMS: Final = {
    "COMMUNICATION_TIMEOUT": "no answer yet",
    "COMMUNICATION_FAILED": "not reached",
    "TRANSACTION_DECLINED": "declined",
    "PAYER_AUTHENTICATION_REQUIRED": "declined",
}


class Counter:
    """A desk, its manager Anna, its shop's program, and one link."""

    def __init__(self) -> None:
        self.desk = desk()
        with self.desk.in_view():
            self.anna = somebody(self.desk.terminal, "Anna", Role.MANAGER)
            Licence.objects.update_or_create(
                merchant=self.desk.merchant, defaults={"features": [one.value for one in Feature]}
            )
            self.shop = program_of(self.desk.merchant)
        self.link = self.desk.link()

    def pay(self) -> str:
        """Carla opens the link and pays by card; what she is told."""
        carla = Buyer()
        carla.open(self.link)
        if carla.step not in ("choose", "card"):
            return f"cannot pay: {carla.step}"
        carla.pay_by_card(MASTERCARD)
        self.carla = carla
        return self.seen_by_carla()

    def look(self) -> str:
        """What Carla's page says now."""
        self.carla.reload()
        return self.seen_by_carla()

    def seen_by_carla(self) -> str:
        """What her page is, in a word."""
        return {"paid": "paid", "challenge": "the bank asks"}.get(self.carla.step) or told(
            self.carla.page.words
        )

    def book(self) -> str:
        """Anna presses the button on the payment's page; what she is told."""
        return self._press("entry_book", self._transaction(), amount="49.90")

    def book_part(self) -> str:
        """The shop's program books CHF 20.00 of it; what it is told."""
        body = {
            "TransactionReference": {"TransactionId": self._transaction()},
            "Type": "PARTIAL",
            "OrderPartId": "shoes",
            "Amount": {"Value": "2000", "CurrencyCode": "CHF"},
        }
        return self._call("MultipartCapture", body) or "booked"

    def send_money(self) -> str:
        """The shop's program sends CHF 20.00 to a card; what it is told."""
        body = {
            "TerminalId": self.desk.terminal.number,
            "Refund": {"Amount": {"Value": "2000", "CurrencyCode": "CHF"}},
            "PaymentMeans": {"Card": {"Number": MASTERCARD, "ExpMonth": 12, "ExpYear": 2034}},
        }
        return self._call("RefundDirect", body) or "sent"

    def _call(self, name: str, body: dict[str, Any]) -> str:
        with self.desk.in_view():
            error = self.shop.call(f"Transaction/{name}", body).error
        return TOLD_PROGRAMS.get(error, error)

    def release(self) -> str:
        """Anna releases what is left."""
        return self._press("entry_release", self._transaction(), seen=seen(self.link.entries[-1]))

    def cancel(self) -> str:
        """The other button."""
        return self._press("entry_cancel", self._transaction(), seen=seen(self.link.entries[-1]))

    def refund(self) -> str:
        """She pays the payment back, on the same page."""
        typed = {"seen": seen(self.link.entries[-1]), "refund-amount": "49.90"}
        return self._press("entry_refund", self._transaction(), **typed)

    def close(self) -> str:
        """She closes the batch."""
        return self._press("period_close", self.desk.terminal.number)

    def _press(self, page: str, *where: str, **typed: str) -> str:
        answer = self.anna.confirmed_browser().post(
            reverse(f"backoffice:{page}", args=where), typed, follow=True
        )
        return told(words(answer))

    def _transaction(self) -> str:
        return self.link.entries[-1].transaction_id

    @property
    def books(self) -> str:
        """Offer, attempts with their payments and questions, batch."""
        entries = [_payment(one) for one in self.link.attempts]
        with self.desk.in_view():
            batches = [
                state for state in BookingPeriod.objects.values_list("state", flat=True) if state != "OPEN"
            ]
            refunds = [f"refund {_entry(one)}" for one in Entry.objects.filter(type="REFUND").order_by("pk")]
        return " | ".join([self.link.state, *entries, *refunds, *(f"batch {state}" for state in batches)])

    @property
    def letters(self) -> str:
        """Which were written, to the payer and to the desk."""
        return " ".join(letter.kind for letter in self.desk.letters)


def told(page: str) -> str:
    """What a page says, in a word of the table."""
    page = page.replace("\u00a0", " ")
    return next((word for text, word in TOLD.items() if text in page), page[:200])


def _payment(attempt: Attempt) -> str:
    entry = attempt.entry
    if entry is None:
        return str(attempt.state)
    return f"{attempt.state} {_entry(entry)}"


def _entry(entry: Entry) -> str:
    with across_tenants():
        asked = [f"{one.kind} {_state(one)}" for one in Movement.objects.filter(entry=entry)]
    shift = "" if entry.liability_shift or entry.is_refund or not entry.succeeded else " without shift"
    return f"{entry.state}{shift}: {', '.join(asked)}"


def _state(movement: Movement) -> str:
    return "REVIEW" if movement.is_under_review else str(movement.state)


def held() -> str:
    """What the acquirer holds: reserved and booked, and what of it stands in a batch."""
    filed = _held("CAPTURE", in_batch=True)
    sums = {"reserved": _held("AUTH"), "booked": booked(), "paid back": paid_back(), "filed": filed}
    return " ".join(f"{minor} {what}" for what, minor in sums.items() if minor)


def booked() -> int:
    """How much the acquirer has booked, in minor units."""
    return _held("CAPTURE")


def paid_back() -> int:
    """How much the acquirer has paid back, in minor units."""
    return _held("REFUND")


def _held(op: str, *, in_batch: bool = False) -> int:
    book: list[dict[str, Any]] = ledger.listed()
    return sum(
        row["approved"]
        for row in book
        if row["op"] == op and row["code"] == "00" and not row["undone"] and bool(row["batch"]) >= in_batch
    )


def in_seconds(seconds: int) -> None:
    """So many seconds after the beginning the jobs that are due run."""
    settings.PAYGATE_CLOCK_OFFSET = str(seconds)
    sweep()
    run_due()


def run_on() -> None:
    """Jump from one due moment to the next, until nobody waits for an answer."""
    for _ in range(MOST_STEPS):
        due = _next_due()
        if due is None:
            return
        settings.PAYGATE_CLOCK_OFFSET = str(
            max(_offset(), ceil((due - datetime.now(UTC)).total_seconds()) + 1)
        )
        assert repair()["failed"] == 0, "a repair died"
    raise AssertionError(f"still waiting after {MOST_STEPS} steps")


def go_home() -> None:
    """Two hours later no payer is there any more, and all letters are out."""
    settings.PAYGATE_CLOCK_OFFSET = str(_offset() + 2 * 60 * 60)
    tie_up_loose_ends()
    chain_all()
    assert outbox()["failed"] == 0, "a letter died"


def _offset() -> int:
    return int(settings.PAYGATE_CLOCK_OFFSET or 0)


def _next_due() -> datetime | None:
    """When the next question is due, of whatever kind."""
    with across_tenants():
        waiting = Movement.objects.filter(review_since=None)
        asked_about = waiting.exclude(kind=Kind.REVERSE).filter(
            state__in=[MovementState.UNKNOWN, MovementState.ELSEWHERE], next_inquiry_at__isnull=False
        )
        given_back = waiting.filter(kind=Kind.REVERSE, state__in=UNACKNOWLEDGED)
        moments = [
            *asked_about.values_list("next_inquiry_at", flat=True),
            *given_back.values_list("next_inquiry_at", flat=True),
            *waiting.filter(look_again_at__isnull=False).values_list("look_again_at", flat=True),
            *BookingPeriod.objects.filter(state=PeriodState.CLOSING).values_list("next_try_at", flat=True),
        ]
    return min((moment for moment in moments if moment), default=None)


def undecided() -> list[str]:
    """What nobody has decided and no two people are asked to decide."""
    with across_tenants():
        reviewed = Movement.objects.filter(review_since__isnull=False)
        questions = Movement.objects.filter(settled_at=None, review_since=None).exclude(
            state=MovementState.NOT_SENT
        )
        # Behind a give-back stands its original: whoever decides about the one decides about both.
        questions = questions.exclude(give_backs__in=reviewed)
        looks = Movement.objects.filter(look_again_at__isnull=False)
        payments = Entry.objects.filter(state="PENDING").exclude(movements__in=reviewed)
        attempts = Attempt.objects.filter(state__in=LIVE).exclude(entry__movements__in=reviewed)
        batches = BookingPeriod.objects.filter(state=PeriodState.CLOSING)
        return [repr(row) for rows in (questions, looks, payments, attempts, batches) for row in rows]
