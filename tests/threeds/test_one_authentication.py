"""One authentication from the card's range to its use (safety.md 7.1 and 3D-1 to 3D-7)."""

import json
from uuid import UUID

import pytest
from django.db import transaction

from paygate.money.amount import Money
from paygate.outbound import CallInsideTransaction
from paygate.simulation.faults import Mode
from paygate.threeds.asking import ChallengeNeeded, Frictionless, final_result, look_up
from paygate.threeds.browser import method_data, note_method_done
from paygate.threeds.liability import Condition, decide
from paygate.threeds.messages import encode
from paygate.threeds.models import Authentication, Direction, MessageLine
from paygate.threeds.opening import AlreadyAsked
from paygate.threeds.registry import NoServer, server_for
from paygate.threeds.simulator import faults
from paygate.threeds.simulator.faults import Op
from paygate.threeds.simulator.issuer import press
from paygate.threeds.simulator.scenarios import Press
from paygate.threeds.spending import AuthenticationMismatch, close_authentication, use_for_authorisation
from tests.threeds.builders import (
    AMOUNT,
    CHALLENGE,
    FRICTIONLESS,
    MASTERCARD,
    NOON,
    UNKNOWN,
    UNUSABLE,
    ask,
    authentication,
    card,
    opened,
    terminal,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.threeds.urls")]


def after_ten_seconds(auth):
    """The final result, and how long it was waited for."""
    waited: list[int] = []
    return final_result(auth, now=NOON, wait=waited.append), sum(waited)


def lines(auth):
    return [(line.direction, line.message_type) for line in MessageLine.objects.filter(authentication=auth)]


# Frictionless


def test_a_card_that_is_recognised_needs_no_challenge(desk):
    auth = authentication(FRICTIONLESS, at=desk)

    outcome = ask(auth, FRICTIONLESS)

    assert isinstance(outcome, Frictionless)
    assert (outcome.result.status, outcome.result.eci, outcome.result.challenged) == ("Y", "05", False)
    assert decide(outcome.result, "VISA", Condition.ATTEMPTED).shift
    assert outcome.result.purchase_date == "20261123120000"
    assert lines(auth) == [(Direction.SENT, "AReq"), (Direction.RECEIVED, "ARes")]


def test_mastercard_speaks_its_own_numbers(desk):
    outcome = ask(authentication(MASTERCARD, at=desk), MASTERCARD)

    assert isinstance(outcome, Frictionless)
    assert outcome.result.eci == "02"
    assert decide(outcome.result, "MASTERCARD", Condition.NONE).shift


@pytest.mark.parametrize("number", [UNUSABLE, UNKNOWN])
def test_a_card_that_cannot_be_authenticated_ends_as_u(desk, number):
    auth = authentication(number, at=desk)

    outcome = ask(auth, number)

    assert isinstance(outcome, Frictionless)
    assert outcome.result.status == "U"
    assert not decide(outcome.result, "VISA", Condition.NONE).shift
    assert not decide(outcome.result, "VISA", Condition.ATTEMPTED).authorize


def test_a_card_in_no_range_is_asked_nothing(desk):
    assert look_up(card(UNKNOWN).number, merchant=desk.merchant) is None
    auth = authentication(UNKNOWN, at=desk)

    ask(auth, UNKNOWN)

    assert lines(auth) == []
    assert auth.version == ""


def test_a_mandated_challenge_asks_a_card_that_would_be_recognised(desk):
    auth = authentication(FRICTIONLESS, at=desk, condition=Condition.CHALLENGE)

    assert isinstance(ask(auth, FRICTIONLESS), ChallengeNeeded)


# The bank's look at the browser


def test_a_bank_that_wants_to_look_at_the_browser_is_told_whether_it_has(desk):
    auth = authentication(FRICTIONLESS, at=desk)
    assert (auth.comp_ind, auth.method_url) == ("N", "http://localhost:8000/simulator/3ds/method")
    data = opened(method_data(auth, notification_url="https://pay.example/done"))
    assert data["threeDSMethodNotificationURL"] == "https://pay.example/done"

    assert (
        note_method_done(encode({"threeDSServerTransID": str(auth.server_trans_id)})) == auth.server_trans_id
    )

    ask(auth, FRICTIONLESS)
    assert MessageLine.objects.get(authentication=auth, message_type="AReq").body["threeDSCompInd"] == "Y"


def test_a_bank_that_does_not_look_is_told_so(desk):
    auth = authentication(MASTERCARD, at=desk)

    assert (auth.comp_ind, auth.method_url) == ("U", "")
    assert note_method_done(encode({"threeDSServerTransID": str(auth.server_trans_id)})) is None


@pytest.mark.parametrize(
    "form", ["", "?", encode({}), encode({"threeDSServerTransID": "0b1d6f0e-5c3a-4d0b-9a77-3f2f6f0a9c11"})]
)
def test_a_look_that_is_not_ours_changes_nothing(desk, form):
    auth = authentication(FRICTIONLESS, at=desk)

    assert note_method_done(form) is None

    auth.refresh_from_db()
    assert auth.comp_ind == "N"


def test_a_look_that_ends_after_the_question_changes_nothing(desk):
    auth = authentication(FRICTIONLESS, at=desk)
    ask(auth, FRICTIONLESS)

    assert note_method_done(encode({"threeDSServerTransID": str(auth.server_trans_id)})) is None


# Asking


def test_the_issuer_is_asked_once(desk):
    auth = authentication(FRICTIONLESS, at=desk)
    ask(auth, FRICTIONLESS)

    with pytest.raises(AlreadyAsked):
        ask(auth, FRICTIONLESS)


def test_the_issuer_is_not_asked_about_another_card(desk):
    auth = authentication(FRICTIONLESS, at=desk)

    with pytest.raises(AuthenticationMismatch):
        ask(auth, CHALLENGE)


def test_nobody_is_asked_within_a_transaction(desk, challenged):
    auth = authentication(FRICTIONLESS, at=desk)
    with transaction.atomic():
        for question in (
            lambda: look_up(card().number, merchant=desk.merchant),
            lambda: ask(auth, FRICTIONLESS),
            lambda: final_result(challenged, now=NOON),
        ):
            with pytest.raises(CallInsideTransaction):
                question()


def test_an_answer_that_never_comes_counts_as_u(desk):
    faults.plan(Op.ARES, Mode.DROP_BEFORE_READ)
    auth = authentication(FRICTIONLESS, at=desk)

    outcome = ask(auth, FRICTIONLESS)

    assert isinstance(outcome, Frictionless)
    assert outcome.result.status == "U"
    assert lines(auth) == [(Direction.SENT, "AReq"), (Direction.SENT, "Erro")]
    assert MessageLine.objects.get(authentication=auth, message_type="Erro").body["errorCode"] == "405"


def test_an_invalid_answer_is_met_with_an_error_message_and_counts_as_u(desk):
    faults.plan(Op.ARES, Mode.MALFORMED)
    auth = authentication(FRICTIONLESS, at=desk)

    outcome = ask(auth, FRICTIONLESS)

    assert isinstance(outcome, Frictionless)
    assert outcome.result.status == "U"
    erro = MessageLine.objects.get(authentication=auth, message_type="Erro").body
    assert (erro["errorCode"], erro["errorDetail"]) == ("201", "dsTransID")


# Its use


@pytest.fixture
def ready(challenged):
    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)
    final_result(challenged, now=NOON)
    return challenged


