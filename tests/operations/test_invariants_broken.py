"""Each invariant is broken on purpose, around everything that keeps it, and is seen (safety.md 23)."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F, Q

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.ledger import Record
from paygate.aliases.models import VaultEntry, VaultKey
from paygate.audit.chain import chain_all
from paygate.audit.models import AuditLine
from paygate.cards.models import HeldCardKey
from paygate.checkout.models import Attempt, Session
from paygate.journal.models import BookingPeriod, Entry, Kind, Movement
from paygate.lifecycle.models import Step
from paygate.mail.models import Mail
from paygate.offers.models import Offer
from paygate.operations.invariants import INVARIANTS
from paygate.operations.invariants_rows import OPENED_TO_SEE
from paygate.tenants.context import across_tenants
from paygate.tenants.walls import lower
from paygate.threeds.models import Authentication, MessageLine
from paygate.webhooks.models import Delivery
from tests.flows.buyer import VISA
from tests.invariants import assert_invariants_hold, broken
from tests.make.desks import Desk, Link, desk
from tests.operations.shop import (
    at_the_bank,
    booked,
    canceled,
    filed,
    forge,
    given_back,
    in_parts,
    paid,
    refunded,
    refused_by_the_bank,
    released,
    silent,
    unfiled,
    with_a_card_kept,
)
from tests.walls import without_walls

pytestmark = pytest.mark.django_db

Story = Callable[[Desk], Link]
Break = Callable[[Link], Any]


@pytest.fixture(autouse=True)
def own_clock(settings) -> None:
    """Stories may let time pass."""
    settings.PAYGATE_CLOCK_OFFSET = ""


def all_of(model: Any, **columns: Any) -> Break:
    """Write columns of every row, around every rule."""
    return lambda link: model.objects.update(**columns)


def movements(kind: Kind, **columns: Any) -> Break:
    return lambda link: Movement.objects.filter(kind=kind).update(**columns)


def reference(link: Link, kind: Kind = Kind.AUTHORIZE) -> str:
    about = Q(entry=link.entry) | Q(entry__pays_back=link.entry)
    return str(Movement.objects.filter(about, kind=kind).values_list("request_id", flat=True)[0])


def there(kind: Kind = Kind.AUTHORIZE, **changes: Any) -> Break:
    """The acquirer believes something else of this question."""
    return lambda link: forge(reference(link, kind), **changes)


def the_batch_there(**changes: Any) -> Break:
    return lambda link: forge(BookingPeriod.objects.exclude(request_id="").get().request_id, **changes)


def another_approval(link: Link, **changes: Any) -> None:
    """The acquirer approved something that we never asked for."""
    with ledger.opened() as book:
        record = book.find(reference(link))
        assert record is not None
        book.write(Record(**asdict(record) | {"request_id": "1-STRANGE", "reference": "strange"} | changes))


def another_attempt(link: Link) -> None:
    first = link.attempt
    Attempt.objects.filter(pk=first.pk).update(state="DECLINED", locks_offer=False)
    first.pk, first.form_id = None, uuid4()
    first.held_card = first.authentication = first.entry = None
    first.save()


def a_third_try(link: Link) -> None:
    """Tries that follow each other without the payer."""
    for _ in range(2):
        another_attempt_after(Attempt.objects.order_by("pk").last())


def another_attempt_after(one: Attempt | None) -> None:
    assert one is not None
    Attempt.objects.filter(pk=one.pk).update(state="DECLINED", locks_offer=False)
    one.second_try_of_id, one.pk, one.form_id = one.pk, None, uuid4()
    one.held_card = one.authentication = one.entry = None
    one.save()


def a_step(**columns: Any) -> Break:
    def write(link: Link) -> None:
        facts = {
            "subject": "offers.Offer",
            "subject_id": str(link.id),
            "by": "x",
            "cause": "x",
            "at": clock.now(),
        }
        Step.objects.create(merchant=link.desk.merchant, **facts | columns)

    return write


def without_the_last_step(link: Link) -> None:
    step = Step.objects.filter(subject="journal.Entry").order_by("pk").last()
    assert step is not None
    step.delete()


def without_the_first_step(link: Link) -> None:
    step = Step.objects.filter(subject="journal.Entry").order_by("pk").first()
    assert step is not None
    step.delete()


def without_letters(kind: str) -> Break:
    return lambda link: Mail.objects.filter(kind=kind).delete()


def a_copy_that_is_another_letter(link: Link) -> None:
    Mail.objects.exclude(copy_of=None).update(sha256="0" * 64)


def of_another_merchant(link: Link) -> None:
    """Past both walls."""
    flowers = desk("200002", "17000099", name="Carla's Flowers")
    connection.check_constraints()
    lower()
    with connection.constraint_checks_disabled():
        Attempt.objects.update(contract=flowers.terminal.contracts.first())


def a_line(**columns: Any) -> Break:
    """A line of the audit log that says something else now, past the wall around it."""

    def change(link: Link) -> None:
        chain_all()
        without_walls()
        AuditLine.objects.update(**columns)

    return change


def a_line_of(action: str, link: Link) -> None:
    """The line of one thing tells of something else."""
    chain_all()
    without_walls()
    AuditLine.objects.filter(action=action).update(subject="entry:another")


def held_longer(link: Link) -> None:
    HeldCardKey.objects.update(sealed_key=b"still here")


def archived(hotel: Desk) -> Link:
    """A payment with a copy of its letter to the archive."""
    hotel.prefers(archive_email="archive@alpenblick.example")
    return paid(hotel)


def told(hotel: Desk) -> Link:
    """A payment of which the merchant's server is told."""
    hotel.prefers(notify_url="https://shop.example/paid")
    return paid(hotel)


