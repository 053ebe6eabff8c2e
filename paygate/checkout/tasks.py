"""Jobs: find out about unanswered authorizations, tie up loose ends, remove links that were deleted long ago."""

from collections.abc import Iterable
from datetime import datetime

from paygate import clock
from paygate.checkout import giving_back, loose_ends, never_again, register, register_wallet
from paygate.checkout.models import Attempt, CardPage
from paygate.checkout.removal import remove_deleted_links
from paygate.checkout.states import MONEY_ASKED
from paygate.jobs.interface import TryAgainAt, every, task
from paygate.jobs.sweep import due
from paygate.journal import unanswered
from paygate.journal.models import Kind
from paygate.tenants.context import across_tenants, within

__all__ = ["find_out", "giving_back", "tie_up_loose_ends"]  # giving_back.py has a job of its own


@task("checkout.find_out")
def find_out(*, merchant_id: int, attempt_id: int) -> None:
    """Ask about one authorization until its end is known."""
    with within(merchant_id):
        again = loose_ends.find_out(attempt_id, now=clock.now())
        if again:
            raise TryAgainAt(again)


@due(find_out)
def unanswered_due(now: datetime) -> Iterable[dict[str, int]]:
    """Authorizations without an answer, also those whose asker died."""
    with across_tenants():
        entries = unanswered.due(Kind.AUTHORIZE, now=now).values("entry")
        rows = list(
            Attempt.objects.filter(state__in=MONEY_ASKED, entry__in=entries).values_list("pk", "merchant_id")[
                :500
            ]
        )
    return [{"merchant_id": merchant_id, "attempt_id": attempt_id} for attempt_id, merchant_id in rows]


@task("checkout.ask_wallet")
def ask_wallet(*, merchant_id: int, page_id: int) -> None:
    """Ask once whether a payer has let a wallet be charged later; while nobody knows, the page is due again."""
    with within(merchant_id):
        page = CardPage.objects.select_related("merchant", "contract__terminal", "contract__merchant")
        found = page.filter(pk=page_id, ended_at=None).first()
        if found:
            register_wallet.find_out(found, now=clock.now())


@due(ask_wallet)
def wallets_due(now: datetime) -> Iterable[dict[str, int]]:
    """Payers who are at a wallet, or did not come back."""
    with across_tenants():
        rows = list(register_wallet.due(now=now).values_list("pk", "merchant_id")[:500])
    return [{"merchant_id": merchant_id, "page_id": pk} for pk, merchant_id in rows]


@every(minutes=1, name="checkout.tie_up_loose_ends")
def tie_up_loose_ends() -> None:
    """Once a minute, for all merchants."""
    now = clock.now()
    with across_tenants():
        loose_ends.give_up_left_behind(now=now)
        loose_ends.expire_sessions(now=now)
        never_again.forget(now=now)


@every(minutes=1440, name="checkout.remove_deleted_links")
def remove_links() -> None:
    """Once a day, for all merchants."""
    with across_tenants():
        remove_deleted_links(now=clock.now())


@every(minutes=1440, name="checkout.forget_card_pages")
def forget_card_pages() -> None:
    """Once a day, for all merchants."""
    with across_tenants():
        register.forget_old(now=clock.now())
