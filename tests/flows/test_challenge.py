"""The payer at the bank's page: refuses, cancels, leaves; and what a forged way back is worth."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.jobs.registry import PERIODIC
from paygate.simulation.faults import Mode
from paygate.threeds.liability import Condition
from paygate.threeds.messages import encode
from paygate.threeds.simulator import faults, store
from paygate.threeds.simulator.directory import result_message
from paygate.threeds.simulator.issuer import press
from paygate.threeds.simulator.scenarios import Press
from tests.flows.buyer import ASKED, FORM, LOOKED_AT, MASTERCARD, REFUSED, Buyer
from tests.make.desks import Link, desk
from tests.paypage.asking import without_nonce

pytestmark = pytest.mark.django_db

PATIENCE = "paygate.threeds.asking.RESULT_PAUSES_SECONDS"


def at_the_bank(number: str = ASKED, **terms: Any) -> tuple[Link, Buyer]:
    """Carla stands before her bank's page."""
    link = desk().link(**terms)
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(number)
    carla.to_bank()
    return link, carla


def asked_for() -> list[str]:
    """What the acquirer was asked."""
    return [str(row["op"]) for row in ledger.listed()]


def return_with(buyer: Buyer, **cres: str) -> int:
    """Post a CRes to us as the bank's page would; the status of the answer."""
    answer = buyer.bank.post("/3ds/return", urlencode({"cres": encode(cres)}), content_type=FORM)
    return int(answer.status_code)


def cres_of(link: Link, **changes: str) -> dict[str, str]:
    """A CRes that fits the challenge, and says it went well."""
    auth = link.authentication
    return {
        "messageType": "CRes",
        "messageVersion": auth.message_version,
        "threeDSServerTransID": str(auth.server_trans_id),
        "acsTransID": str(auth.acs_trans_id),
        "challengeCompletionInd": "Y",
        "transStatus": "Y",
    } | changes


def rreq_of(link: Link) -> dict[str, Any]:
    """The result that the pretend bank sent server to server."""
    challenge = store.recall(server_trans_id=str(link.authentication.server_trans_id))
    assert challenge is not None
    return dict(result_message(challenge))


@pytest.mark.parametrize(("number", "action"), [(ASKED, "refuse"), (REFUSED, "approve")])
def test_a_payer_whom_the_bank_refuses_may_try_again(number, action):
    link, carla = at_the_bank(number)

    carla.press(action)

    assert (carla.step, carla.page.is_declined) == ("choose", True)
    assert "Nothing was taken" in carla.page.words
    assert asked_for() == []
    assert (link.attempt.state, link.attempt.refused_because) == ("DECLINED", "3DS_AUTHENTICATION_FAILED")
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


def test_a_payer_who_cancels_at_the_bank_has_paid_nothing_and_may_begin_again():
    link, carla = at_the_bank()

    carla.press("cancel")

    assert (carla.step, carla.page.is_declined) == ("choose", False)
    assert "You canceled the payment. Nothing has been charged." in carla.page.words
    assert asked_for() == []
    assert (link.attempt.state, link.attempt.refused_because) == ("ABANDONED", "TRANSACTION_ABORTED")
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


def test_a_payer_gives_up_before_the_bank():
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)

    carla.cancel()

    assert carla.step == "aborted"
    assert "Nothing has been charged" in carla.page.words
    assert link.state == "OPEN"
    assert not link.offer.claim
    carla.open(carla.page.link("Try again"))
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


def test_who_gave_up_and_still_approves_at_the_bank_pays_nothing():
    link, carla = at_the_bank()
    bank = carla.page
    carla.open(link)
    carla.cancel()
    carla.pages.append(bank)

    carla.press("approve")

    assert carla.page.status == 404
    assert asked_for() == []
    assert link.attempt.state == "ABANDONED"


def test_a_forged_yes_after_a_refusal_is_worth_nothing():
    """safety.md 7.1 step 6: the result is the one that came server to server."""
    link, carla = at_the_bank()
    carla.press("refuse", come_back=False)

    assert return_with(carla, **cres_of(link)) == 303
    carla.open(link)
    carla.carry_on()

    assert carla.page.is_declined
    assert asked_for() == []
    assert link.attempt.state == "DECLINED"


@pytest.mark.parametrize(
    ("condition", "step", "asked"),
    [
        ("NONE", "paid", ["AUTH"]),
        ("THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED", "choose", []),
        ("WITH_SUCCESSFUL_THREE_DS_CHALLENGE", "choose", []),
    ],
)
def test_a_forged_yes_before_any_result_proves_nothing(condition, step, asked, monkeypatch):
    """safety.md 3D-1: without a result the authentication counts as U, and gives no shift."""
    monkeypatch.setattr(PATIENCE, ())
    link, carla = at_the_bank(condition=Condition(condition))

    assert return_with(carla, **cres_of(link)) == 303
    carla.open(link)
    carla.carry_on()

    assert carla.step == step
    assert asked_for() == asked
    if asked:
        assert (link.entry.liability_shift, link.entry.liable_entity) == (False, "MERCHANT")
        assert link.entry.authentication_type == "NONE"


def test_a_result_that_never_comes_counts_as_no_authentication(monkeypatch):
    monkeypatch.setattr(PATIENCE, ())
    link, carla = at_the_bank()
    faults.plan(faults.Op.RREQ, Mode.DROP_BEFORE_READ)

    carla.press("approve")

    assert carla.step == "paid"
    assert link.entry.liability_shift is False


def test_a_way_back_that_is_lost_is_found_by_opening_the_link_again():
    link, carla = at_the_bank()
    faults.plan(faults.Op.CRES, Mode.DROP_BEFORE_READ)
    carla.press("approve", come_back=False)
    assert carla.page.url.endswith("/simulator/3ds/decide")
    assert carla.page.forms == []  # no way back

    carla.open(link)
    carla.carry_on()

    assert carla.step == "paid"
    assert link.entry.liability_shift is True