def told_twice(link: Link) -> None:
    first = Delivery.objects.get()
    first.pk, first.public_id = None, uuid4()
    first.save()


def many_letters_later(hotel: Desk) -> Link:
    """So many that the first one is not among the newest."""
    link = paid(hotel)
    for _ in range(OPENED_TO_SEE // 2):
        paid(hotel)
    return link


def torn(link: Link) -> None:
    oldest = Mail.objects.filter(copy_of=None).order_by("pk")[0]
    Mail.objects.filter(pk=oldest.pk).update(message=bytes(oldest.message)[: oldest.size])


BROKEN: list[tuple[str, str, Story, Break]] = [
    ("INV-01", "more is booked than reserved", booked, movements(Kind.CAPTURE, amount_minor=999_999)),
    ("INV-01", "the column says less", booked, all_of(Entry, booked_minor=1)),
    ("INV-01", "booked in another currency", booked, movements(Kind.CAPTURE, currency="EUR")),
    ("INV-02", "paid, and open again", paid, all_of(Offer, state="OPEN", paid_at=None)),
    ("INV-02", "paid by nothing", paid, all_of(Attempt, state="DECLINED")),
    ("INV-02", "paid for another offer", paid, all_of(Entry, single_use_of=str(uuid4()))),
    ("INV-02", "a success that nobody tried", paid, all_of(Attempt, entry=None)),
    ("INV-02", "held by nobody", at_the_bank, all_of(Offer, claim=str(uuid4()), claimed_until=None)),
    ("INV-02", "free while money is asked for", silent, all_of(Offer, claim="")),
    ("INV-03", "approved there, unknown here", paid, another_approval),
    ("INV-03", "booked there, unknown here", booked, lambda link: another_approval(link, op="CAPTURE")),
    ("INV-03", "held there, canceled here", paid, all_of(Entry, state="CANCELED")),
    ("INV-03", "held there, declined here", paid, movements(Kind.AUTHORIZE, state="DECLINED")),
    ("INV-03", "still held there after it was given back", given_back, there(undone="", code="00", approved=4990)),
    ("INV-03", "given back there, kept here", paid, there(undone="REVERSAL")),
    ("INV-04", "reserved for another amount", paid, movements(Kind.AUTHORIZE, amount_minor=1)),
    ("INV-04", "never approved", paid, movements(Kind.AUTHORIZE, state="UNKNOWN")),
    ("INV-04", "approved under another code than is shown", paid, all_of(Entry, approval_code="X")),
    ("INV-04", "approved under another reference than is shown", paid, all_of(Entry, acquirer_reference="X")),
    ("INV-04", "approved there for less", paid, there(approved=1)),
    ("INV-04", "declined there", paid, there(code="51")),
    ("INV-04", "of another terminal there", paid, there(op="CAPTURE")),
    ("INV-05", "sent twice", paid, there(count=2)),
    ("INV-05", "a batch with the reference of a booking", filed, lambda link: BookingPeriod.objects.filter(
        number=1).update(request_id=reference(link))),
    ("INV-06", "no time to ask again", silent, movements(Kind.AUTHORIZE, next_inquiry_at=None)),
    ("INV-06", "nobody who asks", silent, all_of(Attempt, state="ABANDONED", locks_offer=False)),
    ("INV-06", "a lease that ended days ago", silent, movements(
        Kind.AUTHORIZE, state="ASKED", lease_until=datetime(2026, 1, 5, tzinfo=UTC))),
    ("INV-06", "a batch that nobody files", unfiled, all_of(BookingPeriod, next_try_at=None)),
    ("INV-06", "an attempt that waits for what has come", silent, movements(
        Kind.AUTHORIZE, state="DECLINED")),
    ("INV-06", "a give-back that nobody asks for", given_back, movements(
        Kind.REVERSE, state="UNKNOWN", next_inquiry_at=None)),
    ("INV-07", "canceled by nothing", paid, all_of(Entry, state="CANCELED")),
    ("INV-07", "declined, and approved", paid, all_of(Entry, state="DECLINED")),
    ("INV-07", "approved after it was given back", given_back, movements(
        Kind.AUTHORIZE, state="APPROVED", settled_at=datetime(2126, 1, 5, tzinfo=UTC))),
    ("INV-08", "booked into no batch", booked, movements(Kind.CAPTURE, period=None)),
    ("INV-08", "canceled, and in a batch", lambda hotel: canceled(hotel, booked(hotel)), lambda link: (
        Movement.objects.filter(kind=Kind.CAPTURE).update(period=BookingPeriod.objects.first()))),
    ("INV-08", "a frozen batch that has changed", filed, all_of(BookingPeriod, line_count=2)),
    ("INV-08", "a frozen batch with other bytes", filed, all_of(BookingPeriod, content_hash="0" * 64)),
    ("INV-08", "other totals there", filed, the_batch_there(totals={"CHF": 1})),
    ("INV-08", "not booked there", filed, the_batch_there(code="95")),
    ("INV-08", "a batch that only the acquirer has", filed, lambda link: another_approval(
        link, op="BATCH", batch=77, amount=0)),
    ("INV-08", "in another batch there", filed, there(Kind.CAPTURE, batch=77)),
    ("INV-01", "a refund that is booked in part", refunded, lambda link: Entry.objects.filter(
        type="REFUND").update(booked_minor=1)),
    ("INV-03", "paid back there, unknown here", filed, lambda link: another_approval(link, op="REFUND")),
    ("INV-03", "paid back here, taken back there", refunded, there(Kind.REFUND, undone="REVERSAL")),
    ("INV-04", "paid back for less there", refunded, there(Kind.REFUND, approved=1)),
    ("INV-05", "a refund that was sent twice", refunded, there(Kind.REFUND, count=2)),
    ("INV-07", "a refund that counts as declined and was approved", refunded, lambda link: Entry.objects.filter(
        type="REFUND").update(state="DECLINED")),
    ("INV-08", "a refund in no batch", refunded, movements(Kind.REFUND, period=None)),
    ("INV-09", "more is paid back than was booked", refunded, lambda link: (
        Entry.objects.filter(type="REFUND").update(amount_minor=999_999))),
    ("INV-09", "the column says less", refunded, all_of(Entry, refunded_minor=0)),
    ("INV-09", "paid back from another contract", refunded, lambda link: Entry.objects.filter(
        type="REFUND").update(currency="EUR")),
    ("INV-01", "the column of the parts says less", in_parts, all_of(Entry, parts_minor=1)),
    ("INV-01", "another rest was released", released, movements(Kind.RELEASE, amount_minor=1)),
    ("INV-03", "a part that was given back there", in_parts, there(Kind.CAPTURE, undone="REVERSAL")),
    ("INV-04", "a part that was booked for less there", in_parts, there(Kind.CAPTURE, approved=1)),
    ("INV-04", "less was released there", released, there(Kind.RELEASE, approved=1)),
    ("INV-08", "a part in no batch", in_parts, movements(Kind.CAPTURE, period=None)),
    ("INV-09", "the column of a part says less", in_parts, movements(Kind.CAPTURE, refunded_minor=0)),
    ("INV-09", "a refund of no part", in_parts, all_of(Entry, pays_back_part=None)),
    ("INV-09", "a refund of another part", in_parts, lambda link: Entry.objects.filter(type="REFUND").update(
        pays_back_part=Movement.objects.get(part="hat"))),
    ("INV-19", "a release without its line", released, lambda link: a_line_of("rest released", link)),
    ("INV-10", "a state without a step", paid, all_of(Entry, state="CAPTURED")),
    ("INV-10", "the last step is missing", paid, without_the_last_step),
    ("INV-10", "the first step is missing", paid, without_the_first_step),
    ("INV-10", "a forbidden step", paid, a_step(old="PAID", new="OPEN")),
    ("INV-10", "a step of nothing", paid, a_step(subject="offers.Nothing", new="OPEN")),
    ("INV-11", "no confirmation", paid, without_letters("confirmation")),
    ("INV-11", "no notice", lambda hotel: paid(hotel, notify_emails=("x@example.org",)), without_letters("notice")),
    ("INV-11", "nobody calls", told, lambda link: Delivery.objects.update(
        next_try_at=clock.now() - timedelta(days=2))),
    ("INV-11", "told of no success", told, all_of(Delivery, about="entry:of nobody")),
    ("INV-11", "told twice", told, told_twice),
    ("INV-11", "nobody delivers", paid, lambda link: Mail.objects.update(
        next_try_at=clock.now() - timedelta(days=2))),
    ("INV-11", "a copy of something else", archived, a_copy_that_is_another_letter),
    ("INV-12", "paid although the bank said no", paid, all_of(Authentication, final_status="N")),
    ("INV-12", "paid before the bank said anything", paid, all_of(Authentication, final_status="")),
    ("INV-12", "paid against the condition", paid, all_of(
        Authentication, condition="WITH_SUCCESSFUL_THREE_DS_CHALLENGE")),
    ("INV-13", "a shift without a value", paid, all_of(Authentication, has_value=False)),
    ("INV-13", "a shift that the issuer refused", paid, there(shift_refused=True)),
    ("INV-13", "recognised more strongly than proven", paid, all_of(
        Entry, authentication_type="STRONG_CUSTOMER_AUTHENTICATION")),
    ("INV-13", "an authentication that was not spent", paid, all_of(Authentication, used_at=None)),
    ("INV-14", "a card number in a description", paid, all_of(Offer, description=f"card {VISA} x")),
    ("INV-14", "a card number among a browser's facts", paid, all_of(Attempt, browser_data={"ua": VISA})),
    ("INV-14", "a card number in a message", paid, all_of(MessageLine, body={"acctNumber": VISA})),
    ("INV-14", "a card that is still held", refused_by_the_bank, held_longer),
    ("INV-15", "a card in another place", with_a_card_kept, all_of(VaultEntry, place="alias 7")),
    ("INV-15", "a card that was touched", with_a_card_kept, all_of(VaultEntry, tag=bytes(16))),
    ("INV-15", "a key that is gone", with_a_card_kept, lambda link: VaultKey.objects.update(wrapped=b"gone")),
    ("INV-16", "a contract of another merchant", paid, of_another_merchant),
    ("INV-17", "more attempts than allowed", paid, all_of(Offer, max_attempts=1, attempts=2)),
    ("INV-17", "an attempt that was not counted", paid, another_attempt),
    ("INV-17", "a third try that nobody pressed for", paid, a_third_try),
    ("INV-18", "another number of digits", paid, all_of(Session, exponent=3)),
    ("INV-18", "another amount on the offer", paid, all_of(Offer, amount_minor=4991)),
    ("INV-18", "another amount at the bank", paid, all_of(Authentication, amount_minor=4991)),
    ("INV-18", "another currency in the journal", paid, all_of(Entry, currency="EUR")),
    ("INV-18", "another amount canceled", lambda hotel: canceled(hotel, paid(hotel)), movements(
        Kind.CANCEL, amount_minor=1)),
    ("INV-18", "another amount given back", given_back, movements(
        Kind.REVERSE, amount_minor=F("amount_minor") + 1)),
    ("INV-18", "another amount asked of the acquirer", paid, there(amount=1)),
    ("INV-19", "a line that was changed", booked, a_line(by="member:99")),
    ("INV-19", "a booking without its line", booked, a_line(subject="entry:another")),
    ("INV-20", "a letter that cannot be read", paid, all_of(Mail, message=b"torn")),
    ("INV-20", "an old letter of which a piece is missing", many_letters_later, torn),
    ("INV-20", "a letter that is another one", paid, all_of(Mail, sha256="0" * 64)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("invariant", "what", "story", "break_it"), BROKEN, ids=[f"{row[0]}: {row[1]}" for row in BROKEN]
)
def test_what_breaks_an_invariant_is_found(invariant, what, story, break_it):
    hotel = desk()
    link = story(hotel)
    assert_invariants_hold()

    with across_tenants():
        break_it(link)

    found = broken()
    assert invariant in found, found
    assert VISA not in str(found)


def test_every_invariant_that_applies_is_broken_above():
    assert {row[0] for row in BROKEN} == {one.id for one in INVARIANTS if not one.because}


def test_every_letter_of_the_archive_is_opened_in_its_turn(monkeypatch):
    monkeypatch.setattr("paygate.operations.invariants_rows.OPENED_TO_SEE", 1)
    paid(desk())
    with across_tenants():
        letters = Mail.objects.filter(copy_of=None).order_by("pk")
        Mail.objects.filter(pk=letters[0].pk).update(sha256="0" * 64)
        hours = letters.count()

    found = ["INV-20" in broken(now=clock.now() + timedelta(hours=hour)) for hour in range(hours)]

    assert hours > 1
    assert found.count(True) == 1
