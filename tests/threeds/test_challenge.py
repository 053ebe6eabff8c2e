"""The payer was at the bank's page: which result counts, and who is let back (safety.md 3D-1, 3D-3, 3D-4)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from paygate.simulation.faults import Mode
from paygate.threeds.asking import ChallengeNeeded, final_result
from paygate.threeds.browser import note_browser_return
from paygate.threeds.liability import Condition, decide
from paygate.threeds.messages import encode
from paygate.threeds.models import Authentication, Direction, MessageLine
from paygate.threeds.simulator import faults, store
from paygate.threeds.simulator.faults import Op
from paygate.threeds.simulator.issuer import challenge_of, cres_for, press
from paygate.threeds.simulator.scenarios import Press
from paygate.threeds.spending import close_authentication
from tests.threeds.builders import (
    CHALLENGE,
    CHALLENGE_ATTEMPT,
    CHALLENGE_BROKEN,
    CHALLENGE_REFUSED,
    NOON,
    ask,
    at_the_bank,
    authentication,
    opened,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.threeds.urls")]


def after_ten_seconds(auth):
    """The final result, and how long it was waited for."""
    waited: list[int] = []
    return final_result(auth, now=NOON, wait=waited.append), sum(waited)


def returned(auth):
    """The browser came back from the bank."""
    challenge = at_the_bank(auth)
    return note_browser_return(cres_for(challenge), now=NOON)


def lines(auth):
    return [(line.direction, line.message_type) for line in MessageLine.objects.filter(authentication=auth)]


@pytest.mark.parametrize(
    ("number", "pressed", "status", "eci", "cancelled"),
    [
        (CHALLENGE, Press.APPROVE, "Y", "05", False),
        (CHALLENGE_ATTEMPT, Press.APPROVE, "A", "06", False),
        (CHALLENGE_REFUSED, Press.APPROVE, "N", "07", False),
        (CHALLENGE_BROKEN, Press.APPROVE, "U", "07", False),
        (CHALLENGE, Press.REFUSE, "N", "07", False),
        (CHALLENGE, Press.CANCEL, "N", "07", True),
    ],
)
def test_what_the_payer_pressed_is_the_result(desk, number, pressed, status, eci, cancelled):
    auth = authentication(number, at=desk)
    outcome = ask(auth, number)
    assert isinstance(outcome, ChallengeNeeded)
    assert challenge_of(outcome.creq)

    press(str(auth.acs_trans_id), pressed, now=NOON)
    assert returned(auth) == auth.server_trans_id
    result, waited = after_ten_seconds(auth)

    assert (result.status, result.eci, result.cancelled, result.challenged) == (status, eci, cancelled, True)
    assert bool(result.value) == (status in "YA")
    assert waited == 0


def test_the_browsers_word_for_it_is_not_taken(challenged):
    """A forged CRes says Y; the bank never said anything (safety.md 7.1, step 6)."""
    press(str(challenged.acs_trans_id), Press.REFUSE, now=NOON)
    challenge = at_the_bank(challenged)
    forged = opened(cres_for(challenge)) | {"transStatus": "Y"}

    assert note_browser_return(encode(forged), now=NOON) == challenged.server_trans_id

    assert after_ten_seconds(challenged)[0].status == "N"


def test_without_a_result_ten_seconds_after_the_return_it_is_u(challenged):
    faults.plan(Op.RREQ, Mode.DROP_BEFORE_READ)
    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)
    returned(challenged)

    result, waited = after_ten_seconds(challenged)

    assert (result.status, result.value, waited) == ("U", "", 10)


def test_a_payer_who_never_came_back_is_not_waited_for(challenged):
    result, waited = after_ten_seconds(challenged)

    assert (result.status, waited) == ("U", 0)


def test_a_result_out_of_order_counts_as_u(challenged):
    faults.plan(Op.RREQ, Mode.MALFORMED)
    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)
    returned(challenged)

    result, _waited = after_ten_seconds(challenged)

    assert (result.status, result.value) == ("U", "")
    assert (Direction.SENT, "Erro") in lines(challenged)


def test_a_result_that_the_status_query_finds_is_stored(challenged):
    """The push got lost on its way, the answer to our own question did not."""
    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)
    Authentication.objects.filter(pk=challenged.pk).update(
        result_at=None, result_status="", result_eci="", result_has_value=False
    )

    result, _waited = after_ten_seconds(challenged)

    assert (result.status, bool(result.value)) == ("Y", True)
    challenged.refresh_from_db()
    assert challenged.result_status == "Y"


def test_a_server_that_is_slow_to_say_it_knows_nothing_takes_no_more_of_the_payers_time(challenged):
    """Each query takes its full 12 seconds: none begins once ten have passed (safety.md OC-4)."""
    returned(challenged)
    passed = iter(range(0, 1000, 12))

    result = final_result(challenged, now=NOON, wait=lambda _: None, ticks=lambda: next(passed))

    assert result.status == "U"
    assert next(passed) == 24  # begun at 0, looked at the clock once more at 12, and gave up


def test_once_given_up_a_late_result_changes_nothing(challenged):
    assert after_ten_seconds(challenged)[0].status == "U"

    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)
    again, _waited = after_ten_seconds(challenged)

    challenged.refresh_from_db()
    assert challenged.result_status == "Y"
    assert (again.status, again.value, again.eci) == ("U", "", "")


def test_a_result_whose_value_cannot_be_read_again_gives_no_shift(challenged):
    """The value is in no database of ours; without the server there is none (safety.md CD-1, 3D-8)."""
    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)
    store.reset()

    result, _waited = after_ten_seconds(challenged)

    assert (result.status, result.value) == ("Y", "")
    assert not decide(result, "VISA", Condition.NONE).shift


def test_asking_twice_for_the_final_result_gives_the_same(challenged):
    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)

    assert after_ten_seconds(challenged) == after_ten_seconds(challenged)


# The browser's way back


def test_a_second_return_is_the_same_return(challenged):
    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)
    returned(challenged)
    count = len(lines(challenged))

    assert returned(challenged) == challenged.server_trans_id
    assert len(lines(challenged)) == count


def test_only_ids_that_wait_are_let_back(desk, challenged):
    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)
    challenge = at_the_bank(challenged)
    cres = opened(cres_for(challenge))

    for wrong in (
        "",
        "?",
        encode({}),
        encode(cres | {"messageType": "RReq"}),
        encode(cres | {"messageType": ["CRes"]}),
        encode(cres | {"threeDSServerTransID": str(uuid4())}),
        encode(cres | {"acsTransID": str(uuid4())}),
    ):
        assert note_browser_return(wrong, now=NOON) is None
    assert note_browser_return(encode(cres), now=NOON + timedelta(minutes=11)) is None
    close_authentication(challenged, now=NOON)
    assert note_browser_return(encode(cres), now=NOON) is None
    challenged.refresh_from_db()
    assert challenged.browser_returned_at is None


def test_a_bank_that_sends_the_browser_back_with_an_error_message_is_understood(challenged):
    erro = {
        "messageType": "Erro",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": str(challenged.server_trans_id),
        "acsTransID": str(challenged.acs_trans_id),
        "errorCode": "402",
        "errorComponent": "A",
        "errorDescription": "late",
        "errorDetail": "late",
    }

    assert note_browser_return(encode(erro), now=NOON) == challenged.server_trans_id
