"""A process that dies between the work and the answer: the repeat finds what was made (safety.md ID-3, ID-4)."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.api.management import offers
from paygate.api.models import AnsweredRequest
from paygate.api.payment import follow_up
from paygate.api.tasks import forget
from paygate.journal.models import Movement
from paygate.offers.models import Offer
from tests.api.program import Program
from tests.api.test_offers import OFFERS, wish
from tests.api.test_payments import by_id
from tests.make.journal import reservation


class Killed(BaseException):
    """No handler of errors catches it, as none runs in a process that is gone."""


def dying(*_: object, **__: object) -> None:
    raise Killed


@pytest.fixture
def later(monkeypatch):
    """Whoever worked on it is gone by now."""

    def pass_by(**span: int) -> None:
        moment = clock.now() + timedelta(**span)
        monkeypatch.setattr(clock, "now", lambda: moment)

    return pass_by


def test_a_booking_is_found_by_its_repeat(shop: Program, alpenblick, monkeypatch, later):
    entry = reservation(alpenblick)
    with monkeypatch.context() as dies, pytest.raises(Killed):
        dies.setattr(follow_up, "_captured", dying)
        shop.call("Transaction/Capture", by_id(entry), RequestId="c")
    assert AnsweredRequest.objects.get().status is None

    later(seconds=101)
    again = shop.call("Transaction/Capture", by_id(entry), RequestId="c")

    assert (again.status, again.body["CaptureId"]) == (200, f"{entry.transaction_id}_c")
    assert Movement.objects.filter(kind="CAPTURE").count() == 1
    assert shop.call("Transaction/Capture", by_id(entry), RequestId="c") == again


def test_an_offer_is_found_by_its_repeat(shop: Program, monkeypatch, later):
    body = wish()
    with monkeypatch.context() as dies, pytest.raises(Killed):
        dies.setattr(offers, "_made", dying)
        shop.rest("POST", OFFERS, body, HTTP_SAFERPAY_REQUESTID="o")
    made = Offer.objects.get()

    later(seconds=101)
    again = shop.rest("POST", OFFERS, body, HTTP_SAFERPAY_REQUESTID="o")

    assert again.body["OfferId"] == str(made.pk)
    assert Offer.objects.count() == 1


def test_after_a_day_it_is_another_request(shop: Program, later):
    body = wish(ExpirationDate=(clock.now() + timedelta(days=9)).isoformat(timespec="seconds"))
    first = shop.rest("POST", OFFERS, body, HTTP_SAFERPAY_REQUESTID="o")
    later(hours=24, seconds=1)

    second = shop.rest("POST", OFFERS, body, HTTP_SAFERPAY_REQUESTID="o")

    assert first.body["OfferId"] != second.body["OfferId"]


def test_old_answers_are_forgotten(shop: Program, later):
    shop.rest("POST", OFFERS, wish(), HTTP_SAFERPAY_REQUESTID="o")
    forget()
    assert AnsweredRequest.objects.count() == 1

    later(hours=24, seconds=1)
    forget()

    assert not AnsweredRequest.objects.exists()


def test_no_card_and_no_clear_body_is_kept(shop: Program, alpenblick):
    """safety.md CD-9: only a keyed hash of what was sent."""
    entry = reservation(alpenblick)
    shop.call("Transaction/Capture", {**by_id(entry), "Note": "9010003150000001"}, RequestId="c")

    assert "9010003150000001" not in str(AnsweredRequest.objects.values().get())
