"""kill -9 at each checkpoint, and the payment ends right all the same (safety.md TE-2).

Each story starts a process that ends itself at the checkpoint, drives it there, sees it die, starts another one, lets
time pass, and looks into both books. A checkpoint that is never reached fails its test: its process never dies.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest

from paygate.checkpoints import CHECKPOINTS
from paygate.merchants.models import Terminal
from paygate.merchants.own_pages import PLACEHOLDER
from tests.backoffice.filled import filled
from tests.flows.buyer import MASTERCARD
from tests.flows.page import Form
from tests.processes.conftest import DATABASES
from tests.processes.extent import TIMES
from tests.processes.judge import (
    Link,
    asked,
    assert_all_books_agree,
    assert_link_paid_once,
    assert_paid_once,
    is_settled,
    message_ids,
    theirs,
)
from tests.processes.payer import HOW_MUCH, pay_in_the_end, signed_in
from tests.processes.town import Running, Town
from tests.processes.wire import Gone
from tests.webhooks.shop import open_shop

ASKED = "9030004950000007"  # Mastercard: the bank asks the payer
NEW_OFFER = "/backoffice/offers/new/"
ROWS = 2500  # of a file: three batches

Story = Callable[[Town, str], None]


def until_it_dies(victim: Running, deed: Callable[[], object]) -> None:
    """Do what leads it to its checkpoint. Whoever did it gets no answer."""
    with suppress(Gone):
        deed()
    victim.until_killed()


def a_card_is_paid_with(town: Town, checkpoint: str) -> None:
    """The web process dies between the press of the button and the receipt."""
    town.keep(webs=0, workers=1)
    victim, link = town.web(crash_at=checkpoint), town.steward.ask("a_link")
    town.until_ready(victim)
    carla = town.buyer(victim.port)
    carla.open(link["path"])

    until_it_dies(victim, lambda: carla.pay_by_card(MASTERCARD))

    carla.go_to(town.keep(webs=1, workers=1)[0])
    pay_in_the_end(town, carla, link)
    assert_paid_once(town, link)


def a_multi_use_link_is_paid(town: Town, checkpoint: str) -> None:
    """The web process dies while one of many payers pays; it is paid once, and no place in its limits is lost."""
    town.keep(webs=0, workers=1)
    victim, link = town.web(crash_at=checkpoint), town.steward.ask("a_multi_use_link", most_payments=2)
    town.until_ready(victim)
    carla = town.buyer(victim.port)
    carla.open(link["path"])
    carla.say_how_much(HOW_MUCH)

    until_it_dies(victim, lambda: carla.pay_by_card(MASTERCARD))

    carla.go_to(town.keep(webs=1, workers=1)[0])
    pay_in_the_end(town, carla, link)
    assert_link_paid_once(town, link, 4990)


def a_payment_of_a_multi_use_link_is_booked(town: Town, checkpoint: str) -> None:
    """The job process dies of an automatic booking, or of a letter, behind a multi-use link."""
    port = town.keep(webs=1, workers=0)[0]
    link = town.steward.ask("a_multi_use_link", booking="AUTOMATIC")
    carla = town.buyer(port)
    carla.open(link["path"])
    carla.say_how_much(HOW_MUCH)
    assert carla.pay_by_card(MASTERCARD).step == "paid"

    a_worker_dies(town, checkpoint)

    assert_link_paid_once(town, link, 4990, state="CAPTURED")


def a_place_of_a_multi_use_link_is_given_back(town: Town, checkpoint: str) -> None:
    """The job process dies of a give-back: the place in the link's limits is free again, and is taken once."""
    port = town.keep(webs=1, workers=0)[0]
    link = town.steward.ask("a_multi_use_link", most_payments=1)
    town.let_go_wrong("AUTH", "drop_after_commit", terminal=link["terminal"])
    carla = town.buyer(port)
    carla.open(link["path"])
    carla.say_how_much(HOW_MUCH)
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "wait"
    town.let_pass(310)

    a_worker_dies(town, checkpoint)

    def is_free() -> bool:
        return bool(town.steward.ask("many_stories", link=link["id"])["counted"] == [0, 0, 0])

    town.until(is_free, "the place is free again")
    pay_in_the_end(town, carla, link)
    assert_link_paid_once(town, link, 4990)


