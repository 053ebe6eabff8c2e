"""What the walks that happen most often cost the database, as an upper bound each.

Counted is what really goes to the database, the merchant it is told included (tests/house/wire.py). BEGIN, COMMIT and
savepoints are no statements; a write outside a transaction is a commit too. The process is warm, as a server is: what
it asks once and keeps was asked before.
"""

from contextlib import contextmanager

import pytest

from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence
from paygate.tenants import context
from paygate.tenants.context import within
from tests.api.program import program_of
from tests.backoffice.filled import filled
from tests.flows.buyer import MASTERCARD, Buyer
from tests.house.wire import listening
from tests.make.desks import CARDS, WALLETS, desk
from tests.make.journal import reservation

pytestmark = pytest.mark.django_db(transaction=True)

NEW_OFFER = "/backoffice/offers/new/"


def test_a_link_opened(tmp_path):
    desk_ = desk()
    Buyer().open(desk_.link())
    link = desk_.link()

    with listening(tmp_path) as first:
        Buyer().open(link)
    with listening(tmp_path) as again:
        Buyer().open(link)

    assert len(first.statements) <= 4, first
    assert first.commits <= 1, first
    assert len(again.statements) <= 3, again
    assert again.commits == 0, again


def test_a_link_opened_that_asks_for_details(tmp_path):
    desk_ = desk()
    Buyer().open(desk_.link(address_editable=True))
    link = desk_.link(address_editable=True)

    with listening(tmp_path) as first:
        Buyer().open(link)

    assert len(first.statements) <= 5, first
    assert first.commits <= 1, first


def test_an_offer_created_by_the_form(anna, tmp_path):
    browser = anna.browser()
    browser.post(NEW_OFFER, filled(anna.terminal))

    with outside(), listening(tmp_path) as traffic:
        response = browser.post(NEW_OFFER, filled(anna.terminal))

    assert response.status_code == 302
    assert len(traffic.statements) <= 15, traffic  # with its line in the audit log
    assert traffic.commits <= 2, traffic
    assert traffic.savepoints <= 1, traffic


@pytest.mark.parametrize(
    ("methods", "statements"),
    [(CARDS, 40), (CARDS + WALLETS, 42)],
    ids=["the link opens the card form", "the payer chooses first"],
)
def test_a_payment_from_the_link_to_the_receipt(methods, statements, tmp_path):
    hotel = desk(methods=methods)
    _pay(hotel.link())
    link = hotel.link()

    with listening(tmp_path) as traffic:
        _pay(link)

    assert link.entry.state == "AUTHORIZED"
    assert [letter.state for letter in hotel.letters[2:]] == ["QUEUED", "QUEUED"]
    assert len(traffic.statements) <= statements, traffic
    assert traffic.commits <= 6, traffic
    assert traffic.savepoints <= 3, traffic


def test_a_reservation_booked_by_a_program(tmp_path):
    hotel = desk()
    program = program_of(hotel.merchant)
    with within(hotel.merchant.pk):
        Licence.objects.create(merchant=hotel.merchant, features=[feature.value for feature in Feature])
        booked, counted = (reservation(hotel.terminal).transaction_id for _ in range(2))
    _book(program, booked)

    with listening(tmp_path) as traffic:
        _book(program, counted)

    assert len(traffic.statements) <= 26, traffic
    assert traffic.commits <= 8, traffic
    assert traffic.savepoints == 0, traffic


def _book(program, transaction_id):
    asked = {"TransactionReference": {"TransactionId": transaction_id}}
    assert program.call("Transaction/Capture", asked).status == 200


@contextmanager
def outside():
    """As a request comes in: nobody's rows are in view, though Anna's fixture looks at her hotel's."""
    token = context._current.set(None)
    try:
        yield
    finally:
        context._current.reset(token)


def _pay(link):
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"
