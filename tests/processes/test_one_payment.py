"""A hundred payers on one link at the same moment: one of them pays, and all are told the truth.

safety.md ID-1, ID-6, LK-4, OC-11; through HTTP, at two web processes at once.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.flows.buyer import MASTERCARD
from tests.processes.crowd import Crowd, Post
from tests.processes.extent import CROWD, ROUNDS
from tests.processes.judge import theirs
from tests.processes.town import Town
from tests.processes.wire import WebBuyer

DINERS = "9050100352000002"
ASKED = "9030004950000007"  # Mastercard: the bank asks the payer
ASKED_TOO = "9030003204000003"  # also; neither looks at the browser first
TRUTHS = {"paid", "in-progress", "wait", "challenge"}  # of whoever pressed while one payment was possible

CARDS = {
    "the same card": [MASTERCARD],
    "different cards": [MASTERCARD, DINERS, "9030403104000006"],
    "the same card, and its bank asks": [ASKED],
    "different cards, and some banks ask": [ASKED, MASTERCARD, ASKED_TOO, DINERS],
}


def rounds(*stories: str) -> list[Any]:
    """Each round tells another of these stories."""
    return [
        pytest.param(stories[at % len(stories)], id=f"round {at + 1}: {stories[at % len(stories)]}")
        for at in range(ROUNDS)
    ]


@pytest.fixture
def crowd(town: Town) -> Iterator[Crowd]:
    crowd = Crowd(town, town.keep(webs=2, workers=1), CROWD)
    yield crowd
    crowd.close()


@pytest.mark.parametrize("story", rounds(*CARDS, "one form"))
def test_a_hundred_press_at_once_and_one_payment_is_kept(town, crowd, story):
    link = town.steward.ask("a_link")
    if story == "one form":
        one_form_a_hundred_times(town, crowd, link)
        return
    crowd.open(f"{link['path']}?method=CARD")
    posts = crowd.card_forms(CARDS[story])

    crowd.follow(crowd.release(posts))

    assert {buyer.step for buyer in crowd.buyers} <= TRUTHS
    assert not any(buyer.page.has("data-pay") for buyer in crowd.buyers)
    asked = [buyer for buyer in crowd.buyers if buyer.step == "challenge"]
    if asked:
        (carla,) = asked
        come_back_among_all_others(carla, crowd, posts)
    assert_one_payment_is_kept(town, link)
    assert len(with_receipt(town, link, crowd.buyers)) == 1
    crowd.open(link["path"])
    assert {buyer.step for buyer in crowd.buyers} == {"paid"}


def come_back_among_all_others(carla: WebBuyer, crowd: Crowd, posts: list[Post]) -> None:
    """She has approved at her bank. Her way back, pressed twice, and the others' recorded forms go out together."""
    carla.to_bank()
    carla.press("approve", come_back=False)
    (cres,) = carla.page.forms
    carla._at_the_bank(cres, {})
    (form,) = carla.page.forms
    back = Post(carla, urljoin(carla.page.url, form.action), form.values)
    again = [back if post.buyer is carla else post for post in posts]
    other = next(at for at, post in enumerate(again) if post.buyer is not carla)
    again[other] = back

    crowd.follow(crowd.release(again))

    others = [buyer for buyer in crowd.buyers if buyer is not carla]
    assert {buyer.step for buyer in others} <= TRUTHS - {"challenge"}
    assert not any(buyer.page.has("data-pay") for buyer in crowd.buyers)


def one_form_a_hundred_times(town: Town, crowd: Crowd, link: dict[str, Any]) -> None:
    """Double click, reload, back, and a recorded request sent again: one browser, one form, one attempt."""
    carla = town.buyer(crowd.buyers[0].port)
    carla.open(f"{link['path']}?method=CARD")
    for buyer in crowd.buyers:
        buyer.window.cookies = carla.window.cookies
        buyer.pages.append(carla.page)
    posts = crowd.card_forms([MASTERCARD])

    crowd.follow(crowd.release(posts))

    assert {buyer.step for buyer in crowd.buyers} <= {"paid", "wait"}
    assert_one_payment_is_kept(town, link)
    for and_then in (
        lambda: crowd.open(f"{link['path']}?method=CARD"),  # back
        lambda: crowd.follow(crowd.release(posts)),  # the recorded request
        lambda: crowd.open(crowd.buyers[0].page.url),  # reload
    ):
        and_then()
        assert {buyer.step for buyer in crowd.buyers} == {"paid"}
    assert len(with_receipt(town, link, crowd.buyers)) == len(crowd.buyers)
    assert town.story(link)["attempts"] == ["PAID"]
    assert_one_payment_is_kept(town, link)


def assert_one_payment_is_kept(town: Town, link: dict[str, Any]) -> None:
    """In our journal and at the acquirer, with one letter to each side."""
    town.until_idle()
    story = town.story(link)
    assert story["offer"] == "PAID"
    assert [entry["state"] for entry in story["entries"] if entry["succeeded"]] == ["AUTHORIZED"]
    assert sorted(letter["kind"] for letter in story["letters"]) == ["confirmation", "notice"]
    approved = theirs(town, link, "AUTH")
    assert [row["count"] for row in approved] == [1]
    assert approved[0]["request_id"] in {
        movement["request_id"] for entry in story["entries"] for movement in entry["movements"]
    }


def with_receipt(town: Town, link: dict[str, Any], buyers: list[WebBuyer]) -> list[WebBuyer]:
    """Who of them is shown the transaction."""
    (entry,) = [entry for entry in town.story(link)["entries"] if entry["succeeded"]]
    return [buyer for buyer in buyers if entry["transaction_id"] in buyer.page.html]