def a_bank_tells_its_result(town: Town, checkpoint: str) -> None:
    """The web process dies of the bank's message about a challenge."""
    town.keep(webs=0, workers=1)
    victim, link = town.web(crash_at=checkpoint), town.steward.ask("a_link")
    town.until_ready(victim)
    carla = town.buyer(victim.port)
    carla.open(link["path"])
    carla.pay_by_card(ASKED)
    carla.to_bank()

    until_it_dies(victim, lambda: carla.press("approve"))

    carla.go_to(town.keep(webs=1, workers=1)[0])
    pay_in_the_end(town, carla, link)
    assert_paid_once(town, link)


def a_payment_is_booked(town: Town, checkpoint: str) -> None:
    """The job process dies of an automatic booking."""
    link = paid(town, booking="AUTOMATIC")

    a_worker_dies(town, checkpoint)

    town.until(lambda: town.story(link)["entries"][0]["state"] == "CAPTURED", "the payment is booked")
    entry = assert_paid_once(town, link, state="CAPTURED")
    assert [row["request_id"] for row in theirs(town, link, "CAPTURE")] == [asked(entry, "CAPTURE")]


def a_letter_is_sent(town: Town, checkpoint: str) -> None:
    """The job process dies of a letter."""
    link = paid(town)

    a_worker_dies(town, checkpoint)

    assert_paid_once(town, link)


def a_server_is_told(town: Town, checkpoint: str) -> None:
    """The job process dies of a call to the merchant's server; the call is made again under the same id (OB-6)."""
    with open_shop() as shop:
        link = paid(town, notify_url=f"{shop.url}/paid/{PLACEHOLDER}")

        a_worker_dies(town, checkpoint)

        assert_paid_once(town, link)
        (told,) = town.story(link)["calls"]
        times = {"outbox.claimed": 1, "outbox.delivered": 2}[checkpoint]
        assert [heard.id for heard in shop.heard] == [told["id"]] * times
        assert len({heard.path for heard in shop.heard}) == 1
        assert PLACEHOLDER not in shop.heard[0].path


def a_payment_is_given_back(town: Town, checkpoint: str) -> None:
    """The job process dies of a give-back: the acquirer's answer was lost, and nobody found out in five minutes."""
    port, link = town.keep(webs=1, workers=0)[0], town.steward.ask("a_link")
    town.let_go_wrong("AUTH", "drop_after_commit", terminal=link["terminal"])
    carla = town.buyer(port)
    carla.open(link["path"])
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "wait"
    town.let_pass(310)

    a_worker_dies(town, checkpoint)

    town.until(lambda: is_settled(town.story(link)), "the payment is given back")
    (entry,) = town.story(link)["entries"]
    assert entry["state"] == "CANCELED"
    assert [row["undone"] for row in theirs(town, link, "AUTH")] == ["REVERSAL"]
    pay_in_the_end(town, carla, link)
    assert_paid_once(town, link)


def a_payment_is_canceled(town: Town, checkpoint: str) -> None:
    """The web process dies of a press on Cancel in the back office."""
    link = paid(town)

    dies_of_a_press(
        town,
        link,
        checkpoint,
        on=lambda form: "seen" in form.hidden,
        until=lambda: bool(town.story(link)["entries"][0]["state"] == "CANCELED"),
    )

    assert_paid_once(town, link, state="CANCELED")
    assert [row["undone"] for row in theirs(town, link, "AUTH")] == ["CANCEL"]


def a_payment_is_refunded(town: Town, checkpoint: str) -> None:
    """The web process dies of a press on Refund. What never left is refunded anew; nothing is paid back twice."""
    link = paid(town, booking="AUTOMATIC")
    town.keep(webs=1, workers=1)
    town.until(lambda: town.story(link)["entries"][0]["state"] == "CAPTURED", "the payment is booked")

    def refunds() -> list[Any]:
        return [one for one in town.story(link)["refunds"] if one["succeeded"]]

    dies_of_a_press(
        town,
        link,
        checkpoint,
        on=lambda form: "refund-amount" in form.values,
        until=lambda: [one["state"] for one in refunds()] == ["CAPTURED"],
    )

    assert_paid_once(town, link, state="CAPTURED")
    (refund,) = refunds()
    assert [row["request_id"] for row in theirs(town, link, "REFUND")] == [asked(refund, "REFUND")]


