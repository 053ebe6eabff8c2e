"""One attempt, two requests of its payer at once: neither may pass the issuer by, or end what the other is at."""

from dataclasses import replace
from datetime import datetime

import pytest

from paygate import clock
from paygate.checkout import next_step as step
from paygate.checkout.authenticate import begin, go_on
from paygate.checkout.models import Attempt
from paygate.checkout.take_means import Begun, take_card
from paygate.journal.models import Entry
from paygate.merchants.reach import Actor
from paygate.offers import change
from paygate.offers.models import Offer
from paygate.offers.payable import CLAIM_LASTS
from paygate.threeds.liability import Condition
from paygate.threeds.simulator.server import Simulator
from tests.make.money import chf
from tests.make.offers import offer as an_offer
from tests.make.walk import card, press

pytestmark = pytest.mark.django_db

CHALLENGED = "9030004950000007"
LOOKED_AT = "9010403104000000"  # its bank looks at the browser first
FRICTIONLESS = "9030003150000007"


def meanwhile(monkeypatch, happens) -> None:
    """Something happens while the issuer thinks."""
    answers = Simulator.authenticate

    def slow(self, areq):
        happens()
        return answers(self, areq)

    monkeypatch.setattr(Simulator, "authenticate", slow)


def test_the_same_form_sent_again_while_the_issuer_thinks_passes_nobody_by(anna, monkeypatch):
    """safety.md 3D-2, 7.4: what the issuer says is waited for, whoever asks meanwhile."""
    now = clock.now()
    offer = an_offer(anna.terminal, condition=Condition.NONE, now=now)
    sent, typed = press(offer), card(CHALLENGED)
    seen: list[step.NextStep] = []

    def pressed_again() -> None:
        again = take_card(offer.pk, typed, sent, now=now)
        assert again.again
        seen.append(go_on(again.attempt, again.packet, now=now))

    meanwhile(monkeypatch, pressed_again)
    begun = take_card(offer.pk, typed, sent, now=now)

    answer = begin(begun.attempt, typed, begun.packet, now=now)

    assert isinstance(answer, step.Challenge)
    assert [type(one) for one in seen] == [step.Wait]
    assert not Entry.objects.exists(), "no money was asked for"


def test_going_on_twice_while_the_issuer_thinks_ends_nothing(anna, monkeypatch):
    now = clock.now()
    offer = an_offer(anna.terminal, condition=Condition.NONE, now=now)
    begun = take_card(offer.pk, card(LOOKED_AT), press(offer), now=now)
    looked = begin(begun.attempt, card(LOOKED_AT), begun.packet, now=now)
    assert isinstance(looked, step.LookAtBrowser)
    seen: list[step.NextStep] = []
    meanwhile(monkeypatch, lambda: seen.append(go_on(begun.attempt, looked.packet, now=now)))

    answer = go_on(begun.attempt, looked.packet, now=now)

    assert isinstance(answer, step.Paid)
    assert [type(one) for one in seen] == [step.Wait]
    assert state_of(begun) == "PAID"


def test_the_same_form_with_another_card_is_refused_and_frees_the_link(anna):
    """safety.md 3D-2: a mismatch is FAILED."""
    now = clock.now()
    offer = an_offer(anna.terminal, condition=Condition.NONE, now=now)
    sent = press(offer)
    first = take_card(offer.pk, card(LOOKED_AT), sent, now=now)
    begin(first.attempt, card(LOOKED_AT), first.packet, now=now)
    second = take_card(offer.pk, card("9010003750000005"), sent, now=now)

    answer = go_on(second.attempt, second.packet, now=now)

    assert isinstance(answer, step.AskMeans)
    assert state_of(first) == "FAILED"
    assert not Entry.objects.exists()


@pytest.mark.parametrize("how", ["dearer", "taken back"])
def test_an_attempt_whose_claim_lapsed_does_not_pay_a_changed_offer(anna, monkeypatch, how):
    """safety.md MO-7, MO-8: once the claim has lapsed the merchant may change it, and the old attempt holds nothing."""
    now = clock.now()
    offer = an_offer(anna.terminal, amount=chf(49), condition=Condition.NONE, now=now)
    later = now + CLAIM_LASTS

    def changed() -> None:
        merchant_acts(offer.pk, how, by=anna.actor, now=later)

    meanwhile(monkeypatch, changed)
    begun = take_card(offer.pk, card(FRICTIONLESS), press(offer), now=now)

    begin(begun.attempt, card(FRICTIONLESS), begun.packet, now=now)

    offer.refresh_from_db()
    assert offer.state != "PAID"
    assert not Entry.objects.exists()
    assert state_of(begun) == "FAILED"


def merchant_acts(offer_id, how: str, *, by: Actor, now: datetime) -> None:
    offer = Offer.objects.get(pk=offer_id)
    if how == "dearer":
        terms = change.terms_of(offer, now=now)
        change.change_offer(offer_id, replace(terms, amount=chf(999)), seen=1, by=by, now=now)
    else:
        change.disable(offer_id, by=by, now=now)


def state_of(begun: Begun) -> str:
    """How far the attempt got."""
    return str(Attempt.objects.get(pk=begun.attempt.pk).state)
