"""The database fails at the worst moment: nothing is sent unwritten, nothing is forgotten (safety.md LK-7, LK-8)."""

from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from paygate import checkpoints, clock
from paygate.acquiring.simulator import ledger
from paygate.journal.capture import capture
from tests.flows.buyer import MASTERCARD, Buyer
from tests.make.books import again
from tests.make.desks import Link, desk
from tests.make.journal import reservation

pytestmark = pytest.mark.django_db(transaction=True)

Failing = Callable[[str, bool], None]


@pytest.fixture
def commit_fails(monkeypatch) -> Iterator[Failing]:
    """The first commit after this point fails: before the database had it, or after (and then only we do not know)."""
    real = vars(BaseDatabaseWrapper)["_commit"]
    armed: dict[str, object] = {}

    def commit(self: object) -> None:
        if armed.pop("now", None):
            if armed["had_it"]:
                real(self)
            raise OperationalError("the connection was lost during COMMIT")
        real(self)

    def reached(name: str) -> None:
        if name == armed.get("at"):
            armed["now"] = armed.pop("at")

    def arm(at: str, had_it: bool) -> None:
        armed.update(at=at, had_it=had_it)

    monkeypatch.setattr(BaseDatabaseWrapper, "_commit", commit)
    monkeypatch.setattr(checkpoints, "hook", reached)
    yield arm
    assert "at" not in armed, "the commit that should fail was never reached"


def pay(link: Link) -> Buyer:
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    return carla


def asked() -> list[str]:
    return [str(row["op"]) for row in ledger.listed()]


def test_without_the_intent_nothing_is_sent_and_the_payer_may_look_again(commit_fails):
    """safety.md LK-7."""
    link = desk().link()
    commit_fails("3ds.decided", False)

    carla = pay(link)

    assert carla.page.status == 503
    assert asked() == []
    assert not link.entries


def test_an_intent_whose_commit_nobody_knows_of_is_read_again_and_never_assumed(commit_fails, later):
    """safety.md LK-8: it was written; nothing was sent; the job finds it and says so."""
    link = desk().link()
    commit_fails("3ds.decided", True)

    carla = pay(link)
    assert carla.page.status == 503
    assert link.attempt.state == "AUTHORIZING"
    later(70)

    assert (link.attempt.state, link.entry.state, asked()) == ("FAILED", "FAILED", [])
    assert pay(link).step == "paid"


@pytest.mark.parametrize("had_it", [False, True])
def test_a_result_that_could_not_be_written_is_found_out(had_it, commit_fails, later):
    """safety.md LK-7, LK-8: the money is reserved there, whatever became of our commit."""
    hotel = desk()
    link = hotel.link()
    commit_fails("auth.reply_read", had_it)

    carla = pay(link)
    assert carla.page.status == 503
    assert (link.state == "PAID") == had_it
    later(70)

    assert (link.state, link.entry.state, asked()) == ("PAID", "AUTHORIZED", ["AUTH"])
    assert carla.open(link).step == "paid"
    assert [letter.kind for letter in hotel.letters] == ["confirmation", "notice"]


def test_a_booking_whose_result_could_not_be_written_is_found_out(commit_fails, later, anna):
    entry = reservation(anna.terminal)
    commit_fails("capture.reply_read", False)

    with pytest.raises(OperationalError):
        capture(entry.pk, by=anna.actor, now=clock.now())
    assert again(entry).state == "AUTHORIZED"
    later(70)

    assert again(entry).state == "CAPTURED"
    assert asked().count("CAPTURE") == 1