def a_batch_is_closed(town: Town, checkpoint: str) -> None:
    """The command that closes a batch dies; a job finishes what it began."""
    link = paid(town, booking="AUTOMATIC")
    town.keep(webs=1, workers=1)
    town.until(lambda: town.story(link)["entries"][0]["state"] == "CAPTURED", "the payment is booked")

    close = ("close-batch", "--customer-id", link["customer"], "--terminal", link["terminal"])
    assert town.run(*close, crash_at=checkpoint) == -9

    def periods() -> list[tuple[int, str]]:
        return [
            (row["number"], row["state"]) for row in town.steward.ask("periods", terminal=link["terminal"])
        ]

    town.until(lambda: periods() == [(1, "CLOSED"), (2, "OPEN")], "the batch is closed")
    entry = assert_paid_once(town, link, state="CAPTURED")
    booking = asked(entry, "CAPTURE")
    assert [row["lines"] for row in town.steward.ask("periods", terminal=link["terminal"])] == [[booking], []]
    assert [row["batch"] for row in theirs(town, link, "BATCH")] == [1]
    assert [row["batch"] for row in theirs(town, link, "CAPTURE")] == [1]


def an_offer_is_saved(town: Town, checkpoint: str) -> None:
    """The web process dies of a press on "Save and send offer". The form is sent again, as a browser does."""
    link = town.steward.ask("a_link")
    town.keep(webs=0, workers=1)
    victim = town.web(crash_at=checkpoint)
    town.until_ready(victim)
    anna = signed_in(town, link, victim.port)
    anna.open(NEW_OFFER)
    (form,) = [form for form in anna.page.forms if "form_id" in form.values]
    terminal = cast(Terminal, SimpleNamespace(number=link["terminal"]))
    typed = filled(terminal, form_id=form.values["form_id"], reference="killed", by_email="on", button="send")

    until_it_dies(victim, lambda: anna.post(NEW_OFFER, form.values | typed))

    anna.go_to(town.keep(webs=1, workers=1)[0])
    anna.send_again()
    town.until_idle()
    made = [
        offer
        for offer in town.steward.ask("offers_of", customer=link["customer"])
        if offer["reference"] == "killed"
    ]
    assert len(made) == 1
    assert made[0]["id"] in anna.page.url
    (letter,) = town.steward.ask("offer_letters", customer=link["customer"])
    assert letter["state"] == "DONE"
    assert letter["id"] in message_ids(town)
    assert_all_books_agree(town)


def offers_come_of_a_file(town: Town, checkpoint: str) -> None:
    """The job process dies between the rows of a file, before or after a batch is written down (safety.md UP-6)."""
    town.keep(webs=1, workers=0)
    link = town.steward.ask("a_link")
    upload = town.steward.ask("an_upload", customer=link["customer"], rows=ROWS)
    wanted = [f"R-{number:06}" for number in range(1, ROWS + 1)]

    a_worker_dies(town, f"{checkpoint}:2")

    town.until(
        lambda: town.steward.ask("the_upload", upload=upload)["state"] == "DONE", "the offers are there"
    )
    assert town.steward.ask("the_upload", upload=upload) == {
        "state": "DONE", "created": ROWS, "offers": wanted, "told": wanted,
    }  # fmt: skip
    assert_all_books_agree(town)


def paid(town: Town, **terms: Any) -> Link:
    """A paid link, all of whose jobs still wait, because nobody works."""
    port, link = town.keep(webs=1, workers=0)[0], town.steward.ask("a_link", **terms)
    carla = town.buyer(port)
    carla.open(link["path"])
    assert carla.pay_by_card(MASTERCARD).step == "paid"
    return cast(Link, link)


