"""What the merchant asked of 3-D Secure, and how each kind of card ends under it (safety.md 7.3 and 7.4)."""

from dataclasses import dataclass

import pytest

from paygate.acquiring.simulator import faults as acquirer_faults
from paygate.acquiring.simulator import ledger
from paygate.simulation.faults import Mode
from paygate.threeds.liability import Condition
from paygate.threeds.simulator import faults
from tests.flows.buyer import Buyer
from tests.make.desks import Link, desk

pytestmark = pytest.mark.django_db

NONE, ATT, CHA = Condition.NONE, Condition.ATTEMPTED, Condition.CHALLENGE
NOT_SATISFIED, FAILED = "CONDITION_NOT_SATISFIED", "3DS_AUTHENTICATION_FAILED"


@dataclass(frozen=True)
class Kept:
    """A reservation, and who bears the risk."""

    shift: bool
    authenticated: bool | None
    kind: str
    eci: str  # what the issuer said; none is told where there is no 3-D Secure


@dataclass(frozen=True)
class No:
    """The acquirer is not asked."""

    because: str


STRONG, FRICTIONLESS, ATTEMPT = "STRONG_CUSTOMER_AUTHENTICATION", "FRICTIONLESS", "ATTEMPT"

# The card, as sandbox.md 2 and 3 describe it, and how it ends under each Condition.
TABLE = [
    ("Visa, recognised", "9010003150000001", NONE, Kept(True, True, FRICTIONLESS, "05")),
    ("Visa, recognised", "9010003150000001", ATT, Kept(True, True, FRICTIONLESS, "05")),
    (
        "Visa, recognised; asked because of the Condition",
        "9010003150000001",
        CHA,
        Kept(True, True, STRONG, "05"),
    ),
    ("Mastercard, recognised", "9030003150000007", NONE, Kept(True, True, FRICTIONLESS, "02")),
    ("Mastercard, recognised", "9030003150000007", ATT, Kept(True, True, FRICTIONLESS, "02")),
    ("Mastercard, asked because of the Condition", "9030003150000007", CHA, Kept(True, True, STRONG, "02")),
    ("Visa, asked", "9010004950000001", NONE, Kept(True, True, STRONG, "05")),
    ("Visa, asked", "9010004950000001", ATT, Kept(True, True, STRONG, "05")),
    ("Visa, asked", "9010004950000001", CHA, Kept(True, True, STRONG, "05")),
    ("American Express, asked", "9070004950000008", CHA, Kept(True, True, STRONG, "05")),
    ("Visa, attempt after a question", "9010004250000008", NONE, Kept(True, False, ATTEMPT, "06")),
    ("Visa, attempt after a question", "9010004250000008", ATT, Kept(True, False, ATTEMPT, "06")),
    ("Visa, attempt after a question", "9010004250000008", CHA, No(NOT_SATISFIED)),
    ("Mastercard, attempt without a question", "9030100352000007", NONE, Kept(True, False, ATTEMPT, "01")),
    ("Mastercard, attempt without a question", "9030100352000007", ATT, Kept(True, False, ATTEMPT, "01")),
    ("Mastercard, attempt, asked because of the Condition", "9030100352000007", CHA, No(NOT_SATISFIED)),
    ("Visa, technical reason", "9010003750000005", NONE, Kept(False, None, "NONE", "07")),
    ("Visa, technical reason", "9010003750000005", ATT, No(NOT_SATISFIED)),
    ("Visa, technical reason", "9010003750000005", CHA, No(NOT_SATISFIED)),
    ("Mastercard, technical reason", "9030003750000001", NONE, Kept(False, None, "NONE", "00")),
    ("Visa, failure after a question", "9010004150000009", NONE, Kept(False, False, "NONE", "07")),
    ("Visa, failure after a question", "9010004150000009", ATT, No(NOT_SATISFIED)),
    ("Visa, failure after a question", "9010004150000009", CHA, No(NOT_SATISFIED)),
    ("Visa, refused by the bank", "9010004350000007", NONE, No(FAILED)),
    ("Visa, refused by the bank", "9010004350000007", ATT, No(FAILED)),
    ("Visa, refused by the bank", "9010004350000007", CHA, No(FAILED)),
    ("JCB, no 3-D Secure here", "9060100052000003", NONE, Kept(False, None, "", "")),
    ("JCB, no 3-D Secure here", "9060100052000003", ATT, Kept(False, None, "", "")),
    ("JCB, no 3-D Secure here", "9060100052000003", CHA, Kept(False, None, "", "")),
]


