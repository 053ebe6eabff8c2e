"""Results come server to server: once, in any order, from the bank that was asked (safety.md 3D-1, 3D-4, ID-7)."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from paygate.tenants.context import within
from paygate.threeds.asking import ChallengeNeeded
from paygate.threeds.messages import write
from paygate.threeds.models import MessageLine
from paygate.threeds.results import take_result
from paygate.threeds.spending import close_authentication
from tests.threeds.builders import CHALLENGE, FRICTIONLESS, NOON, ask, authentication, terminal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.threeds.urls")]

VALUE = "AAECAwQFBgcICQoLDA0ODxAREhM="


@pytest.fixture
def auth():
    desk = terminal()
    with within(desk.merchant_id):
        made = authentication(CHALLENGE, at=desk)
        assert isinstance(ask(made, CHALLENGE), ChallengeNeeded)
        yield made


def result_for(auth, **changes):
    return {
        "messageType": "RReq",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": str(auth.server_trans_id),
        "dsTransID": str(auth.ds_trans_id),
        "acsTransID": str(auth.acs_trans_id),
        "messageCategory": "01",
        "transStatus": "Y",
        "eci": "05",
        "authenticationValue": VALUE,
        "interactionCounter": "01",
    } | changes


def send(body, *, now=NOON):
    kept = {name: value for name, value in body.items() if value is not None}
    return json.loads(take_result(write(kept), now=now))


def test_a_result_is_stored_and_acknowledged(auth):
    answer = send(result_for(auth))

    assert (answer["messageType"], answer["resultsStatus"]) == ("RRes", "01")
    auth.refresh_from_db()
    assert (auth.result_status, auth.result_eci, auth.result_has_value) == ("Y", "05", True)
    assert auth.result_at == NOON


def test_a_repeat_is_acknowledged_and_changes_nothing(auth):
    send(result_for(auth))

    answer = send(result_for(auth), now=NOON + timedelta(seconds=5))

    assert answer["resultsStatus"] == "01"
    auth.refresh_from_db()
    assert auth.result_at == NOON


def test_a_repeat_that_says_something_else_is_turned_away(auth):
    send(result_for(auth, transStatus="N", transStatusReason="01", eci="07", authenticationValue=None))

    answer = send(result_for(auth))

    assert (answer["messageType"], answer["errorCode"]) == ("Erro", "305")
    auth.refresh_from_db()
    assert auth.result_status == "N"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"threeDSServerTransID": str(uuid4())}, "301"),
        ({"dsTransID": str(uuid4())}, "301"),
        ({"acsTransID": str(uuid4())}, "301"),
        ({"messageVersion": "9.9.9"}, "102"),
        ({"messageType": "CRes"}, "101"),
        ({"eci": None, "interactionCounter": None}, "201"),
        ({"transStatus": "?"}, "203"),
        ({"threeDSServerTransID": "nonsense"}, "203"),
    ],
)
def test_a_result_that_is_not_right_is_answered_with_an_error_message_and_not_stored(auth, changes, code):
    answer = send(result_for(auth, **changes))

    assert (answer["messageType"], answer["errorCode"], answer["errorComponent"]) == ("Erro", code, "S")
    auth.refresh_from_db()
    assert auth.result_at is None


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"[]"])
def test_bytes_that_are_no_message_are_answered_with_an_error_message(raw):
    answer = json.loads(take_result(raw, now=NOON))

    assert (answer["messageType"], answer["errorCode"]) == ("Erro", "101")


def test_a_wrong_result_does_not_stand_in_the_way_of_the_right_one(auth):
    send(result_for(auth, dsTransID=str(uuid4()), transStatus="N", transStatusReason="01"))

    assert send(result_for(auth))["resultsStatus"] == "01"


def test_a_result_for_somebody_who_was_never_asked_is_turned_away(auth):
    frictionless = authentication(FRICTIONLESS, at=auth.terminal)
    ask(frictionless, FRICTIONLESS)
    frictionless.refresh_from_db()

    assert send(result_for(frictionless))["errorCode"] == "305"


def test_a_result_may_be_thirty_minutes_late_and_no_more(auth):
    assert send(result_for(auth), now=NOON + timedelta(minutes=30, seconds=1))["errorCode"] == "402"
    assert send(result_for(auth), now=NOON + timedelta(minutes=30))["resultsStatus"] == "01"


def test_a_result_for_a_closed_attempt_is_stored_and_it_stays_closed(auth):
    close_authentication(auth, now=NOON)

    send(result_for(auth), now=NOON + timedelta(minutes=20))

    auth.refresh_from_db()
    assert (auth.result_status, auth.closed_at) == ("Y", NOON)


def test_result_and_receipt_stand_in_the_message_log_with_the_value_shortened(auth):
    send(result_for(auth))

    result, receipt = list(MessageLine.objects.filter(authentication=auth))[-2:]
    assert (result.message_type, result.body["authenticationValue"]) == ("RReq", "AAEC...")
    assert (receipt.message_type, receipt.body["resultsStatus"]) == ("RRes", "01")