def test_an_authentication_is_used_once(ready):
    use_for_authorisation(ready, amount=AMOUNT, card=card(CHALLENGE), now=NOON)

    with pytest.raises(AuthenticationMismatch):
        use_for_authorisation(ready, amount=AMOUNT, card=card(CHALLENGE), now=NOON)


@pytest.mark.parametrize(
    ("amount", "number"),
    [
        (Money(4991, "CHF"), CHALLENGE),
        (Money(4990, "EUR"), CHALLENGE),
        (AMOUNT, FRICTIONLESS),
    ],
)
def test_an_authentication_is_for_its_own_amount_currency_and_card(ready, amount, number):
    with pytest.raises(AuthenticationMismatch):
        use_for_authorisation(ready, amount=amount, card=card(number), now=NOON)

    ready.refresh_from_db()
    assert ready.used_at is None


def test_an_unfinished_authentication_is_not_used(challenged):
    with pytest.raises(AuthenticationMismatch):
        use_for_authorisation(challenged, amount=AMOUNT, card=card(CHALLENGE), now=NOON)


def test_a_closed_authentication_is_not_used(ready):
    close_authentication(ready, now=NOON)

    with pytest.raises(AuthenticationMismatch):
        use_for_authorisation(ready, amount=AMOUNT, card=card(CHALLENGE), now=NOON)


# What is kept


def test_neither_card_number_nor_authentication_value_is_stored(desk, challenged, tmp_path):
    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)
    result, _waited = after_ten_seconds(challenged)
    frictionless = authentication(FRICTIONLESS, at=desk)
    outcome = ask(frictionless, FRICTIONLESS)
    assert isinstance(outcome, Frictionless)

    rows = [*Authentication.objects.values(), *MessageLine.objects.values()]
    kept = json.dumps(rows, default=str)
    ledger = (tmp_path / "simulator-ledger.sqlite3").read_bytes()

    for secret in (CHALLENGE, FRICTIONLESS, result.value, outcome.result.value):
        assert secret
        assert secret not in kept
        assert secret.encode() not in ledger
    assert "901000xxxxxx0001" in kept


# Who is served by whom


def test_a_live_merchant_never_gets_the_pretended_server():
    live = terminal(live=True, customer_id="200002")

    with pytest.raises(NoServer):
        server_for(live.merchant)
    with pytest.raises(NoServer):
        look_up(card().number, merchant=live.merchant)


def test_without_the_simulator_nobody_gets_it(desk, settings):
    settings.PAYGATE_SIMULATOR = False

    with pytest.raises(NoServer):
        server_for(desk.merchant)


def test_ids_are_of_one_authentication_only(desk):
    first, second = authentication(FRICTIONLESS, at=desk), authentication(FRICTIONLESS, at=desk)

    assert isinstance(first.server_trans_id, UUID)
    assert first.server_trans_id != second.server_trans_id
