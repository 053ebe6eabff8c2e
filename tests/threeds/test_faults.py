"""The pretend 3-D Secure side can be late on request (safety.md TE-1)."""

import re
import time

import pytest
from django.test import Client

from paygate.clock import now
from paygate.simulation.faults import Mode
from paygate.tenants.context import within
from paygate.threeds.asking import ChallengeNeeded, final_result
from paygate.threeds.browser import note_browser_return
from paygate.threeds.messages import ErrorCode, encode
from paygate.threeds.models import Authentication
from paygate.threeds.server import AREQ_SECONDS, NoAnswer
from paygate.threeds.simulator import faults, store
from paygate.threeds.simulator.faults import MODES, Op
from paygate.threeds.simulator.issuer import press
from paygate.threeds.simulator.scenarios import Press
from paygate.threeds.simulator.server import Simulator
from tests.threeds.builders import CHALLENGE, FRICTIONLESS, NOON, areq, ask, authentication, terminal

pytestmark = pytest.mark.urls("tests.threeds.urls")


@pytest.mark.parametrize(("late", "waited", "answered"), [(3, 3, True), (12, 12, False), (60, 12, False)])
def test_an_answer_may_take_twelve_seconds(db, late, waited, answered):
    faults.plan(Op.ARES, Mode.DELAY, delay_seconds=late)
    clock: list[float] = []

    question = areq(authentication(FRICTIONLESS, at=terminal()), FRICTIONLESS)
    answer = Simulator(wait=clock.append).authenticate(question)

    assert clock == [min(waited, AREQ_SECONDS)]
    assert (answer.code if isinstance(answer, NoAnswer) else None) == (
        None if answered else ErrorCode.TIMED_OUT
    )


@pytest.mark.django_db(transaction=True)
def test_a_delayed_result_arrives_by_itself():
    desk = terminal()
    with within(desk.merchant_id):
        auth = authentication(CHALLENGE, at=desk)
        assert isinstance(ask(auth, CHALLENGE, now=now()), ChallengeNeeded)
        faults.plan(Op.RREQ, Mode.DELAY, delay_seconds=1)

        press(str(auth.acs_trans_id), Press.APPROVE, now=now())
        assert Simulator().result_of(str(auth.server_trans_id)) is None

        for _ in range(60):
            auth.refresh_from_db()
            if auth.result_at is not None:
                break
            time.sleep(0.1)

    assert auth.result_status == "Y"
    assert Simulator().result_of(str(auth.server_trans_id)) is not None


def test_a_fault_is_used_up_and_a_reset_forgets_all():
    faults.plan(Op.ARES, Mode.DROP_BEFORE_READ, count=2)
    faults.plan(Op.CRES, Mode.DROP_BEFORE_READ)

    assert [faults.due(Op.ARES, 1) is not None for _ in range(3)] == [True, True, False]
    store.reset()
    assert faults.due(Op.CRES, 1) is None


def returned(auth: Authentication, client: Client) -> str:
    """The payer approves on the bank's page; what the browser carries back, or "" where there is no way back."""
    page = client.post("/simulator/3ds/decide", {"acs_trans_id": str(auth.acs_trans_id), "action": "approve"})
    found = re.search(r'name="cres" value="([^"]*)"', page.content.decode())
    return found[1] if found else ""


# What becomes of the result itself, and whether the status query makes up for it.
@pytest.mark.parametrize(
    ("mode", "pushed", "status"),
    [
        (Mode.REFUSE_CONNECT, "", "Y"),
        (Mode.DROP_BEFORE_READ, "", "U"),
        (Mode.DROP_AFTER_COMMIT, "Y", "Y"),
        (Mode.TRUNCATED, "", "Y"),
        (Mode.WRONG_REFERENCE, "", "Y"),
        (Mode.MALFORMED, "", "U"),
        (Mode.DUPLICATE_REPLY, "Y", "Y"),
        (Mode.DUPLICATE_CONFLICTING, "Y", "Y"),
    ],
)
def test_a_result_goes_wrong_on_its_way(challenged, mode, pushed, status):
    faults.plan(Op.RREQ, mode)

    press(str(challenged.acs_trans_id), Press.APPROVE, now=NOON)

    challenged.refresh_from_db()
    assert challenged.result_status == pushed
    assert final_result(challenged, now=NOON).status == status


@pytest.mark.parametrize("mode", sorted(MODES[Op.CRES] - {Mode.DELAY}))
def test_a_way_back_goes_wrong_and_the_truth_is_known_without_it(challenged, client, mode):
    faults.plan(Op.CRES, mode)

    cres = returned(challenged, client)

    assert note_browser_return(cres, now=NOON) is None
    assert final_result(challenged, now=NOON).status == "Y"
    assert note_browser_return(returned(challenged, client), now=NOON) is None, (
        "the result is in: nobody waits"
    )


@pytest.mark.parametrize("mode", sorted(MODES[Op.METHOD] - {Mode.DELAY}))
def test_a_look_at_the_browser_goes_wrong_once(client, db, mode):
    data = {"threeDSServerTransID": "1", "threeDSMethodNotificationURL": "https://pay.example/done"}
    faults.plan(Op.METHOD, mode)

    wrong, right = (
        client.post("/simulator/3ds/method", {"threeDSMethodData": encode(data)}).content.decode()
        for _ in range(2)
    )

    good = encode({"threeDSServerTransID": "1"})
    assert f'value="{good}"' not in wrong
    assert f'value="{good}"' in right


@pytest.mark.parametrize("op", Op)
def test_what_cannot_happen_to_a_message_is_refused(op):
    for mode in set(Mode) - MODES[op]:
        with pytest.raises(ValueError, match=f"{mode} cannot happen to {op}"):
            faults.plan(op, mode)
