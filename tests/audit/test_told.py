"""What people do in the back office stands in the log, with who, what and from where (safety.md AU-7)."""

from dataclasses import replace

import pytest
from django.db import transaction

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.merchants.models import Role
from paygate.money.amount import Money
from paygate.offers.change import change_offer, disable, terms_of
from paygate.tenants.context import within
from tests.backoffice.filled import filled
from tests.cast import LONG_AGO
from tests.make.journal import reservation
from tests.make.offers import offer


def last(action):
    line = AuditLine.objects.filter(action=action).order_by("pk").last()
    assert line is not None, f"nothing says: {action}"
    return line


def test_an_offer_from_creation_to_being_taken_back(anna):
    browser = anna.browser()
    browser.post("/backoffice/offers/new/", filled(anna.terminal))
    created = last("offer created")
    page = f"/backoffice/offers/{created.subject.removeprefix('offer:')}/"
    for button in ("disable/", "restore/", "send/"):
        browser.post(page + button)

    told = list(AuditLine.objects.order_by("pk").values_list("action", "by", "person", "came_from"))
    who = (anna.actor.name, anna.user.email, "127.0.0.1")
    assert ("offer created", *who) in told
    assert ("offer disabled", *who) in told
    assert ("offer restored", *who) in told
    assert len({line.request_id for line in AuditLine.objects.all()}) == len({line[0] for line in told})


def test_a_changed_offer_says_what_was_before_but_not_whose_address_it_is(anna):
    now = clock.now()
    sold = offer(anna.terminal, payer_email="old@example.org", description="Room")
    terms = replace(terms_of(sold, now=now), description="Suite", payer_email="new@example.org")
    terms = replace(terms, amount=Money(9900, "CHF"), expires_at=sold.expires_at)

    change_offer(sold.pk, terms, seen=sold.revision, by=anna.actor, now=now)

    detail = last("offer changed").detail
    assert detail["description"] == {"old": "Room", "new": "Suite"}
    assert detail["amount"]["new"] == "CHF\N{NO-BREAK SPACE}99.00"
    assert detail["payer_email"] == "changed"
    assert set(detail) == {"description", "amount", "payer_email"}


def test_what_is_refused_leaves_no_line(anna):
    sold = offer(anna.terminal)
    browser = anna.browser()
    browser.post(f"/backoffice/offers/{sold.pk}/disable/")
    browser.post(f"/backoffice/offers/{sold.pk}/disable/")

    assert AuditLine.objects.filter(action="offer disabled").count() == 1


def test_bookings_and_cancellations(anna):
    entry, other = reservation(anna.terminal), reservation(anna.terminal)
    browser = anna.browser()

    browser.post(f"/backoffice/journal/{entry.transaction_id}/book/", {"amount": "1.00"})
    browser.post(f"/backoffice/journal/{other.transaction_id}/cancel/", {"seen": "AUTHORIZED 0 0"})

    booked, canceled = last("captured"), last("canceled")
    assert booked.subject == f"entry:{entry.transaction_id}"
    assert booked.detail["amount"] == "CHF\N{NO-BREAK SPACE}1.00"
    assert canceled.subject == f"entry:{other.transaction_id}"


def test_a_batch_closed_by_hand(anna):
    entry = reservation(anna.terminal)
    browser = anna.browser()
    browser.post(f"/backoffice/journal/{entry.transaction_id}/book/", {"amount": "1.00"})

    browser.post(f"/backoffice/batches/{anna.terminal.number}/close/")

    closed = last("batch closed")
    assert closed.subject.startswith(f"batch:{anna.terminal.number}/")
    assert closed.detail == {"bookings": 1, "totals": {"CHF": 100}}


def test_a_terminal_with_old_and_new(anna):
    path = f"/backoffice/settings/terminals/{anna.terminal.number}/change"
    anna.browser().post(path, {"description": "Bar", "automatic_closing": "on"})
    anna.browser().post(path, {"description": "Bar", "automatic_closing": "on"})

    assert last("terminal changed").detail == {"description": {"old": "Hotel Alpenblick", "new": "Bar"}}
    assert AuditLine.objects.filter(action="terminal changed").count() == 1


def test_an_export_with_its_filters_and_without_card_numbers(anna):
    anna.browser().get("/backoffice/journal/journal.csv", {"q": "Room", "state": "AUTHORIZED"})
    assert last("exported").detail == {"q": ["Room"], "state": ["AUTHORIZED"]}

    anna.browser().get("/backoffice/journal/journal.csv", {"q": "4111 1111 1111 1111"})
    assert AuditLine.objects.filter(action="exported").count() == 1  # there was no file


def test_who_comes_over_from_another_merchant(anna, carla):
    with within(carla.merchant.pk):
        type(anna.member).objects.create(merchant=carla.merchant, user=anna.user, role=Role.READER)

    anna.browser().post("/backoffice/merchant/", {"merchant": carla.merchant.pk})

    assert not AuditLine.objects.filter(action="works here now").exists()
    with within(carla.merchant.pk):
        assert last("works here now").person == anna.user.email


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_line(anna):
    sold = offer(anna.terminal)
    before = AuditLine.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        disable(sold.pk, by=anna.actor, now=LONG_AGO)
        raise ZeroDivisionError

    assert AuditLine.objects.count() == before
