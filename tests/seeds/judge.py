"""What must be true when a story is over: in our books, in the acquirer's, and of what payers were told."""

from collections.abc import Iterator

from paygate.checkout import next_step as step
from paygate.checkout.models import Attempt, Session
from paygate.checkout.states import BEFORE_MONEY, LIVE, MONEY_ASKED, SessionState
from paygate.journal.models import BookingPeriod, Entry, Movement
from paygate.journal.states import EntryState, PeriodState
from paygate.links.models import Link
from paygate.links.payable import has_room, totals_of, why_closed
from paygate.mail.models import Mail
from paygate.money.amount import Money
from paygate.offers.models import Offer
from paygate.offers.payable import why_not_payable
from paygate.offers.states import OfferState
from paygate.tenants.context import within
from tests.invariants import broken
from tests.seeds.payers import GIVEN
from tests.seeds.story import Story
from tests.seeds.workers import SETTLED

# What the product notes where its own code failed; nothing of it may happen, whatever goes wrong outside.
DEFECTS = {
    "a job failed",
    "a sweep failed",
    "a row was passed over",
    "batch not closed",
    "letter not queued",
    "threeds.mismatch",
}


def wrong(story: Story) -> list[str]:
    """Everything that is wrong at the end of a story; empty when all is well."""
    found = [f"{name}: {what}" for name, whats in broken(now=story.world.now).items() for what in whats]
    with within(story.merchant_id):
        found += [*_undecided(), *_untrue(story), *_not_payable(story)]
    return found + list(_defects(story))


def _defects(story: Story) -> Iterator[str]:
    for line in story.world.log:
        if line["event"] in DEFECTS:
            about = line.get("job", line.get("kind", ""))
            yield f"{line['event']}: {about} {line.get('cause', '')}\n{line.get('exception', '')}"


def _undecided() -> Iterator[str]:
    """Nothing is on its way any more, but for what two people must decide."""
    decided_by_people = Movement.objects.filter(review_since__isnull=False, settled_at=None).values("entry")
    for movement in Movement.objects.exclude(state__in=SETTLED).exclude(entry__in=decided_by_people):
        yield f"movement {movement.pk} ({movement.kind}) is {movement.state}"
    for attempt in Attempt.objects.filter(state__in=BEFORE_MONEY):
        yield f"attempt {attempt.pk} is {attempt.state}"
    for attempt in Attempt.objects.filter(state__in=MONEY_ASKED).exclude(entry__in=decided_by_people):
        yield f"attempt {attempt.pk} is {attempt.state}"
    for entry in Entry.objects.filter(state=EntryState.PENDING).exclude(pk__in=decided_by_people):
        yield f"entry {entry.pk} is {entry.state}"
    for period in BookingPeriod.objects.filter(state=PeriodState.CLOSING):
        yield f"period {period.pk} is {period.state}"


def _untrue(story: Story) -> Iterator[str]:
    """Whoever read "paid" has paid; whoever read that nothing was taken keeps his money; the promised letter came."""
    sessions = {session.pk: session for session in Session.objects.all()}
    entries = {attempt.pk: attempt.entry for attempt in Attempt.objects.select_related("entry")}
    letters = set(Mail.objects.values_list("kind", "about"))
    for told in dict.fromkeys(story.payers.told):
        session, entry = sessions[told.session], entries[told.attempt]
        took = entry is not None and entry.succeeded
        match told.said:
            case "Paid" if session.state != SessionState.PAID:
                yield f"session {session.pk} was told it had paid, and is {session.state}"
            case "NothingTaken" | "Failed" | "Aborted" if took:
                yield f"attempt {told.attempt} was told {told.said}, and its entry is {entry}"
            case "Checking" if told.email and entry is not None and not _is_under_review(entry):
                kind = "confirmation" if took else "not_paid"
                if (kind, f"entry:{entry.transaction_id}") not in letters:
                    yield f"session {session.pk} was promised a message, and got no {kind}"


def _is_under_review(entry: Entry) -> bool:
    return bool(entry.movements.filter(review_since__isnull=False, settled_at=None).exists())


def _not_payable(story: Story) -> Iterator[str]:
    """A link that is open is payable, and whoever pays it now has paid."""
    world = story.world
    for offer in Offer.objects.filter(state=OfferState.OPEN, expires_at__gt=world.now).order_by("created_at"):
        waiting = Attempt.objects.filter(offer=offer, state__in=LIVE)
        if waiting.exists():
            continue  # under review, else it is told of above
        why = why_not_payable(offer, now=world.now)
        if why is not None:
            yield f"offer {offer.pk} is open, and cannot be paid: {why}"
            continue
    open_ones = [
        one
        for one in Offer.objects.filter(state=OfferState.OPEN)
        if one.state_at(world.now) == OfferState.OPEN
    ]
    for offer in open_ones[:1]:
        seen = story.payers.pay_for_sure(offer=offer.pk)
        if not isinstance(seen, step.Paid):
            yield f"offer {offer.pk} is open, and who pays it sees {type(seen).__name__}"
    for link in Link.objects.filter(amount_minor=None).order_by("created_at"):
        totals = totals_of(link)
        if why_closed(link, totals, now=world.now) or not has_room(link, totals, Money(max(GIVEN), "CHF")):
            continue
        seen = story.payers.pay_for_sure(link=link.pk)
        if not isinstance(seen, step.Paid):
            yield f"multi-use link {link.pk} is open, and who pays it sees {type(seen).__name__}"
