"""What is wrong with the terms of a multi-use link, field by field (SPG-MUF)."""

from datetime import timedelta
from typing import Any

import pytest

from paygate.links.models import LONGEST_PREFIX
from paygate.links.terms import LinkTerms, terms_of
from paygate.merchants.models import Booking
from paygate.threeds.liability import Condition
from paygate.tokens import READABLE_LENGTH
from tests.make.books import NOON
from tests.make.links import a_link
from tests.make.money import chf

DAY = timedelta(days=1)


def terms(**changes: Any) -> LinkTerms:
    """Good terms, but for these changes."""
    good: dict[str, Any] = {"description": "Donation", "currency": "CHF"}
    return LinkTerms(**good | changes)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"amount": chf("0.01")}, []),
        ({"amount": chf(0)}, ["amount"]),
        ({"amount": chf(-1)}, ["amount"]),
        ({"amount": chf(10), "smallest": chf(5)}, ["amount"]),
        ({"amount": chf(10), "suggested": (chf(5),)}, ["amount"]),
        ({"smallest": chf(5), "largest": chf(5)}, []),
        ({"smallest": chf(5), "largest": chf("4.99")}, ["largest"]),
        ({"smallest": chf(0)}, ["smallest"]),
        ({"suggested": (chf(5), chf(10), chf(20))}, []),
        ({"suggested": (chf(5),), "smallest": chf("5.01")}, ["suggested"]),
        ({"suggested": (chf(5),), "largest": chf("4.99")}, ["suggested"]),
        ({"suggested": tuple(chf(one) for one in range(1, 8))}, ["suggested"]),
        ({"currency": "JPY"}, ["currency"]),
        ({"description": "  "}, ["description"]),
        ({"description": "x" * 1001}, ["description"]),
        ({"description": "9010 0031 5000 0001"}, ["description"]),
        ({"reference_prefix": "ROOF-2026_a.b:"}, []),
        ({"reference_prefix": "Dach für alle"}, ["reference_prefix"]),
        ({"reference_prefix": "Dachü"}, ["reference_prefix"]),
        ({"reference_prefix": "９"}, ["reference_prefix"]),
        ({"reference_prefix": "x" * LONGEST_PREFIX}, []),
        ({"reference_prefix": "x" * (LONGEST_PREFIX + 1)}, ["reference_prefix"]),
        ({"reference_prefix": "9010003150000001"}, ["reference_prefix"]),
        ({"notify_emails": ("a@example.org",) * 11}, ["notify_emails"]),
        ({"language": "xx"}, ["language"]),
        ({"design_id": 10**9}, ["design"]),
        ({"ends_at": NOON + DAY}, []),
        ({"ends_at": NOON}, ["ends_at"]),
        ({"begins_at": NOON + 2 * DAY, "ends_at": NOON + DAY}, ["ends_at"]),
        ({"begins_at": NOON - DAY}, []),
        ({"most_payments": 1}, []),
        ({"most_payments": 0}, ["most_payments"]),
        ({"most_total": chf(100), "amount": chf("100.01")}, ["most_total"]),
        ({"most_total": chf(100), "smallest": chf(101)}, ["most_total"]),
        ({"most_total": chf(0)}, ["most_total"]),
        ({"amount": chf(0), "description": ""}, ["description", "amount"]),
    ],
)
def test_every_problem_is_told_with_its_field(anna, changes, fields):
    assert [problem.field for problem in terms(**changes).problems(anna.terminal, now=NOON)] == fields


def test_a_reference_is_short_enough_for_every_method():
    """behaviour.md F-15: TWINT cuts what is longer than 50; the wire takes 80."""
    assert LONGEST_PREFIX + READABLE_LENGTH == 50


def test_a_link_keeps_its_terms_whole(anna):
    wanted = terms(
        smallest=chf(5),
        largest=chf(500),
        suggested=(chf(10), chf(20)),
        booking=Booking.AUTOMATIC,
        condition=Condition.ATTEMPTED,
        language="fr",
        reference_prefix="ROOF-",
        email_required=False,
        confirm=False,
        billing_required=True,
        delivery_required=True,
        notify_emails=("anna@example.org",),
        begins_at=NOON + DAY,
        ends_at=NOON + 30 * DAY,
        most_payments=100,
        most_total=chf(5000),
    )
    written = {name: getattr(wanted, name) for name in LinkTerms.__slots__}

    assert terms_of(a_link(anna.terminal, now=NOON, **written)) == wanted
