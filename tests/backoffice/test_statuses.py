"""Where offers are found, and what their symbols say (SPG-NAV, SPG-OVW, SPG-STA)."""

import re
from datetime import timedelta

import pytest

from paygate import clock
from paygate.offers.models import Offer
from paygate.offers.send import send_offer
from tests.backoffice.reading import words
from tests.cast import Person
from tests.make.offers import offer

OVERVIEW = "/backoffice/offers/"


def row_of(page, reference: str) -> str:
    """The HTML of an offer's row."""
    rows = re.findall(r"<tr data-status.*?</tr>", page.content.decode(), re.DOTALL)
    (found,) = [row for row in rows if reference in row]
    return str(found)


def one_of_each(person: Person) -> None:
    """An offer in each status; the open one was sent."""
    now = clock.now()
    sent = offer(person.terminal, payer_email="max@example.org", reference="OPEN-1")
    send_offer(sent.pk, by=person.actor, now=now)
    offer(person.terminal, reference="COPIED-1")
    paid = offer(person.terminal, reference="PAID-1")
    Offer.objects.filter(pk=paid.pk).update(state="PAID", paid_at=now)
    late = offer(person.terminal, reference="LATE-1")
    Offer.objects.filter(pk=late.pk).update(expires_at=now - timedelta(minutes=1))
    taken = offer(person.terminal, reference="TAKEN-1")
    Offer.objects.filter(pk=taken.pk).update(state="DISABLED")


def test_the_navigation_has_secure_paygate_and_its_entries_lead_straight_there(beat):
    """SPG-NAV-01, 02, 03; SPG-OVW-01: in the bar on the left, on every page, also inside Secure PayGate."""
    for path in ("/backoffice/", OVERVIEW):
        page = beat.browser().get(path).content.decode()
        rail = re.search(r"<nav\b.*?</nav>", page, re.DOTALL)
        assert rail
        entries = dict(
            re.findall(r'<a[^>]*href="([^"]+)"[^>]*>\s*(?:<svg.*?</svg>)?\s*(?:<span[^>]*>)?([^<]+)', rail[0])
        )
        assert entries[OVERVIEW].strip() in ("Secure PayGate", "Overview")
        assert entries["/backoffice/offers/start/"].strip() == "Create new link"
        assert "Secure PayGate" in words(beat.browser().get(path))


def test_the_overview_lists_all_offers_with_their_status(beat):
    """SPG-OVW-02, 03; SPG-STA-01: open, paid, expired and disabled; sent stands beside it."""
    one_of_each(beat)

    page = beat.browser().get(OVERVIEW)

    states = {
        reference: re.search(r'<tr data-status="(\w+)"( data-sent)?', row_of(page, reference))
        for reference in ("OPEN-1", "COPIED-1", "PAID-1", "LATE-1", "TAKEN-1")
    }
    assert {reference: found.groups() for reference, found in states.items() if found} == {
        "OPEN-1": ("OPEN", " data-sent"),
        "COPIED-1": ("OPEN", None),
        "PAID-1": ("PAID", None),
        "LATE-1": ("EXPIRED", None),
        "TAKEN-1": ("DISABLED", None),
    }


@pytest.mark.parametrize(
    ("reference", "css", "filled", "word"),
    [
        ("COPIED-1", "good", False, "Open"),
        ("PAID-1", "good", True, "Paid"),
        ("LATE-1", "wrong", False, "Expired"),
        ("TAKEN-1", "grey", False, "Disabled"),
    ],
)
def test_a_status_is_shape_colour_and_word(beat, reference, css, filled, word):
    """SPG-STA-02, 03, 07, 08, 09: an empty green circle, a filled green one, an empty red one; disabled has a bar."""
    one_of_each(beat)

    row = row_of(beat.browser().get(OVERVIEW), reference)

    assert f'<svg class="{css}"' in row
    assert ('<circle class="full"' in row) == filled
    assert f"<span>{word}</span>" in row


def test_sent_is_a_small_envelope_beside_the_status(beat):
    """SPG-STA-04, 05, 06: only of what the back office sent."""
    one_of_each(beat)
    page = beat.browser().get(OVERVIEW)

    assert 'class="envelope"' in row_of(page, "OPEN-1")
    assert 'class="good"' in row_of(page, "OPEN-1")
    assert 'class="envelope"' not in row_of(page, "COPIED-1")


def test_the_filter_symbol_opens_the_advanced_search(beat):
    """SPG-OVW-04, 05, 06: by date of expiry and by status."""
    one_of_each(beat)
    browser = beat.browser()

    page = browser.get(OVERVIEW).content.decode()
    fold = re.search(r'<details class="[^"]*more-filters".*?</details>', page, re.DOTALL)
    assert fold
    assert all(f'name="{name}"' in fold[0] for name in ("expires_from", "expires_to", "state"))

    tomorrow = (clock.now() + timedelta(days=1)).date().isoformat()
    found = words(browser.get(OVERVIEW, {"state": ["OPEN", "PAID"], "expires_from": tomorrow}))
    assert all(reference in found for reference in ("OPEN-1", "COPIED-1", "PAID-1"))
    assert not any(reference in found for reference in ("LATE-1", "TAKEN-1"))
