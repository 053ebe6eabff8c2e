"""No page of the back office asks more of the database because there is more in it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from paygate import clock
from paygate.accounts.models import Presence
from paygate.audit.models import AuditLine
from paygate.designs.change import Look, save_design
from paygate.journal.models import BookingPeriod, Movement
from paygate.merchants.models import Invitation, Role
from paygate.merchants.reach import system
from paygate.offers.models import OfferFile
from paygate.offers.send import send_offer
from tests.backoffice.test_doors import ONLY_POSTED, ROUTES, address, things_of
from tests.backoffice.test_lists import MOST_QUESTIONS
from tests.cast import Person, a_terminal, somebody
from tests.make.journal import reservation
from tests.make.offers import offer

FEW, MANY = 3, 60  # the most of a list's page is 50


def questions(browser: Client, path: str) -> list[str]:
    """What a page asks, whole: what is sent while it is written is read to its end."""
    with CaptureQueriesContext(connection) as asked:
        response = browser.get(path)
        assert response.status_code in (200, 302), path
        b"".join(response) if response.streaming else response.content
    return [one["sql"] for one in asked.captured_queries]


def more(person: Person, things: dict[str, Any], begin: int, end: int) -> None:
    """More of everything that a page shows several of: of the lists, and of what belongs to one thing."""
    now, by, merchant = clock.now(), system(person.merchant.pk), person.merchant
    sold, period = things["offer_id"], BookingPeriod.objects.get(number=things["number"])
    batch = {"merchant": merchant, "opened_at": now, "business_day_from": now}
    for number in range(begin, end):
        offer(person.terminal, payer_email="guest@example.org", reference=f"R-{number}")
        send_offer(sold, by=person.actor, now=now + timedelta(seconds=number))
        entry = reservation(person.terminal, reference=f"R-{number}")
        Movement.objects.filter(entry=entry).update(period=period, review_since=now)
        terminal = a_terminal(merchant, f"18{number:06}", f"Bar {number}")
        BookingPeriod.objects.create(**batch, terminal=terminal, number=1)
        BookingPeriod.objects.create(
            **batch, terminal=person.terminal, number=100 + number, state="CLOSED", closed_at=now
        )
        save_design(Look(f"House {number}", "#0b5f6b"), by=by, now=now)
        somebody(person.terminal, f"Member{number}", Role.CLERK)
        waiting = Invitation.objects.get(pk=things["invitation_id"])
        waiting.pk, waiting.email = None, f"new{number}@example.org"
        waiting.save()
        Presence.objects.create(user=person.user, began_at=now, seen_at=now)
        AuditLine.objects.create(merchant=merchant, at=now, by=person.actor.name, action="signed in")
        file = OfferFile.objects.get(pk=things["offer_file_id"])
        file.pk, file.offer_id = uuid4(), sold
        file.save(force_insert=True)


def asked_by_each(browser: Client, paths: dict[str, str]) -> dict[str, list[str]]:
    """By each page, without what is asked now and then, once a minute or by a process that keeps it.

    So each is opened twice in a row: a minute may go by between two rounds.
    """
    return {
        name: min(questions(browser, path), questions(browser, path), key=len) for name, path in paths.items()
    }


@pytest.mark.timeout(300)  # it opens every page several times
def test_no_page_asks_more_because_there_is_more(anna):
    things, browser = things_of(anna), anna.confirmed_browser()
    paths = {name: address(name, things) for name in sorted(ROUTES) if name not in ONLY_POSTED}
    paths |= {
        "offers narrowed": f"{paths['offers']}?q=R&state=OPEN&state=EXPIRED&source=BACKOFFICE&sort=-amount&whole=",
        "search for something": f"{paths['search']}?q=R",
        "journal narrowed": f"{paths['journal']}?q=R&state=AUTHORIZED",
        "letters narrowed": f"{paths['letters']}?q=guest&kind=offer",
        "audit narrowed": f"{paths['audit']}?q=anna",
    }
    more(anna, things, 0, FEW)
    few = asked_by_each(browser, paths)
    more(anna, things, FEW, MANY)
    many = asked_by_each(browser, paths)

    assert {name: len(asked) for name, asked in many.items() if len(asked) > MOST_QUESTIONS} == {}
    assert {name: asked for name, asked in many.items() if len(asked) > len(few[name])} == {}
