"""A card on hold: two halves, one opening, twenty minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from paygate.cards.holding import PacketRefused, destroy_key, hold, open_held, wipe_expired
from paygate.cards.models import HeldCardKey
from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode
from paygate.cards.tasks import wipe_expired_keys
from paygate.tenants.context import within
from paygate.tenants.models import Merchant

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 23, 50, tzinfo=UTC)
BOUND = "session 7 attempt 9 CHF 4990"
NUMBER = "9010003150000001"


@pytest.fixture
def card() -> Card:
    return Card(CardNumber.parse(NUMBER), Expiry(2026, 11), SecurityCode("917"), "Anna Muster")


def test_the_card_comes_back_whole(merchant, card) -> None:
    held = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)

    # The month ends while the payer is at the bank; the card was good when it was entered.
    opened = open_held(held.packet, held.key, bound_to=BOUND, now=NOW + timedelta(minutes=15))

    assert opened == card
    assert opened.code is not None
    assert (opened.number.digits, opened.code.digits, opened.holder) == (NUMBER, "917", "Anna Muster")


def test_a_card_without_code_or_holder_comes_back_so(merchant) -> None:
    bare = Card(CardNumber.parse("9040103204160001"), Expiry(2030, 1))
    held = hold(bare, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)

    assert open_held(held.packet, held.key, bound_to=BOUND, now=NOW) == bare


def test_neither_half_holds_the_card(merchant, card) -> None:
    held = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)
    row = HeldCardKey.objects.values().get(pk=held.key.pk)

    assert held.packet.isascii()
    assert held.packet.isprintable()
    assert len(held.packet) < 1000
    assert not any(sign in held.packet for sign in ' ";,\\')
    assert row["last4"] == "0001"
    for half in (held.packet, repr(row), repr(held)):
        assert NUMBER not in half
        assert "Anna" not in half
    assert held.packet.partition(".")[2] not in repr(row)
    assert held.packet not in repr(held)


def test_it_opens_once(merchant, card) -> None:
    held = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)
    same_row_elsewhere = HeldCardKey.objects.get(pk=held.key.pk)
    open_held(held.packet, held.key, bound_to=BOUND, now=NOW)

    for row in (held.key, same_row_elsewhere, HeldCardKey.objects.get(pk=held.key.pk)):
        with pytest.raises(PacketRefused):
            open_held(held.packet, row, bound_to=BOUND, now=NOW)
    assert bytes(HeldCardKey.objects.get(pk=held.key.pk).sealed_key) == b""


@pytest.mark.parametrize(
    "other",
    [
        "session 8 attempt 9 CHF 4990",
        "session 7 attempt 10 CHF 4990",
        "session 7 attempt 9 EUR 4990",
        "session 7 attempt 9 CHF 4991",
        "",
    ],
)
def test_it_opens_for_the_same_payment_only_and_a_wrong_try_costs_nothing(merchant, card, other: str) -> None:
    held = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)

    with pytest.raises(PacketRefused):
        open_held(held.packet, held.key, bound_to=other, now=NOW)

    assert open_held(held.packet, held.key, bound_to=BOUND, now=NOW) == card


def test_packets_and_keys_do_not_fit_each_other(merchant, card) -> None:
    one = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)
    two = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)
    swapped = f"{two.key.packet_id}.{one.packet.partition('.')[2]}"

    assert one.packet != two.packet
    for packet in (one.packet, swapped):
        with pytest.raises(PacketRefused):
            open_held(packet, two.key, bound_to=BOUND, now=NOW)


def test_a_key_copied_to_another_row_or_merchant_opens_nothing(merchant, card) -> None:
    held = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)
    stranger = Merchant.objects.create(customer_id="100002", name="Carla", created_at=NOW)
    with within(stranger.pk):
        copy = HeldCardKey.objects.create(
            merchant_id=stranger.pk,
            packet_id=held.key.packet_id,
            sealed_key=held.key.sealed_key,
            last4="0001",
            expires_at=held.key.expires_at,
        )

        with pytest.raises(PacketRefused):
            open_held(held.packet, copy, bound_to=BOUND, now=NOW)
        with pytest.raises(PacketRefused):  # the right row, in the wrong house
            open_held(held.packet, held.key, bound_to=BOUND, now=NOW)


def test_a_packet_that_was_changed_is_refused(merchant, card) -> None:
    held = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)
    packet_id, _, sealed = held.packet.partition(".")
    flipped = sealed[:30] + ("A" if sealed[30] != "A" else "B") + sealed[31:]

    others = ["", "x", sealed[:16], sealed[:-8], sealed * 20, flipped, "ü"]
    for packet in ("", ".", packet_id, *(f"{packet_id}.{other}" for other in others)):
        with pytest.raises(PacketRefused):
            open_held(packet, held.key, bound_to=BOUND, now=NOW)


def test_after_twenty_minutes_it_is_over(merchant, card) -> None:
    held = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)

    with pytest.raises(PacketRefused):
        open_held(held.packet, held.key, bound_to=BOUND, now=NOW + timedelta(minutes=20))


def test_a_destroyed_key_opens_nothing(merchant, card) -> None:
    held = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)
    stale = HeldCardKey.objects.get(pk=held.key.pk)
    destroy_key(held.key)
    destroy_key(held.key)

    for row in (held.key, stale):
        with pytest.raises(PacketRefused):
            open_held(held.packet, row, bound_to=BOUND, now=NOW)


def test_what_was_held_too_long_is_wiped_and_nothing_else(merchant, card) -> None:
    old = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW)
    fresh = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=NOW + timedelta(minutes=1))

    assert wipe_expired(now=NOW + timedelta(minutes=20)) == 1
    assert wipe_expired(now=NOW + timedelta(minutes=20)) == 0
    assert bytes(HeldCardKey.objects.get(pk=old.key.pk).sealed_key) == b""
    assert open_held(fresh.packet, fresh.key, bound_to=BOUND, now=NOW + timedelta(minutes=2)) == card


def test_the_job_wipes_the_keys_of_every_merchant(merchant, card) -> None:
    held = hold(card, merchant_id=merchant.pk, bound_to=BOUND, now=datetime(2020, 1, 1, tzinfo=UTC))

    wipe_expired_keys()

    assert bytes(HeldCardKey.objects.get(pk=held.key.pk).sealed_key) == b""