def pay(number: str, condition: Condition) -> tuple[Link, Buyer]:
    """Carla pays, and approves whatever she is asked."""
    link = desk().link(condition=condition)
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(number)
    if carla.step == "challenge":
        carla.to_bank()
        carla.press("approve")
    return link, carla


@pytest.mark.parametrize(
    ("card", "number", "condition", "end"), TABLE, ids=[f"{row[0]} under {row[2].name}" for row in TABLE]
)
def test_how_a_card_ends(card, number, condition, end):
    link, carla = pay(number, condition)

    match end:
        case Kept():
            entry = link.entry
            assert (carla.step, entry.state) == ("paid", "AUTHORIZED")
            assert entry.liability_shift is end.shift
            assert entry.liable_entity == ("THREEDS" if end.shift else "MERCHANT")
            assert (entry.authenticated, entry.authentication_type) == (end.authenticated, end.kind)
            assert eci_in(link) == end.eci
        case No():
            assert (carla.step, carla.page.is_declined) == ("choose", True)
            assert (link.attempt.state, link.attempt.refused_because) == ("DECLINED", end.because)
            assert (link.entries, ledger.listed()) == ([], [])


def eci_in(link: Link) -> str:
    """The last ECI in the message log of the journal entry."""
    said = [line.body["eci"] for line in link.messages if line.body.get("eci")]
    return said[-1] if said else ""


def test_the_condition_with_a_challenge_demands_one_from_the_bank():
    link, _ = pay("9010003150000001", CHA)

    areq = next(line.body for line in link.messages if line.message_type == "AReq")
    assert areq["threeDSRequestorChallengeInd"] == "04"


def test_the_journal_keeps_every_message_without_card_number_or_proof():
    """safety.md 3D-5."""
    link, _ = pay("9010004950000001", NONE)

    lines = link.messages
    assert [line.message_type for line in lines] == ["AReq", "ARes", "RReq", "RRes", "CRes"]
    areq, rreq = lines[0].body, lines[2].body
    assert areq["acctNumber"] == "901000xxxxxx0001"
    assert (areq["purchaseAmount"], areq["purchaseExponent"]) == ("4990", "2")
    assert (areq["merchantName"], areq["browserIP"]) == ("Hotel Alpenblick", "192.0.2.7")
    assert len(rreq["authenticationValue"]) < 28
    assert all("9010004950000001" not in str(line.body) for line in lines)


@pytest.mark.parametrize("number", ["9010100052101000", "9030100052101006"])
def test_an_acquirer_that_takes_the_shift_back_leaves_the_merchant_liable(number):
    """safety.md 3D-9: the 3-D Secure part keeps what it says."""
    link, carla = pay(number, ATT)

    entry = link.entry
    assert (carla.step, entry.liability_shift, entry.liable_entity) == ("paid", False, "MERCHANT")
    assert (entry.authenticated, entry.authentication_type) == (True, STRONG)


def test_the_shift_is_taken_back_by_the_answer_to_the_authorization_alone():
    acquirer_faults.set_fault("AUTH", "shift_refused")

    link, _ = pay("9030003150000007", ATT)

    assert (link.entry.liability_shift, link.entry.authenticated) == (False, True)


@pytest.mark.parametrize("mode", ["drop_before_read", "malformed"])
@pytest.mark.parametrize(("condition", "step"), [(NONE, "paid"), (ATT, "choose"), (CHA, "choose")])
def test_a_bank_that_does_not_answer_counts_as_unable(mode, condition, step):
    faults.plan(faults.Op.ARES, Mode(mode))

    link, carla = pay("9030003150000007", condition)

    assert carla.step == step
    if step == "paid":
        assert (link.entry.liability_shift, link.entry.authentication_type) == (False, "NONE")
    else:
        assert link.attempt.refused_because == NOT_SATISFIED


def test_an_authentication_is_spent_once():
    """safety.md 3D-2."""
    link, _ = pay("9030003150000007", NONE)

    assert link.authentication.used_at is not None
    assert (link.authentication.amount, link.authentication) == (link.entry.amount, link.entry.authentication)
