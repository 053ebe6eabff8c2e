"""What every 3-D Secure server must satisfy. A new one joins `SERVERS` with cards of its test system."""

from dataclasses import dataclass
from urllib.parse import urljoin

import httpx2
import pytest
from django.conf import settings

from paygate.cards.number import CardNumber
from paygate.threeds.messages import ErrorCode, Message, Problem, read, validate, write
from paygate.threeds.registry import SERVERS
from paygate.threeds.server import CardRange, NoAnswer, ThreeDSServer
from paygate.threeds.simulator import faults
from paygate.threeds.simulator.faults import MODES, Op
from paygate.threeds.simulator.issuer import press
from paygate.threeds.simulator.scenarios import Press
from tests.threeds.builders import NOON, areq, authentication, terminal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.threeds.urls")]


@dataclass(frozen=True)
class Cards:
    frictionless: str
    challenge: str
    in_no_range: str


CARDS = {"simulator": Cards("9010003150000001", "9010004950000001", "4111111111111111")}


@pytest.fixture
def cards(server) -> Cards:
    return CARDS[server.kind]


def answer_to(server: ThreeDSServer, question: Message) -> Message:
    answer = server.authenticate(question)
    assert not isinstance(answer, NoAnswer)
    return answer


def test_every_server_of_the_registry_is_named_by_its_kind(server):
    assert SERVERS[server.kind] is server
    assert server.identity().url.startswith("http")
    assert 1 <= len(server.identity().reference_number) <= 32


def test_a_card_is_in_a_range_with_versions_or_in_none(server, cards):
    known = server.card_range(CardNumber.parse(cards.frictionless))

    assert isinstance(known, CardRange)
    assert "2.2.0" in known.versions
    assert server.card_range(CardNumber.parse(cards.in_no_range)) is None


def test_a_frictionless_answer_is_in_order_and_repeats_our_id(server, cards):
    question = areq(authentication(cards.frictionless, at=terminal()), cards.frictionless)

    answer = answer_to(server, question)

    assert validate("ARes", answer) is None
    assert answer["threeDSServerTransID"] == question["threeDSServerTransID"]
    assert (answer["transStatus"], answer["eci"]) == ("Y", "05")
    assert answer["authenticationValue"]
    assert server.result_of(question["threeDSServerTransID"]) is None


def test_an_answer_that_needed_no_payer_is_told_again(server, cards):
    """The value is stored nowhere: whoever asks for money later reads it once more (safety.md CD-1)."""
    question = areq(authentication(cards.frictionless, at=terminal()), cards.frictionless)
    answer = answer_to(server, question)

    assert server.answer_of(question["threeDSServerTransID"]) == answer
    assert server.answer_of("00000000-0000-4000-8000-000000000000") is None


def test_a_challenge_has_an_address_and_no_proof_yet(server, cards):
    question = areq(authentication(cards.challenge, at=terminal()), cards.challenge)

    answer = answer_to(server, question)

    assert validate("ARes", answer) is None
    assert answer["transStatus"] == "C"
    assert answer["acsURL"].startswith("http")
    assert "authenticationValue" not in answer
    assert server.result_of(question["threeDSServerTransID"]) is None


def approve(answer: Message) -> None:
    """The payer approves on the issuer's page, as the simulator's own buttons do."""
    if settings.PAYGATE_SIMULATOR_URL:
        page = urljoin(answer["acsURL"], "decide")
        response = httpx2.post(page, data={"acs_trans_id": answer["acsTransID"], "action": "approve"})
        assert response.status_code == 200
    else:
        press(answer["acsTransID"], Press.APPROVE, now=NOON)


def test_after_the_challenge_the_status_query_gives_the_same_result_each_time(server, cards, listener):
    question = areq(authentication(cards.challenge, at=terminal()), cards.challenge)
    question["threeDSServerURL"] = listener.url
    answer = answer_to(server, question)

    approve(answer)
    result = server.result_of(question["threeDSServerTransID"])

    assert result is not None
    assert validate("RReq", result) is None
    assert (result["transStatus"], result["eci"]) == ("Y", "05")
    assert {result[name] for name in ("dsTransID", "acsTransID")} == {
        answer["dsTransID"],
        answer["acsTransID"],
    }
    assert result["authenticationValue"]
    assert server.result_of(question["threeDSServerTransID"]) == result
    if settings.PAYGATE_SIMULATOR_URL:
        assert [read("RReq", raw) for raw in listener.received] == [result], "it came by itself as well"


def test_a_question_out_of_order_is_answered_with_an_error_message(server, cards):
    question = areq(authentication(cards.frictionless, at=terminal()), cards.frictionless)
    del question["acctNumber"]

    answer = answer_to(server, question)

    assert answer["messageType"] == "Erro"
    assert answer["errorCode"] == "201"


def test_no_server_knows_results_of_ids_that_never_were(server):
    assert server.result_of("00000000-0000-4000-8000-000000000000") is None


def test_answers_survive_the_wire(server, cards):
    question = areq(authentication(cards.frictionless, at=terminal()), cards.frictionless)

    assert not isinstance(read("ARes", write(answer_to(server, question))), Problem)


LATE = {"delay", "late_reply", "slow_drip"}


@pytest.mark.parametrize("mode", sorted(MODES[Op.ARES] - LATE))
def test_a_broken_answer_is_none_and_the_next_one_is_in_order(server, cards, mode):
    question = areq(authentication(cards.frictionless, at=terminal()), cards.frictionless)
    faults.plan(Op.ARES, mode)

    broken = server.authenticate(question)

    if not isinstance(broken, NoAnswer):
        problem = validate("ARes", broken)
        assert problem or broken["threeDSServerTransID"] != question["threeDSServerTransID"]
    assert answer_to(server, question)["transStatus"] == "Y"


@pytest.mark.parametrize("mode", sorted(LATE))
def test_an_answer_that_takes_too_long_is_not_waited_for(server, cards, mode, monkeypatch):
    question = areq(authentication(cards.frictionless, at=terminal()), cards.frictionless)
    monkeypatch.setattr("paygate.threeds.simulator.server.AREQ_SECONDS", 0.3)
    faults.plan(Op.ARES, mode, delay_seconds=0.6)

    answer = server.authenticate(question)

    assert isinstance(answer, NoAnswer)
    assert answer.code is ErrorCode.TIMED_OUT


def test_a_server_that_cannot_be_reached_knows_no_card_and_gives_no_answer(cards, monkeypatch):
    question = areq(authentication(cards.frictionless, at=terminal()), cards.frictionless)
    monkeypatch.setattr(settings, "PAYGATE_SIMULATOR_URL", "http://127.0.0.1:9")
    server = SERVERS["simulator"]

    assert server.card_range(CardNumber.parse(cards.frictionless)) is None
    assert server.authenticate(question) == NoAnswer(ErrorCode.CONNECTION, "connection refused")
    assert server.result_of(question["threeDSServerTransID"]) is None
