"""Moves in one block write their history in one statement, and none for what is rolled back."""

import pytest
from django.db import transaction

from paygate.lifecycle.models import Step
from paygate.lifecycle.moves import history, together
from paygate.offers.models import Offer
from paygate.offers.states import LIFE, OfferState
from tests.make.books import NOON
from tests.make.offers import offer as an_offer


class Fell(Exception):
    """The block does not get to its end."""


@pytest.fixture
def offer(anna) -> Offer:
    return an_offer(anna.terminal, now=NOON)


def disable(offer: Offer) -> None:
    LIFE.move(offer, OfferState.DISABLED, by="member:1", cause="story", now=NOON)


def open_again(offer: Offer) -> None:
    LIFE.move(offer, OfferState.OPEN, by="member:1", cause="story", now=NOON)


def written(offer: Offer) -> list[str]:
    """The states its history tells of, the first one left out."""
    return [step.new for step in history(offer)][1:]


def test_the_lines_are_written_at_the_end(offer, django_assert_num_queries):
    with django_assert_num_queries(5), together():  # savepoint, two moves, their history, the savepoint's end
        disable(offer)
        open_again(offer)

    assert written(offer) == ["DISABLED", "OPEN"]


def test_the_lines_of_an_inner_block_wait_for_the_end_of_the_outer_one(offer):
    with together():
        disable(offer)
        with together():
            open_again(offer)
        assert written(offer) == []
        disable(offer)

    assert written(offer) == ["DISABLED", "OPEN", "DISABLED"]


def test_an_inner_block_that_falls_back_takes_its_lines_with_it(offer):
    with together():
        disable(offer)
        with pytest.raises(Fell), together():
            open_again(offer)
            raise Fell
        assert Offer.objects.get(pk=offer.pk).state == OfferState.DISABLED

    assert written(offer) == ["DISABLED"]


def test_a_savepoint_of_its_own_that_falls_back_takes_its_line_with_it(offer):
    with together():
        with pytest.raises(Fell), transaction.atomic():
            disable(offer)
            raise Fell
        disable(Offer.objects.get(pk=offer.pk))

    assert written(offer) == ["DISABLED"]


def test_a_block_in_a_savepoint_of_its_own_falls_back_with_it(offer):
    with together():
        with pytest.raises(Fell), transaction.atomic():
            with together():
                disable(offer)
            raise Fell
        disable(Offer.objects.get(pk=offer.pk))

    assert written(offer) == ["DISABLED"]


def test_after_a_block_that_fell_back_each_move_writes_its_own_line_again(offer):
    with pytest.raises(Fell), together():
        disable(offer)
        raise Fell
    assert not Step.objects.filter(new="DISABLED").exists()

    disable(Offer.objects.get(pk=offer.pk))

    assert written(offer) == ["DISABLED"]


def test_a_durable_block_is_in_no_other_transaction(offer):
    with transaction.atomic(), pytest.raises(RuntimeError), together(durable=True):
        disable(offer)
