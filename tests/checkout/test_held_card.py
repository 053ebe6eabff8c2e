"""The card between form and authorization: half in the browser, half here, gone when it is over (CD-3, CD-4)."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.cards.holding import PacketRefused, open_held
from paygate.cards.models import HeldCardKey
from paygate.cards.tasks import wipe_expired_keys
from paygate.checkout.take_means import bound_to
from paygate.checkout.tasks import tie_up_loose_ends
from tests.flows.buyer import ASKED, DECLINED, LOOKED_AT, MASTERCARD, VISA, Buyer
from tests.make.desks import Link, desk
from tests.make.money import chf

pytestmark = pytest.mark.django_db


def begun(number: str = ASKED) -> tuple[Link, Buyer]:
    """Carla has sent her card; with the usual one she stands before her bank."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(number)
    return link, carla


def packet_of(buyer: Buyer) -> str:
    (name,) = [name for name in buyer.client.cookies if "card" in name]
    return str(buyer.client.cookies[name].value)


def keys(link: Link) -> list[HeldCardKey]:
    with link.desk.in_view():
        return list(HeldCardKey.objects.order_by("pk"))


def test_the_browser_has_the_packet_and_the_database_the_key_and_neither_has_the_other():
    link, carla = begun()
    held = link.held_card
    packet = packet_of(carla)

    assert packet.partition(".")[0] == held.packet_id
    assert bytes(held.sealed_key) != b""
    assert ASKED not in packet
    assert packet.partition(".")[2].encode() not in bytes(held.sealed_key)
    assert [field.name for field in HeldCardKey._meta.fields] == [
        "id", "merchant", "packet_id", "sealed_key", "last4", "expires_at", "opened_at"
    ]  # fmt: skip
    assert held.last4 == ASKED[-4:]


def test_the_packet_opens_once():
    link, carla = begun()
    attempt, packet = link.attempt, packet_of(carla)

    with link.desk.in_view():
        card = open_held(packet, link.held_card, bound_to=bound_to(attempt), now=clock.now())

        assert card.number.digits == ASKED
        with pytest.raises(PacketRefused):
            open_held(packet, keys(link)[-1], bound_to=bound_to(attempt), now=clock.now())


def test_the_packet_opens_for_its_own_amount_and_attempt_only():
    """safety.md CD-4."""
    link, carla = begun()
    attempt, packet = link.attempt, packet_of(carla)
    right = bound_to(attempt)
    attempt.amount_minor += 1

    with link.desk.in_view():
        for wrong in (
            bound_to(attempt),
            right.replace("CHF", "EUR"),
            right.replace(f"{attempt.pk}", "9" * 9, 1),
        ):
            with pytest.raises(PacketRefused):
                open_held(packet, link.held_card, bound_to=wrong, now=clock.now())

        assert open_held(packet, link.held_card, bound_to=right, now=clock.now()).number.digits == ASKED


def test_somebody_elses_packet_does_not_open():
    link, carla = begun()
    other, dario = begun_elsewhere()

    carla.client.cookies[card_cookie(carla)] = packet_of(dario)
    carla.to_bank()
    carla.press("approve")

    assert carla.step == "choose"
    assert "Nothing has been charged" in carla.page.words
    assert (link.attempt.state, link.attempt.refused_because) == ("FAILED", "CARD_LOST")
    assert ledger.listed() == []
    dario.to_bank()
    dario.press("approve")
    assert dario.step == "paid"
    assert other.state == "PAID"


def begun_elsewhere() -> tuple[Link, Buyer]:
    link = desk("200002", "17000099", name="Carla's Flowers").link(chf(1))
    dario = Buyer()
    dario.open(link)
    dario.pay_by_card(ASKED)
    return link, dario


def card_cookie(buyer: Buyer) -> str:
    return next(name for name in buyer.client.cookies if "card" in name)


@pytest.mark.parametrize("packet", ["", "x", "x.y", "a" * 5000])
def test_a_packet_that_was_lost_on_the_way_ends_the_attempt_and_charges_nothing(packet):
    """The accepted price of CD-3: without the browser's half there is no authorization."""
    link, carla = begun()
    carla.client.cookies[card_cookie(carla)] = packet

    carla.to_bank()
    carla.press("approve")

    assert carla.step == "choose"
    assert "Nothing has been charged" in carla.page.words
    assert link.attempt.state == "FAILED"
    assert not link.offer.claim
    assert ledger.listed() == []
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


def test_a_changed_packet_does_not_open():
    link, carla = begun()
    packet = packet_of(carla)
    swapped = "A" if packet[-9] != "A" else "B"
    carla.client.cookies[card_cookie(carla)] = packet[:-9] + swapped + packet[-8:]

    carla.to_bank()
    carla.press("approve")

    assert link.attempt.refused_because == "CARD_LOST"


@pytest.mark.parametrize("number", [MASTERCARD, DECLINED, VISA])
def test_after_the_question_to_the_acquirer_no_key_is_left(number):
    link, _ = begun(number)

    assert link.entries, "the acquirer was asked"
    assert all(bytes(key.sealed_key) == b"" for key in keys(link))


def test_a_card_that_need_not_wait_for_its_payer_is_never_held():
    link, _ = begun(MASTERCARD)

    assert link.state == "PAID"
    assert keys(link) == []


@pytest.mark.parametrize("action", ["approve", "refuse", "cancel"])
def test_after_the_bank_no_key_is_left_whatever_was_pressed(action):
    link, carla = begun()
    carla.to_bank()

    carla.press(action)

    assert all(bytes(key.sealed_key) == b"" for key in keys(link))


def test_who_gives_up_or_begins_again_leaves_no_key_behind():
    link, carla = begun()
    carla.cancel()
    assert all(bytes(key.sealed_key) == b"" for key in keys(link))

    carla.open(link)
    carla.pay_by_card(ASKED)
    carla.open(link)
    carla.cancel()

    assert all(bytes(key.sealed_key) == b"" for key in keys(link))


def test_a_payer_who_never_came_back_leaves_no_key_behind(settings):
    link, carla = begun()
    carla.to_bank()

    settings.PAYGATE_CLOCK_OFFSET = str(16 * 60)
    tie_up_loose_ends()

    assert link.attempt.state == "ABANDONED"
    assert not link.offer.claim
    assert all(bytes(key.sealed_key) == b"" for key in keys(link))


def test_twenty_minutes_are_the_longest_a_key_is_kept(settings):
    link, carla = begun()
    assert link.held_card.expires_at <= clock.now() + timedelta(minutes=20)

    settings.PAYGATE_CLOCK_OFFSET = str(21 * 60)
    wipe_expired_keys()

    assert all(bytes(key.sealed_key) == b"" for key in keys(link))
    carla.to_bank()
    carla.press("approve")
    assert ledger.listed() == []


def test_each_opening_seals_the_card_anew():
    """The bank looked at the browser, so the first packet was opened; what waits for the bank's page is another one."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(LOOKED_AT, carry_on=False)
    first = packet_of(carla)

    carla.carry_on()

    assert carla.step == "challenge"
    assert packet_of(carla) != first
    assert [bool(key.sealed_key) for key in keys(link)] == [False, True]
