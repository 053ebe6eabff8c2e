"""The merchant's people: they write offers, book, cancel, close batches, and decide what nobody can find out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from paygate.acquiring.connector import Operation
from paygate.acquiring.simulator.ledger import opened
from paygate.checkout.decide import confirm
from paygate.journal import review
from paygate.journal.batch_close import close_batch, file_again
from paygate.journal.cancel import cancel
from paygate.journal.capture import capture
from paygate.journal.models import BookingPeriod, Entry, EntryType, Kind, Movement, Origin
from paygate.journal.movements import ON_ITS_WAY, STEPS
from paygate.journal.parts import PartWish, booked_parts, capture_part, left_open, release_rest
from paygate.journal.refund import RefundWish, refund
from paygate.journal.states import EntryState, PeriodState, Verdict
from paygate.links.change import change_link, create_link, delete_link, restore_link
from paygate.links.models import Link
from paygate.links.states import LinkState
from paygate.links.terms import LinkTerms, terms_of
from paygate.mail.models import Mail
from paygate.mail.outbox import send_again
from paygate.mail.states import MailState
from paygate.merchants.models import Booking, Terminal
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.offers import change
from paygate.offers.create import create_offer
from paygate.offers.models import AskEmail, Offer, Source
from paygate.offers.states import OfferState
from paygate.offers.terms import OfferTerms
from paygate.threeds.liability import Condition
from tests.seeds.world import World

AMOUNTS: Final = (4900, 4900, 12000, 4901, 4904, 4943, 4951, 6651)  # the endings are those of the test cards
LIFETIMES: Final = (timedelta(hours=1), timedelta(days=2), timedelta(days=14))


class Merchants:
    """One merchant with two terminals, of which one gives back what lost its liability shift."""

    def __init__(self, world: World, terminals: Sequence[Terminal]) -> None:
        self.world = world
        self.terminals = terminals
        merchant_id = terminals[0].merchant_id
        self.anna = Actor(merchant_id, "member:1", frozenset(Permission))
        self.beat = Actor(merchant_id, "member:2", frozenset(Permission))
        self.offers: list[UUID] = []
        self.links: list[UUID] = []

    def write_offer(self) -> bool:
        chance = self.world.chance
        terms = OfferTerms(
            amount=Money(chance.choice(AMOUNTS), "CHF"),
            description="Double room, one night",
            expires_at=self.world.now + chance.choice(LIFETIMES),
            booking=chance.choice([Booking.FINAL, Booking.AUTOMATIC, Booking.PRE_AUTHORIZATION]),
            condition=chance.choice([Condition.NONE, Condition.NONE, *Condition]),
            payer_email=chance.choice(["", "carla@example.org", "carla@example.org"]),
            ask_email=AskEmail.OPTIONAL,
            max_attempts=chance.choice([0, 0, 1, 3]),
        )
        terminal = chance.choice(self.terminals)
        offer = create_offer(terminal, terms, source=Source.BACKOFFICE, by=self.anna, now=self.world.now)
        self.offers.append(offer.pk)
        self.world.tell(f"Anna writes link {str(offer.pk)[:6]}: {terms.amount.minor}, {terms.booking}, "
                        f"{terms.condition.name}, at most {terms.max_attempts} tries")  # fmt: skip
        return True

    def change_offer(self) -> bool:
        """Another amount, taken back, or offered again."""
        if not self.offers:
            return False
        taken_back = list(Offer.objects.filter(state=OfferState.DISABLED).order_by("created_at"))
        offer = Offer.objects.get(pk=self.world.chance.choice(self.offers[-4:]))
        if taken_back and self.world.chance.random() < 0.8:
            offer = taken_back[-1]
        self.world.tell(f"Anna changes link {str(offer.pk)[:6]}")
        if offer.state == OfferState.DISABLED:
            change.restore(offer.pk, by=self.anna, now=self.world.now)
        elif self.world.chance.random() < 0.5:
            change.disable(offer.pk, by=self.anna, now=self.world.now)
        else:
            terms = change.terms_of(offer, now=self.world.now)
            change.change_offer(offer.pk, terms, seen=offer.revision, by=self.anna, now=self.world.now)
        return True

    def write_link(self) -> bool:
        """A multi-use link, whose payers often say how much, and which often takes only so much."""
        chance = self.world.chance
        amount = Money(chance.choice(AMOUNTS), "CHF") if chance.random() < 0.4 else None
        terms = LinkTerms(
            description="Donation for the roof",
            currency="CHF",
            amount=amount,
            booking=chance.choice([Booking.FINAL, Booking.AUTOMATIC]),
            condition=chance.choice([Condition.NONE, Condition.NONE, *Condition]),
            reference_prefix="ROOF-",
            email_required=False,
            ends_at=chance.choice([None, None, self.world.now + LIFETIMES[0], self.world.now + LIFETIMES[1]]),
            most_payments=chance.choice([None, None, 1, 2, 3]),
            most_total=chance.choice([None, None, Money(15_000, "CHF")]),
        )
        terminal = chance.choice(self.terminals)
        form_id = UUID(int=chance.getrandbits(128))
        link, _now_made = create_link(terminal, terms, form_id=form_id, by=self.anna, now=self.world.now)
        self.links.append(link.pk)
        self.world.tell(f"Anna writes multi-use link {str(link.pk)[:6]}: {amount and amount.minor}, {terms.booking}, "
                        f"at most {terms.most_payments} payments and {terms.most_total}")  # fmt: skip
        return True

    def change_link(self) -> bool:
        """Other limits, deleted, or restored."""
        if not self.links:
            return False
        chance, now = self.world.chance, self.world.now
        link = Link.objects.get(pk=chance.choice(self.links[-3:]))
        self.world.tell(f"Anna changes multi-use link {str(link.pk)[:6]}")
        if link.state == LinkState.DELETED:
            restore_link(link.pk, by=self.anna, now=now)
        elif chance.random() < 0.4:
            delete_link(link.pk, by=self.anna, now=now)
        else:
            terms = replace(terms_of(link), most_payments=chance.choice([None, 1, 2, 4]))
            change_link(link.pk, terms, seen=link.revision, by=self.anna, now=now)
        return True

    def book(self) -> bool:
        entry = self._one_entry(Q(state=EntryState.AUTHORIZED, booked_minor=0))
        if entry is None:
            return False
        lowered = self.world.chance.random() < 0.3 and not entry.is_refund
        amount = Money(self.world.chance.randint(1, entry.amount_minor), entry.currency) if lowered else None
        self.world.tell(f"Anna books entry {entry.pk}")
        capture(entry.pk, amount=amount, by=self.anna, now=self.world.now)
        return True

    def book_part(self) -> bool:
        """The shop ships something, or nothing more: it books a part by a name of its own, or releases the rest."""
        chance = self.world.chance
        fresh = Q(booked_minor=0, method__in=[row.name for row in METHODS.values() if row.multipart])
        entry = self._one_entry(
            Q(type=EntryType.PAYMENT, state=EntryState.AUTHORIZED) & (fresh | Q(parts_minor__gt=0))
        )
        if entry is None:
            return False
        if entry.is_in_parts and chance.random() < 0.3:
            self.world.tell(f"The shop releases the rest of entry {entry.pk}")
            release_rest(entry.pk, by=self.anna, now=self.world.now)
            return True
        amount = Money(chance.randint(1, max(1, left_open(entry).minor)), entry.currency)
        wish = PartWish(amount, chance.choice(["shoes", "hat", "gloves"]), final=chance.random() < 0.2)
        self.world.tell(f"The shop books {wish.name} of entry {entry.pk}: {amount.minor}, final {wish.final}")
        capture_part(entry.pk, wish, by=self.anna, now=self.world.now)
        return True

    def cancel(self) -> bool:
        is_in_open_period = Q(movements__period__state=PeriodState.OPEN)
        entry = self._one_entry(Q(state=EntryState.AUTHORIZED) | is_in_open_period)
        if entry is None:
            return False
        self.world.tell(f"Anna cancels entry {entry.pk}")
        cancel(entry.pk, by=self.anna, now=self.world.now)
        return True

    def refund(self) -> bool:
        """Pay back something booked, whole or in part, to be booked at once or later."""
        entry = self._one_entry(
            Q(type=EntryType.PAYMENT) & (Q(state=EntryState.CAPTURED) | Q(parts_minor__gt=0))
        )
        if entry is None:
            return False
        chance = self.world.chance
        amount = (
            Money(chance.randint(1, entry.amount_minor), entry.currency) if chance.random() < 0.5 else None
        )
        self.world.tell(f"Anna refunds entry {entry.pk}")
        parts = booked_parts(entry)
        part = chance.choice(parts).pk if parts else None
        wish = RefundWish(amount, part=part, booked_at_once=chance.random() < 0.7)
        refund(entry.pk, wish, by=self.anna, now=self.world.now)
        return True

    def close(self) -> bool:
        """Close by hand; or file again what was refused."""
        refused = list(BookingPeriod.objects.filter(state=PeriodState.REFUSED, review_since=None)[:1])
        if refused:
            self.world.tell(f"Anna files period {refused[0].pk} again")
            file_again(refused[0].pk, by=self.anna, now=self.world.now)
            return True
        periods = BookingPeriod.objects.filter(state=PeriodState.OPEN, lines__isnull=False)
        open_ones = list(periods.select_related("terminal").distinct().order_by("pk"))
        if not open_ones:
            return False
        period = self.world.chance.choice(open_ones)
        self.world.tell(f"Anna closes period {period.pk}")
        close_batch(period.terminal, by=self.anna, now=self.world.now)
        return True

    def decide(self) -> bool:
        """Two people look into the acquirer's book, and say what became of it."""
        for movement in review.movements_under_review()[:1]:
            verdict = self._verdict_on(movement)
            self.world.tell(f"Anna and Beat decide about movement {movement.pk}: {verdict}")
            self._decided(verdict, movement_id=movement.pk)
            return True
        for period in review.periods_under_review()[:1]:
            verdict = Verdict.HAPPENED if self._is_booked(period) else Verdict.ASK_AGAIN
            self.world.tell(f"Anna and Beat decide about period {period.pk}: {verdict}")
            self._decided(verdict, period_id=period.pk)
            return True
        return False

    def send_letter_again(self) -> bool:
        mail = Mail.objects.filter(state=MailState.GIVEN_UP).order_by("pk").first()
        if mail is None:
            return False
        self.world.tell(f"Anna sends letter {mail.pk} again")
        send_again(mail, by=self.anna.name, now=self.world.now)
        return True

    def _decided(
        self, verdict: Verdict, *, movement_id: int | None = None, period_id: int | None = None
    ) -> None:
        decision = review.propose(
            movement_id=movement_id,
            period_id=period_id,
            verdict=verdict,
            reason="It stands so in the acquirer's book.",
            by=self.anna,
            now=self.world.now,
        )
        confirm(decision.pk, by=self.beat, now=self.world.now)

    def _verdict_on(self, movement: Movement) -> Verdict:
        with opened() as ledger:
            record = ledger.find(movement.request_id)
            about = ledger.find(movement.about.request_id) if movement.about else None
        if movement.entry.origin == Origin.ORPHAN:
            return Verdict.GIVE_BACK
        if movement.kind == Kind.REVERSE:
            return Verdict.ASK_AGAIN if about is not None and about.stands else Verdict.HAPPENED
        return Verdict.HAPPENED if record is not None and record.stands else Verdict.DID_NOT_HAPPEN

    def _is_booked(self, period: BookingPeriod) -> bool:
        with opened() as ledger:
            rows = [row for row in ledger.of_terminal(period.terminal.number) if row.op == Operation.BATCH]
        return any(
            row.stands and (row.batch, row.content_hash) == (period.number, period.content_hash)
            for row in rows
        )

    def _one_entry(self, fits: Q) -> Entry | None:
        """One of those about which nothing is on its way; seldom any: then it is refused."""
        on_its_way = Movement.objects.filter(entry=OuterRef("pk"), kind__in=STEPS, state__in=ON_ITS_WAY)
        entries = Entry.objects.filter(fits).exclude(Exists(on_its_way)).distinct()
        if self.world.chance.random() < 0.02:
            entries = Entry.objects.all()
        found = list(entries.order_by("pk"))
        return self.world.chance.choice(found) if found else None
