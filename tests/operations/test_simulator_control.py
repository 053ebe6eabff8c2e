"""What a judge asks of the simulators: clear words for nonsense, and no word to anybody elsewhere (safety.md TE-1)."""

import json
from typing import Any

import pytest
from django.test import Client

from paygate.acquiring.connector import Approved, Unknown
from paygate.acquiring.simulator.connector import SimulatorConnector
from paygate.simulation import faults
from paygate.simulation.faults import Fault, Mode
from paygate.threeds.simulator.faults import Op, due
from tests.acquiring.requests import authorize, chf

ADDRESSES = ["faults", "ledger", "reset"]


def judge(**facts: Any) -> Client:
    """A program on the same machine."""
    return Client(**{"REMOTE_ADDR": "127.0.0.1"} | facts)


def plan(**wanted: Any) -> Any:
    """Ask for a fault."""
    usual = {"target": "acquirer", "op": "AUTH", "mode": "http_500"}
    return judge().post("/simulator/faults", json.dumps(usual | wanted), content_type="application/json")


def ask_at(client: Client, address: str) -> Any:
    """The right question at one of the addresses."""
    if address == "ledger":
        return client.get("/simulator/ledger")
    body = {"target": "acquirer", "op": "AUTH", "mode": "http_500"} if address == "faults" else {}
    return client.post(f"/simulator/{address}", json.dumps(body), content_type="application/json")


def test_a_fault_happens_as_often_as_it_was_asked_for_and_to_whom():
    assert plan(mode="truncated", count=2, match={"amount_ending": "77"}).status_code == 200

    answers = [SimulatorConnector().authorize(authorize(amount=chf(minor))) for minor in (100, 177, 277, 377)]

    assert [type(answer) for answer in answers] == [Approved, Unknown, Unknown, Approved]


def test_a_fault_of_three_d_secure():
    assert plan(target="3ds", op="RREQ", mode="delay", delay_s=2.5).status_code == 200

    assert due(Op.RREQ, 4990) == Fault(Mode.DELAY, 2.5)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"target": "moon"}, "target must be acquirer or 3ds"),
        ({"op": "STEAL"}, "op must be one of AUTH, CAPTURE"),
        ({"target": "3ds"}, "op must be one of ARES, RREQ, CRES, METHOD"),
        ({"mode": "explode"}, "mode must be one of refuse_connect"),
        ({"mode": ["http_500"]}, "mode must be one of"),
        ({"target": "3ds", "op": "CRES", "mode": "duplicate_reply"}, "duplicate_reply cannot happen to CRES"),
        ({"target": "3ds", "op": "RREQ", "mode": "http_500"}, "http_500 cannot happen to RREQ"),
        ({"count": 0}, "count must be a whole number from 1"),
        ({"count": 1.5}, "count must be a whole number"),
        ({"count": True}, "count must be a whole number"),
        ({"count": 10**9}, "count must be a whole number from 1"),
        ({"delay_s": "soon"}, "delay_s must be a number of seconds"),
        ({"delay_s": -1}, "delay_s must be a number of seconds from 0"),
        ({"match": {"colour": "red"}}, "no fault can match colour"),
        ({"match": {"amount_ending": 77}}, "match must be an object of texts"),
        ({"match": "77"}, "match must be an object of texts"),
        ({"target": "3ds", "op": "ARES", "mode": "delay", "match": {"terminal": "1"}}, "can match terminal"),
        ({"after": 3}, "There is no after"),
    ],
)
def test_nonsense_gets_one_sentence_and_plans_nothing(wanted, sentence):
    answer = plan(**wanted)

    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert faults.take({"op": "AUTH", "amount": 77}) is None


@pytest.mark.parametrize("body", [b"", b"mode=http_500", b"[]", b'"AUTH"', b"[" * 100_000, b"\xff"])
def test_what_is_no_object_gets_one_sentence(body):
    answer = judge().post("/simulator/faults", body, content_type="application/json")

    assert (answer.status_code, answer.json()) == (400, {"error": "The body must be a JSON object."})


def test_the_ledger_tells_every_operation_by_own_reference_with_its_count():
    asked = authorize(amount=chf(4990))
    SimulatorConnector().authorize(asked)
    SimulatorConnector().authorize(asked)

    (row,) = judge().get("/simulator/ledger").json()

    told = {key: row[key] for key in ("request_id", "op", "approved", "currency", "code", "count")}
    assert told == {
        "request_id": asked.request_id,
        "op": "AUTH",
        "approved": 4990,
        "currency": "CHF",
        "code": "00",
        "count": 2,
    }


def test_a_reset_forgets_operations_and_faults_of_both():
    SimulatorConnector().authorize(authorize())
    plan()
    plan(target="3ds", op="CRES", mode="malformed")

    assert judge().post("/simulator/reset").status_code == 200

    assert judge().get("/simulator/ledger").json() == []
    assert faults.take({"op": "AUTH"}) is None
    assert due(Op.CRES, 1) is None


@pytest.mark.parametrize("address", ADDRESSES)
class TestInTheProduct:
    def test_programs_on_the_same_machine_are_answered(self, address):
        assert ask_at(judge(), address).status_code == 200
        assert ask_at(judge(REMOTE_ADDR="::1"), address).status_code == 200

    @pytest.mark.parametrize(
        "stranger",
        [
            {"REMOTE_ADDR": "192.0.2.7"},
            {"REMOTE_ADDR": ""},
            {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},  # behind a proxy everybody seems to be here
            {"HTTP_FORWARDED": "for=127.0.0.1"},
            {"HTTP_ORIGIN": "https://evil.example"},  # a page elsewhere, in a browser here
            {"HTTP_ORIGIN": "http://localhost:8000"},
        ],
    )
    def test_nobody_else_learns_that_there_is_something(self, address, stranger, db):
        response = ask_at(judge(**stranger), address)

        assert response.status_code == 404
        assert plan(mode="delay").status_code == 200
        assert faults.take({"op": "AUTH"}) == Fault(Mode.DELAY, 0), "and nothing else was planned"


def test_only_the_right_method_is_taken():
    assert judge().get("/simulator/faults").status_code == 405
    assert judge().post("/simulator/ledger").status_code == 405
    assert judge().get("/simulator/reset").status_code == 405
