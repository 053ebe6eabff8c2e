"""The pretend 3-D Secure side can be late on request (safety.md TE-1)."""

import time

import pytest

from paygate.clock import now
from paygate.simulation.faults import Mode
from paygate.tenants.context import within
from paygate.threeds.dialogue import ChallengeNeeded
from paygate.threeds.messages import ErrorCode
from paygate.threeds.server import AREQ_SECONDS, NoAnswer
from paygate.threeds.simulator import faults, store
from paygate.threeds.simulator.faults import Op
from paygate.threeds.simulator.issuer import press
from paygate.threeds.simulator.scenarios import Press
from paygate.threeds.simulator.server import Simulator
from tests.threeds.builders import CHALLENGE, FRICTIONLESS, areq, ask, authentication, terminal

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
