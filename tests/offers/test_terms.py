"""What is wrong with terms, field by field; what is right makes an offer (SPG-FRM, behaviour.md M-2, M-3)."""

from datetime import timedelta
from typing import Any

import pytest

from paygate.lifecycle.moves import history
from paygate.mail.models import Mail
from paygate.merchants.models import Booking
from paygate.merchants.reach import NotPermitted
from paygate.money.amount import Money
from paygate.offers.create import create_offer, create_offers
from paygate.offers.models import Offer, Source
from paygate.offers.states import OfferState
from paygate.offers.terms import LONGEST, SHORTEST, OfferTerms
from paygate.refusals import TermsRefused
from paygate.threeds.liability import Condition
from tests.make.books import NOON
from tests.make.money import chf, eur

SECOND = timedelta(seconds=1)


def terms(**changes) -> OfferTerms:
    """Good terms, but for these changes."""
    good: dict[str, Any] = {
        "amount": chf("49.90"),
        "description": "Double room",
        "expires_at": NOON + timedelta(days=7),
    }
    return OfferTerms(**good | changes)


def problems_of(anna, **changes) -> list[str]:
    """The fields in which these terms are wrong."""
    return [problem.field for problem in terms(**changes).problems(anna.terminal, now=NOON)]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"amount": chf("0.01")}, []),
        ({"amount": Money(999_999_999_999, "CHF")}, []),
        ({"amount": chf(0)}, ["amount"]),
        ({"amount": chf(-1)}, ["amount"]),
        ({"amount": Money(1_000_000_000_000, "CHF")}, ["amount"]),
        ({"amount": eur(10)}, []),
        ({"amount": Money(1000, "JPY")}, ["currency"]),
        ({"description": ""}, ["description"]),
        ({"description": "   "}, ["description"]),
        ({"description": "x" * 1000}, []),
        ({"description": "x" * 1001}, ["description"]),
        ({"description": "two\nlines"}, ["description"]),
        ({"description": "a\0b"}, ["description"]),
        ({"description": "turned \u202eround"}, ["description"]),
        ({"description": "12\u202f000\u00a0Franken, bitte"}, []),
        ({"description": "👨‍👩‍👧 Familienzimmer"}, []),
        ({"reference": "x" * 80}, []),
        ({"reference": "x" * 81}, ["reference"]),
        ({"reference": "a\tb"}, ["reference"]),
        ({"expires_at": NOON + SHORTEST}, []),
        ({"expires_at": NOON + SHORTEST - SECOND}, ["expires_at"]),
        ({"expires_at": NOON - timedelta(days=1)}, ["expires_at"]),
        ({"expires_at": NOON + LONGEST}, []),
        ({"expires_at": NOON + LONGEST + SECOND}, ["expires_at"]),
        ({"language": "de"}, []),
        ({"language": "de-CH"}, []),
        ({"language": "xx"}, ["language"]),
        ({"language": ""}, ["language"]),
        *[({"max_attempts": attempts}, []) for attempts in (0, 1, 3, 5, 10)],
        *[({"max_attempts": attempts}, ["max_attempts"]) for attempts in (-1, 2, 11, 100)],
        ({"notify_emails": ("a@example.org",) * 10}, []),
        ({"notify_emails": ("a@example.org",) * 11}, ["notify_emails"]),
        ({"amount": chf(0), "description": "", "max_attempts": 7}, ["amount", "description", "max_attempts"]),
    ],
)
def test_every_problem_is_told_with_its_field(anna, changes, fields):
    assert problems_of(anna, **changes) == fields


@pytest.mark.parametrize("field", ["description", "reference"])
@pytest.mark.parametrize(
    "number",
    ["4111111111111111", "9010 0031 5000 0001", "9010-0031-5000-0001", "３７８２８２２４６３１０００５"],
)
def test_a_card_number_is_refused_and_not_repeated(anna, field, number):
    found = list(terms(**{field: f"Card {number}"}).problems(anna.terminal, now=NOON))

    assert [problem.field for problem in found] == [field]
    assert number not in str(found[0].words)


@pytest.mark.parametrize(
    "text", ["Tel. +41 44 668 18 00", "Order 2026-1060 of 24.11.2026", "IBAN CH93 0076 2011 6238 5295 7"]
)
def test_other_numbers_are_taken(anna, text):
    assert problems_of(anna, description=text) == []


def test_a_currency_that_no_contract_takes_is_refused(anna):
    anna.terminal.contracts.update(currencies=["CHF"])

    assert problems_of(anna, amount=eur(10)) == ["currency"]


def test_refused_terms_make_no_offer_and_say_everything(anna):
    with pytest.raises(TermsRefused) as refusal:
        create_offer(
            anna.terminal,
            terms(description="", amount=chf(0)),
            source=Source.BACKOFFICE,
            by=anna.actor,
            now=NOON,
        )

    assert [problem.field for problem in refusal.value.problems] == ["amount", "description"]
    assert not Offer.objects.exists()
    assert not Mail.objects.exists()


def test_good_terms_make_an_open_offer_with_its_history(anna):
    offer = create_offer(
        anna.terminal,
        terms(
            description=" Double room ",
            reference=" 2026-1 ",
            booking=Booking.AUTOMATIC,
            condition=Condition.ATTEMPTED,
        ),
        source=Source.BACKOFFICE,
        by=anna.actor,
        now=NOON,
    )

    offer = Offer.objects.get(pk=offer.pk)
    assert (offer.state, offer.description, offer.reference) == (OfferState.OPEN, "Double room", "2026-1")
    assert (offer.amount, offer.booking, offer.attempts) == (chf("49.90"), Booking.AUTOMATIC, 0)
    assert (offer.created_by, offer.created_at, offer.sent_at) == (anna.actor.name, NOON, None)
    assert [(step.old, step.new, step.by) for step in history(offer)] == [("", "OPEN", anna.actor.name)]


def test_of_many_terms_all_become_offers_or_none(anna):
    good, bad = terms(), terms(description="")

    with pytest.raises(TermsRefused):
        create_offers(anna.terminal, [good, bad, good], source=Source.UPLOAD, by=anna.actor, now=NOON)
    assert not Offer.objects.exists()

    create_offers(anna.terminal, [good, good], source=Source.UPLOAD, by=anna.actor, now=NOON)
    assert Offer.objects.count() == 2


def test_who_may_not_write_offers_writes_none(anna):
    from paygate.merchants.models import Role
    from tests.cast import somebody

    cashier = somebody(anna.terminal, "Dario", Role.CASHIER)

    with pytest.raises(NotPermitted):
        create_offer(anna.terminal, terms(), source=Source.BACKOFFICE, by=cashier.actor, now=NOON)
    assert not Offer.objects.exists()


def test_a_links_id_is_random_and_says_nothing(anna):
    offers = create_offers(anna.terminal, [terms()] * 50, source=Source.UPLOAD, by=anna.actor, now=NOON)

    ids = [offer.pk for offer in offers]
    assert len({str(id_)[:8] for id_ in ids}) == 50
    assert {id_.version for id_ in ids} == {4}, "122 random bits"
    assert ids != sorted(ids)