@pytest.mark.parametrize("tidied_up", [False, True])
def test_who_took_longer_than_ten_minutes_at_the_bank_pays_nothing(tidied_up, settings):
    """safety.md 3D-1: the attempt is over, whatever the bank says later, and the link can be paid anew."""
    link, carla = at_the_bank()
    settings.PAYGATE_CLOCK_OFFSET = "660"
    if tidied_up:
        PERIODIC["checkout.tie_up_loose_ends"].function()
        assert [attempt.state for attempt in link.attempts] == ["ABANDONED"]

    carla.press("approve")
    carla.open(link)
    carla.carry_on()

    assert carla.step == "choose"
    assert ledger.listed() == []
    assert link.offer.state == "OPEN"
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


def test_a_yes_that_came_in_time_counts_although_the_payer_comes_back_late(settings):
    link, carla = at_the_bank()
    carla.press("approve", come_back=False)
    settings.PAYGATE_CLOCK_OFFSET = "660"
    PERIODIC["checkout.tie_up_loose_ends"].function()

    carla.open(link)
    carla.carry_on()

    assert carla.step == "paid"


@pytest.mark.parametrize(
    "forged",
    [
        {"threeDSServerTransID": "6d1ae5a6-2ccd-4b5e-9a5a-2e7a0f0d8f00"},
        {"acsTransID": "6d1ae5a6-2ccd-4b5e-9a5a-2e7a0f0d8f00"},
        {"messageType": "RReq"},
        {"threeDSServerTransID": "' OR 1=1 --"},
    ],
)
def test_a_way_back_with_ids_that_are_not_ours_gets_the_plain_page(forged):
    """safety.md 3D-3."""
    link, carla = at_the_bank()

    assert return_with(carla, **cres_of(link, **forged)) == 404

    assert link.authentication.browser_returned_at is None
    carla.press("approve")
    assert carla.step == "paid"


def test_the_way_back_of_a_finished_payment_gets_the_same_plain_page():
    link, carla = at_the_bank()
    carla.press("approve")
    finished = carla.bank.post("/3ds/return", {"cres": encode(cres_of(link))})
    nonsense = carla.bank.post("/3ds/return", {"cres": "%%%"})
    empty = carla.bank.post("/3ds/return", {})

    assert [answer.status_code for answer in (finished, nonsense, empty)] == [404] * 3
    assert without_nonce(finished) == without_nonce(nonsense) == without_nonce(empty)
    assert link.state == "PAID"


@pytest.mark.parametrize("data", ["", "%%%", encode({"threeDSServerTransID": "no-such-id"}), "A" * 100_000])
def test_a_method_notice_with_ids_that_are_not_ours_changes_nothing(data):
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(carry_on=False)

    answer = carla.bank.post("/3ds/method", {"threeDSMethodData": data})

    assert answer.status_code == 200
    assert answer.content == b"<!doctype html><title>3-D Secure</title>"
    assert link.authentication.comp_ind == "N"


def test_a_method_notice_after_the_question_changes_nothing():
    link = desk().link()
    carla = Buyer(looks_at_browser=False)
    carla.open(link)
    carla.pay_by_card(LOOKED_AT)
    auth = link.authentication

    carla.bank.post(
        "/3ds/method", {"threeDSMethodData": encode({"threeDSServerTransID": str(auth.server_trans_id)})}
    )

    assert link.authentication.comp_ind == "N"


def test_the_result_may_come_twice_and_counts_once():
    """safety.md ID-7."""
    link, carla = at_the_bank()
    carla.press("approve", come_back=False)
    rreq = json.dumps(rreq_of(link))

    answers = [carla.bank.post("/3ds/result", rreq, content_type="application/json").json() for _ in range(2)]
    carla.come_back()

    assert [answer["messageType"] for answer in answers] == ["RRes", "RRes"]
    assert carla.step == "paid"
    assert asked_for() == ["AUTH"]


def test_another_result_after_the_first_is_turned_away():
    link, carla = at_the_bank()
    carla.press("refuse", come_back=False)
    better = rreq_of(link) | {"transStatus": "Y", "eci": "05", "authenticationValue": "A" * 28}

    answer = carla.bank.post("/3ds/result", json.dumps(better), content_type="application/json").json()
    carla.come_back()

    assert answer["messageType"] == "Erro"
    assert carla.page.is_declined
    assert asked_for() == []


def test_what_no_program_of_a_bank_would_send_is_answered_with_an_error_message():
    for body in (b"", b"{}", b"[1]", b"\xff\xfe", b'{"messageType": "RReq"}', b"x" * 200_000):
        answer = Buyer().bank.post("/3ds/result", body, content_type="application/json")

        assert answer.status_code == 200
        assert answer.json()["messageType"] == "Erro"


def test_the_ways_back_take_no_other_method():
    assert Buyer().client.get("/3ds/return").status_code == 404, (
        "Back, after the bank's page, is no payment page"
    )
    for path in ("/3ds/method", "/3ds/result"):
        assert Buyer().client.get(path).status_code == 405


def test_a_result_that_comes_when_the_payment_is_over_is_stored_and_changes_nothing():
    """safety.md 3D-1."""
    link, carla = at_the_bank()
    carla.open(link)
    carla.cancel()
    acs_trans_id = str(link.authentication.acs_trans_id)

    press(acs_trans_id, Press.APPROVE, now=clock.now())

    assert link.authentication.result_status == "Y"
    assert link.attempt.state == "ABANDONED"
    assert asked_for() == []
