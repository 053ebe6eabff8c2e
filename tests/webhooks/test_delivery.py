"""Calls to a real server: made once, repeated with patience under the same id, given up in the end (safety.md 12)."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connections, transaction

from paygate import checkpoints
from paygate.clock import now
from paygate.jobs.interface import run_due, tally
from paygate.jobs.sweep import sweep
from paygate.lifecycle.moves import MoveRefused, history
from paygate.operations.repair import outbox
from paygate.outbound import CallInsideTransaction, guarded
from paygate.outbound.client import Limits
from paygate.tenants.context import within
from paygate.webhooks.delivery import LEASE, PATIENCE, PAUSE, deliver
from paygate.webhooks.models import Delivery, Target
from paygate.webhooks.outbox import call, call_again
from tests.jobs.queue import lose_all_jobs
from tests.mail.post import free_port

pytestmark = pytest.mark.django_db


def in_thread(what: Callable[[], object]) -> None:
    """Do it with a database connection of its own, and wait for it."""

    def run() -> None:
        try:
            what()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def test_the_address_is_called_as_it_stands_and_with_nothing_else(tell, shop, fresh):
    """behaviour.md E-1, E-2; OB-3."""
    delivery = tell(f"{shop.url}/paid/abc-_1?lang=de&t=x#there")

    run_due()

    (heard,) = shop.heard
    assert (heard.method, heard.path, heard.body) == ("GET", "/paid/abc-_1?lang=de&t=x", b"")
    assert heard.id == str(delivery.public_id)
    assert "cookie" not in heard.headers
    assert "referer" not in heard.headers
    delivery = fresh(delivery)
    assert (delivery.state, delivery.answer, delivery.tries) == ("DONE", "200", 0)
    assert delivery.delivered_at
    assert delivery.answer_ms is not None
    assert [step.new for step in history(delivery)] == ["QUEUED", "DONE"]
    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0}


def test_it_is_called_once_however_often_it_is_asked_for(tell, shop):
    delivery = tell(shop.url)

    assert [deliver(delivery.pk, now=now()) for _ in range(3)] == [None, None, None]
    run_due()

    assert len(shop.heard) == 1


def test_a_call_is_written_with_what_causes_it_or_not_at_all(merchant):
    """OB-1, LK-6."""
    with pytest.raises(InterruptedError), transaction.atomic():
        call("test", "https://shop.example/", about="x", merchant_id=merchant.pk, now=now())
        raise InterruptedError

    assert not Delivery.objects.exists()
    assert tally()["QUEUED"] == 0


def test_nobody_waits_for_the_server_with_a_transaction_open(tell, shop):
    delivery = tell(shop.url)

    with pytest.raises(CallInsideTransaction), transaction.atomic():
        deliver(delivery.pk, now=now())

    assert not shop.heard


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_a_success(status, tell, shop, fresh):
    """OB-3."""
    shop.status, shop.body = status, b""
    delivery = tell(shop.url)

    run_due()

    assert (fresh(delivery).state, fresh(delivery).answer) == ("DONE", str(status))


@pytest.mark.parametrize("status", [301, 302, 400, 404, 410, 500, 503])
def test_everything_else_is_tried_again_and_no_redirect_is_followed(status, tell, shop, fresh):
    shop.status, shop.headers = status, {"Location": f"{shop.url}/elsewhere"}
    moment = now()
    delivery = tell(shop.url, at=moment)

    again = deliver(delivery.pk, now=moment)

    assert again == fresh(delivery).next_try_at == moment + timedelta(minutes=1)
    assert (fresh(delivery).state, fresh(delivery).answer, fresh(delivery).tries) == (
        "QUEUED",
        str(status),
        1,
    )
    assert [heard.path for heard in shop.heard] == ["/"]


def test_three_tries_within_five_minutes_and_then_patience_for_72_hours(tell, shop, fresh):
    """OB-3, behaviour.md E-3; OB-4: called again by hand it has the same id."""
    shop.status = 500
    begun = now()
    delivery = tell(shop.url, at=begun)
    tried: list[timedelta] = []
    again: datetime | None = begun
    while again is not None:
        moment, before = again, len(shop.heard)
        again = deliver(delivery.pk, now=moment)
        if len(shop.heard) > before:
            tried.append(moment - begun)

    assert tried[:5] == [timedelta(minutes=minutes) for minutes in (0, 1, 4, 19, 79)]
    assert timedelta(hours=60) < tried[-1] <= PATIENCE == timedelta(hours=72)
    assert (fresh(delivery).state, fresh(delivery).tries) == ("GIVEN_UP", len(tried))

    shop.status = 200
    call_again(fresh(delivery), by="member:1", now=moment)
    assert deliver(delivery.pk, now=moment) is None

    assert fresh(delivery).state == "DONE"
    assert {heard.id for heard in shop.heard} == {str(delivery.public_id)}
    assert [step.new for step in history(delivery)] == ["QUEUED", "GIVEN_UP", "QUEUED", "DONE"]
    with pytest.raises(MoveRefused):
        call_again(fresh(delivery), by="member:1", now=moment)


def test_the_job_comes_back_when_the_server_does(tell, shop, fresh, settings):
    settings.PAYGATE_CLOCK_OFFSET = ""
    shop.status = 503
    delivery = tell(shop.url)
    run_due()
    assert tally()["QUEUED"] == 1

    shop.status = 200
    run_due()
    assert len(shop.heard) == 1
    settings.PAYGATE_CLOCK_OFFSET = "61"
    run_due()

    assert fresh(delivery).state == "DONE"


@pytest.mark.parametrize("trouble", ["dead", "slow"])
def test_a_server_that_does_not_answer_is_tried_again(trouble, tell, shop, fresh, monkeypatch):
    monkeypatch.setattr(guarded, "LIMITS", Limits(connect=1, read=0.2, total=0.3, longest=65536))
    shop.meanwhile = lambda: time.sleep(0.6)
    delivery = tell(f"http://127.0.0.1:{free_port()}" if trouble == "dead" else shop.url)

    run_due()

    said = {"dead": "connection refused", "slow": "timeout"}[trouble]
    assert (fresh(delivery).state, fresh(delivery).answer) == ("QUEUED", said)


def test_a_huge_answer_is_a_success_and_nothing_of_it_is_kept(tell, shop, fresh):
    """SS-6."""
    shop.body = b"secret of the server" * 500_000
    delivery = tell(shop.url)

    run_due()

    assert fresh(delivery).state == "DONE"
    assert "secret" not in str(vars(fresh(delivery)))


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("http://169.254.169.254/latest/meta-data/", "refused: private"),
        ("http://user:password@shop.example/", "refused: user"),
        ("https://8.8.8.8:8443/", "refused: port"),
        ("ftp://shop.example/", "refused: scheme"),
        ("https://shop.example/" + "x" * 3000, "refused: length"),
        ("no address", "refused: spelling"),
    ],
)
def test_an_address_that_nobody_may_call_is_given_up_at_once(url, answer, tell, fresh):
    """SS-3: checked at each delivery, whatever was saved."""
    delivery = tell(url)

    run_due()

    assert (fresh(delivery).state, fresh(delivery).answer) == ("GIVEN_UP", answer)
    assert not Target.objects.exclude(failures=0).exists()


def test_a_process_that_dies_after_the_call_repeats_it_under_the_same_id(tell, shop, fresh, monkeypatch):
    """OB-6: never a loss."""
    delivery, died_at = tell(shop.url), now()

    def dies(name: str) -> None:
        if name == "outbox.delivered":
            raise InterruptedError

    monkeypatch.setattr(checkpoints, "hook", dies)
    with pytest.raises(InterruptedError):
        deliver(delivery.pk, now=died_at)
    monkeypatch.setattr(checkpoints, "hook", None)
    assert fresh(delivery).state == "QUEUED"

    assert deliver(delivery.pk, now=died_at) == died_at + LEASE
    assert deliver(delivery.pk, now=died_at + LEASE) is None

    assert [heard.id for heard in shop.heard] == [str(delivery.public_id)] * 2
    assert fresh(delivery).state == "DONE"


@pytest.mark.django_db(transaction=True)
def test_a_result_that_comes_after_the_lease_is_refused(tell, shop, merchant, fresh):
    delivery, others_lease = tell(shop.url), now() + 2 * LEASE

    def taken_by_another() -> None:
        with within(merchant.pk):
            Delivery.objects.filter(pk=delivery.pk).update(lease_token=uuid4(), lease_until=others_lease)

    shop.meanwhile = lambda: in_thread(taken_by_another)

    assert deliver(delivery.pk, now=now()) == others_lease
    assert (fresh(delivery).state, fresh(delivery).answer) == ("QUEUED", "")


@pytest.mark.django_db(transaction=True)
def test_at_most_two_calls_are_under_way_to_one_target_and_five_of_one_merchant(tell, shop, merchant):
    """OB-5."""
    moment = now()
    calls = [tell(f"{shop.url}/{number}", at=moment) for number in range(4)]
    elsewhere = [tell(f"http://127.0.0.{host}:{shop.port}/", at=moment) for host in (2, 3, 4, 5)]
    deepest: list[int] = []

    def the_next(rest: list[Delivery]) -> Callable[[], None]:
        """While one call is under way, the next is tried, and so on; how many got through."""

        def during() -> None:
            def work() -> None:
                with within(merchant.pk):
                    if not rest:
                        return
                    shop.meanwhile = the_next(rest[1:])
                    again = deliver(rest[0].pk, now=moment)
                    deepest.append(0 if again else 1)

            in_thread(work)

        return during

    shop.meanwhile = the_next(calls[1:])
    deliver(calls[0].pk, now=moment)
    assert (len(shop.heard), sum(deepest)) == (2, 1), "the third waits"

    # As many calls under way as there may be: leases of workers that call at this moment.
    for one, busy in zip(elsewhere, (True, True, True, False), strict=True):
        if busy:
            Delivery.objects.filter(pk=one.pk).update(lease_token=uuid4(), lease_until=moment + LEASE)
    others = tell("http://127.0.0.6/", at=moment), tell("http://127.0.0.7/", at=moment)
    Delivery.objects.filter(pk__in=[one.pk for one in others]).update(
        lease_token=uuid4(), lease_until=moment + LEASE
    )
    wait_until = deliver(elsewhere[3].pk, now=moment)

    assert wait_until is not None
    assert wait_until > moment
    assert len(shop.heard) == 2


def test_after_ten_failures_in_a_row_nobody_calls_for_a_while(tell, shop, fresh):
    """OB-5: the circuit opens, one call looks whether somebody is there again, and the others follow."""
    shop.status, moment = 500, now()
    calls = [tell(f"{shop.url}/{number}", at=moment) for number in range(12)]

    for one in calls:
        deliver(one.pk, now=moment)

    assert len(shop.heard) == 10
    assert [(fresh(one).tries, fresh(one).next_try_at) for one in calls[10:]] == [(0, moment + PAUSE)] * 2
    elsewhere = tell(f"http://127.0.0.9:{free_port()}/", at=moment)
    deliver(elsewhere.pk, now=moment)
    assert fresh(elsewhere).answer == "connection refused", "another target is called all the same"

    shop.status = 200
    assert [deliver(one.pk, now=moment + PAUSE) for one in calls] == [None] * 12
    assert {fresh(one).state for one in calls} == {"DONE"}


def test_a_target_in_trouble_is_tried_to_the_last_moment(tell, shop, fresh):
    shop.status, begun = 500, now()
    first = tell(shop.url, at=begun)
    Target.objects.create(merchant_id=first.merchant_id, origin=first.target, failures=99,
                          paused_until=begun + PATIENCE + PAUSE)  # fmt: skip

    again = deliver(first.pk, now=begun)
    assert again == begun + PATIENCE
    assert not shop.heard
    assert deliver(first.pk, now=again) is None

    assert (fresh(first).state, len(shop.heard)) == ("GIVEN_UP", 1)


def test_a_queue_that_was_lost_loses_no_call(tell, shop, fresh):
    delivery = tell(shop.url)
    lose_all_jobs()

    sweep()
    run_due()

    assert fresh(delivery).state == "DONE"
    assert sweep() == 0


def test_the_command_makes_what_is_due(tell, shop, fresh):
    """safety.md TE-4: `paygate outbox --once`."""
    delivery = tell(shop.url)

    assert outbox() == {"failed": 0, "letters tried": 0, "calls tried": 1}

    assert fresh(delivery).state == "DONE"


def test_the_log_names_no_address(tell, shop, caplog):
    """LG-3: it holds the token."""
    tell(f"{shop.url}/paid/the-token")
    with caplog.at_level("DEBUG"):
        run_due()

    ours = " ".join(record.getMessage() for record in caplog.records)
    assert "a call was tried" in ours
    assert "the-token" not in ours
