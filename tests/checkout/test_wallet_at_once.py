"""A payer, a double click and a job at the same moment: one question to the wallet, one alias (safety.md ID-6)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from paygate import clock
from paygate.acquiring.choose import contract_for_wallet
from paygate.acquiring.simulator import acquirer, ledger
from paygate.aliases.models import Alias, VaultEntry
from paygate.aliases.store import AliasWish
from paygate.checkout import register
from paygate.checkout.models import CardPage
from paygate.checkout.register_wallet import find_out, send_to_wallet
from paygate.tenants.context import within
from tests.at_once import at_once, refused
from tests.make.desks import desk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page() -> Iterator[CardPage]:
    """The page of a program that wants TWINT stored."""
    hotel = desk()
    with within(hotel.merchant.pk):
        wish = register.CardWish(
            keeps=AliasWish(),
            language="en",
            success_url="https://shop.example",
            fail_url="https://shop.example",
            abort_url="https://shop.example",
            contract=contract_for_wallet(hotel.merchant.pk, "TWINT"),
        )
        yield register.open_card_page(hotel.merchant, wish, by="api:shop", now=clock.now())


def as_it_is(page: CardPage) -> CardPage:
    found = register.page_behind(page.token)
    assert found is not None
    return found


def test_a_button_that_is_pressed_many_times_asks_the_wallet_once(page):
    now = clock.now()
    pressed = [lambda: send_to_wallet(as_it_is(page), browser="b", return_url="/back", now=now)] * 4

    assert refused(at_once(*pressed), ()) == 0
    assert len(ledger.listed()) == 1
    assert as_it_is(page).is_at_wallet


def test_an_answer_that_many_hear_at_once_is_stored_once(page):
    now = clock.now()
    send_to_wallet(as_it_is(page), browser="b", return_url="/back", now=now)
    acquirer.choose(str(ledger.listed()[0]["reference"]), "approve")
    later = [now + timedelta(seconds=5 * step) for step in range(1, 5)]  # each may ask again
    heard = [lambda moment=moment: find_out(as_it_is(page), now=moment) for moment in later]

    assert refused(at_once(*heard), ()) == 0
    assert (Alias.objects.exclude(key="").count(), Alias.objects.count(), VaultEntry.objects.count()) == (
        1,
        1,
        1,
    )
    assert as_it_is(page).alias == Alias.objects.get()


def test_a_payer_who_cancels_while_the_wallet_is_being_asked_is_heard_once(page):
    now = clock.now()
    outcomes = at_once(
        lambda: send_to_wallet(as_it_is(page), browser="b", return_url="/back", now=now),
        lambda: register.leave(as_it_is(page), now=now),
    )

    assert refused(outcomes, ()) == 0
    seen = as_it_is(page)
    assert seen.is_at_wallet != (seen.failed_because == register.CANCELED)
    assert not Alias.objects.exists()