def dies_of_a_press(
    town: Town, link: Link, checkpoint: str, *, on: Callable[[Form], bool], until: Callable[[], bool]
) -> None:
    """The web process dies of a press on this form of a payment's page. Shown again, it is pressed again."""
    (entry,) = town.story(link)["entries"]
    address = f"/backoffice/journal/{entry['transaction_id']}/"
    town.keep(webs=0, workers=1)
    victim = town.web(crash_at=checkpoint)
    town.until_ready(victim)
    anna = signed_in(town, link, victim.port)
    anna.open(address)
    (form,) = filter(on, anna.page.forms)

    until_it_dies(victim, lambda: anna.send(form))

    anna.go_to(town.keep(webs=1, workers=1)[0])

    def is_done() -> bool:
        anna.open(address)
        for shown_again in filter(on, anna.page.forms):
            anna.send(shown_again)
        return until()

    town.until(is_done, "what was pressed for is done")


def a_worker_dies(town: Town, checkpoint: str) -> None:
    """A job process begins to work, kills itself, and after a while a healthy one takes its place."""
    town.worker(crash_at=checkpoint).until_killed()
    town.bury()
    town.keep(webs=1, workers=1)


STEPS = ("prepared", "marked_sent", "reply_read", "committed")
STORIES: dict[str, Story] = {
    "offer.saved": an_offer_is_saved,
    "attempt.created": a_card_is_paid_with,
    "3ds.areq_sent": a_card_is_paid_with,
    "3ds.ares_stored": a_card_is_paid_with,
    "3ds.rreq_stored": a_bank_tells_its_result,
    "3ds.decided": a_card_is_paid_with,
    **{f"auth.{step}": a_card_is_paid_with for step in STEPS},
    **{f"capture.{step}": a_payment_is_booked for step in STEPS},
    **{f"cancel.{step}": a_payment_is_canceled for step in STEPS},
    **{f"refund.{step}": a_payment_is_refunded for step in STEPS},
    **{f"reversal.{step}": a_payment_is_given_back for step in STEPS},
    **{
        f"batch.{step}": a_batch_is_closed for step in ("frozen", "marked_sent", "reply_read", "acknowledged")
    },
    "outbox.claimed": a_server_is_told,
    "outbox.delivered": a_server_is_told,
    "mail.claimed": a_letter_is_sent,
    "mail.accepted": a_letter_is_sent,
    "bulk.batch_written": offers_come_of_a_file,
    "bulk.row_done": offers_come_of_a_file,
}


# The same checkpoints on the way of a payment that has no offer.
LINK_STORIES: dict[str, Story] = {
    "attempt.created": a_multi_use_link_is_paid,
    "3ds.areq_sent": a_multi_use_link_is_paid,
    "3ds.ares_stored": a_multi_use_link_is_paid,
    "3ds.decided": a_multi_use_link_is_paid,
    **{f"auth.{step}": a_multi_use_link_is_paid for step in STEPS},
    **{f"capture.{step}": a_payment_of_a_multi_use_link_is_booked for step in STEPS},
    "mail.claimed": a_payment_of_a_multi_use_link_is_booked,
    "mail.accepted": a_payment_of_a_multi_use_link_is_booked,
    **{f"reversal.{step}": a_place_of_a_multi_use_link_is_given_back for step in STEPS},
}


def deaths(stories: Iterable[str]) -> list[Any]:
    """Each checkpoint once, every other one on the other database; in the long run many times on each."""
    return [
        pytest.param(DATABASES[(at + time) % 2], checkpoint, id=f"{checkpoint}, {time + 1}")
        for at, checkpoint in enumerate(stories)
        for time in range(TIMES)
    ]


@pytest.mark.parametrize(("town", "checkpoint"), deaths(STORIES), indirect=["town"])
def test_a_process_killed_anywhere_loses_and_doubles_nothing(town, checkpoint):
    STORIES[checkpoint](town, checkpoint)


@pytest.mark.parametrize(("town", "checkpoint"), deaths(LINK_STORIES), indirect=["town"])
def test_a_process_killed_behind_a_multi_use_link_loses_and_doubles_nothing(town, checkpoint):
    LINK_STORIES[checkpoint](town, checkpoint)


def test_every_checkpoint_has_a_story():
    assert set(STORIES) == CHECKPOINTS
