"""Many payers pay one multi-use link at the same moment, through HTTP, at two web processes at once.

Issue 5, points 9 and 10: every payment has its own reference, letter and journal entry; limits are never exceeded.
"""

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.flows.buyer import MASTERCARD
from tests.processes.crowd import Crowd, Post
from tests.processes.extent import MANY
from tests.processes.judge import assert_all_books_agree
from tests.processes.town import Town

BUSY = 503  # the database was held too long by others: nothing was done, and the payer presses again (LK-9)
PLACES = 7


@pytest.fixture
def crowd(town: Town) -> Iterator[Crowd]:
    crowd = Crowd(town, town.keep(webs=2, workers=1), MANY)
    yield crowd
    crowd.close()


def payer(number: int) -> str:
    return f"payer{number}@example.org"


def to_card_forms(crowd: Crowd, path: str) -> None:
    """All open the link at once, say how much, and stand before the card form."""
    crowd.open(path)
    assert {buyer.step for buyer in crowd.buyers} == {"amount"}
    press(crowd, crowd.first_forms(lambda number: {"amount": str(number + 1), "email": payer(number)}))
    assert {buyer.step for buyer in crowd.buyers} == {"choose"}
    crowd._all_get([f"{buyer.page.url}?method=CARD" for buyer in crowd.buyers])
    assert {buyer.step for buyer in crowd.buyers} == {"card"}


def press(crowd: Crowd, posts: list[Post]) -> int:
    """All press at once; whoever is told that the house is busy presses again. How many presses there were."""
    presses = 0
    while posts:
        answers = list(zip(posts, crowd.release(posts), strict=True))
        presses += len(posts)
        assert presses <= 10 * MANY, "nobody gets through"
        for post, answer in answers:
            if answer.status_code != BUSY:
                post.buyer.open(answer["Location"])
        posts = [post for post, answer in answers if answer.status_code == BUSY]
    return presses


def look_again(town: Town, crowd: Crowd) -> None:
    """A request that the busy database stopped midway ends by itself: whoever waits sees how, and presses again."""

    def nobody_waits() -> bool:
        for buyer in crowd.buyers:
            if buyer.step == "wait":
                buyer.reload()
            if buyer.step in {"choose", "card"}:
                buyer.pay_by_card(MASTERCARD)
        return all(buyer.step not in {"wait", "choose", "card"} for buyer in crowd.buyers)

    town.until(nobody_waits, "all have seen an end")


@pytest.mark.timeout(240 + 4 * MANY)
def test_each_of_many_payers_at_once_has_a_payment_a_reference_and_a_letter_of_its_own(town, crowd, tell):
    link = town.steward.ask("a_multi_use_link", reference_prefix="ROOF-")
    to_card_forms(crowd, link["path"])

    begun = time.monotonic()
    presses = press(crowd, crowd.card_forms([MASTERCARD]))
    seconds = time.monotonic() - begun
    look_again(town, crowd)

    assert Counter(buyer.step for buyer in crowd.buyers) == {"paid": MANY}
    town.until_idle()
    story = town.steward.ask("many_stories", link=link["id"])
    assert len(set(story["references"])) == len(set(story["transactions"])) == MANY
    assert sorted(story["amounts"]) == [100 * (number + 1) for number in range(MANY)]
    assert story["confirmed"] == sorted(payer(number) for number in range(MANY))
    assert story["notices"] == MANY
    assert story["counted"] == [MANY, sum(story["amounts"]), 0]
    assert_all_books_agree(town)
    tell.append(f"one link, {MANY} payers at once: all paid after {seconds:.0f} s and {presses} presses")


@pytest.mark.timeout(240 + 4 * MANY)
@pytest.mark.parametrize("limit", ["most_payments", "most_total"])
def test_the_last_places_are_taken_once_however_many_press(town, crowd, limit):
    value = {"most_payments": PLACES, "most_total": 100 * PLACES}[limit]
    link = town.steward.ask("a_multi_use_link", amount=100, **{limit: value})
    crowd.open(link["path"])
    press(crowd, crowd.first_forms(lambda number: {"email": payer(number)}))
    crowd._all_get([f"{buyer.page.url}?method=CARD" for buyer in crowd.buyers])

    press(crowd, crowd.card_forms([MASTERCARD]))
    look_again(town, crowd)

    steps = Counter(buyer.step for buyer in crowd.buyers)
    assert steps["paid"] == PLACES
    assert set(steps) <= {"paid", "disabled", "in-progress"}
    town.until_idle()
    story = town.steward.ask("many_stories", link=link["id"])
    assert story["counted"] == [PLACES, 100 * PLACES, 0]
    crowd.open(link["path"])
    assert {buyer.page.main["data-why"] for buyer in crowd.buyers} == {"used-up"}
    assert_all_books_agree(town)
