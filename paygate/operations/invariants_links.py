"""Invariants of multi-use links: INV-02 and INV-17 for what is paid more than once (safety.md 23).

Each function yields what breaks it, with one question to the database for all rows.
"""

from collections.abc import Iterator

from django.db.models import Count, F, Func, Q, Sum, TextField

from paygate.checkout.ending import MOST_TRIES
from paygate.checkout.models import Attempt, Session
from paygate.checkout.states import MONEY_ASKED, AttemptState
from paygate.journal.models import Entry
from paygate.links.models import Link, LinkTotal
from paygate.operations.invariants_view import Broken, View, key_as_text

Counted = dict[tuple[str, str], tuple[int, int]]  # by link and currency: how many, and how much


def a_visit_is_paid_once_for_its_own_link(view: View) -> Iterator[Broken]:
    """INV-02: a visit has at most one payment, whose journal entry names the link that was paid."""
    paid = Attempt.objects.filter(state=AttemptState.PAID, offer=None).order_by()
    for row in paid.values("session_id", "merchant_id").annotate(n=Count("pk")).filter(n__gt=1):
        yield Broken(f"session {row['session_id']} is paid {row['n']} times", row["merchant_id"])
    link = Func(F("session__link"), template=key_as_text(Session, "link"), output_field=TextField())
    spelled = Attempt.objects.annotate(spelled=link)
    strange = spelled.filter(session__link__isnull=False, entry__isnull=False).exclude(
        entry__multi_use_of=F("spelled")
    )
    for pk, entry, merchant_id in strange.order_by().values_list("pk", "entry_id", "merchant_id"):
        yield Broken(f"attempt {pk}: entry {entry} is of another link than its visit", merchant_id)


def a_link_counts_what_was_paid(view: View) -> Iterator[Broken]:
    """INV-02: the counters of a link say what its payments say, and hold what is asked for now."""
    paid, held = _paid(), _held()
    seen = set()
    names = ("link_id", "currency", "payments", "sum_minor", "held", "held_minor", "merchant_id")
    for link, currency, *counted, merchant_id in LinkTotal.objects.order_by().values_list(*names):
        key = (str(link), currency)
        seen.add(key)
        real = [*paid.get(key, (0, 0)), *held.get(key, (0, 0))]
        if counted != real:
            yield Broken(f"link {link} counts {counted} in {currency}, and has {real}", merchant_id)
    there = {str(pk): merchant_id for pk, merchant_id in Link.objects.values_list("pk", "merchant_id")}
    for link, currency in {*paid, *held} - seen:
        if link in there:  # of a removed link nothing is counted any more
            yield Broken(f"link {link} counts nothing in {currency}", there[link])


def a_link_takes_no_more_than_it_allows(view: View) -> Iterator[Broken]:
    """INV-02: payments, and those that may yet become one, stay within a link's limits."""
    totals = LinkTotal.objects.order_by()
    counts = totals.values("link_id", "link__most_payments", "merchant_id").annotate(
        n=Sum(F("payments") + F("held"))
    )
    for row in counts.filter(n__gt=F("link__most_payments")):
        yield Broken(
            f"link {row['link_id']}: {row['n']} payments of {row['link__most_payments']}", row["merchant_id"]
        )
    over = totals.annotate(used=F("sum_minor") + F("held_minor")).filter(
        Q(used__gt=F("link__most_total_minor")), currency=F("link__currency")
    )
    for link, used, most, merchant_id in over.values_list(
        "link_id", "used", "link__most_total_minor", "merchant_id"
    ):
        yield Broken(f"link {link}: {used} taken of {most}", merchant_id)


def a_visit_takes_no_more_attempts_than_it_allows(view: View) -> Iterator[Broken]:
    """INV-17, where no offer counts."""
    tries = Attempt.objects.filter(offer=None, second_try_of=None).order_by()
    for row in tries.values("session_id", "merchant_id").annotate(n=Count("pk")).filter(n__gt=MOST_TRIES):
        yield Broken(f"session {row['session_id']}: {row['n']} attempts of {MOST_TRIES}", row["merchant_id"])


def _paid() -> Counted:
    """By the journal, which knows every link that ever was."""
    kept = Entry.objects.filter(succeeded=True).exclude(multi_use_of="").order_by()
    rows = kept.values_list("multi_use_of", "currency").annotate(n=Count("pk"), sum=Sum("amount_minor"))
    return {(link, currency): (n, total) for link, currency, n, total in rows}


def _held() -> Counted:
    """By the attempts whose answers are not in."""
    asked = Attempt.objects.filter(session__link__isnull=False, state__in=MONEY_ASKED).order_by()
    rows = asked.values_list("session__link", "currency").annotate(n=Count("pk"), sum=Sum("amount_minor"))
    return {(str(link), currency): (n, total) for link, currency, n, total in rows}
