"""The pretend issuer's pages, as a browser meets them."""

import re

import pytest

from paygate.clock import now
from paygate.simulation.faults import Mode
from paygate.tenants.context import within
from paygate.threeds.asking import ChallengeNeeded, final_result
from paygate.threeds.browser import note_browser_return
from paygate.threeds.messages import encode
from paygate.threeds.simulator import faults
from paygate.threeds.simulator.faults import Op
from tests.threeds.builders import CHALLENGE, RETURN_URL, ask, authentication, opened, terminal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.threeds.urls")]


@pytest.fixture
def challenged():
    desk = terminal()
    with within(desk.merchant_id):
        auth = authentication(CHALLENGE, at=desk)
        outcome = ask(auth, CHALLENGE, now=now())
        assert isinstance(outcome, ChallengeNeeded)
        yield auth, outcome


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())
    assert found
    return found[1]


def arrive(client, outcome):
    return client.post(
        "/simulator/3ds/challenge", {"creq": outcome.creq, "threeDSSessionData": outcome.session_data}
    )


def push(client, page, action):
    form = {name: hidden(page, name) for name in ("acs_trans_id", "threeDSSessionData")}
    return client.post("/simulator/3ds/decide", form | {"action": action})


def test_the_page_says_who_wants_how_much_from_which_card_and_that_it_is_a_test(client, challenged):
    _auth, outcome = challenged
    assert outcome.acs_url == "http://localhost:8000/simulator/3ds/challenge"

    page = arrive(client, outcome)

    text = page.content.decode()
    assert page.status_code == 200
    for words in ("Hotel Alpenblick", "49.90", "901000xxxxxx0001"):
        assert words in text
    for action in ("approve", "refuse", "cancel"):
        assert f'data-action="{action}"' in text
    assert CHALLENGE not in text
    assert page["Cache-Control"].startswith("max-age=0")


@pytest.mark.parametrize(
    ("action", "status", "cancelled"),
    [("approve", "Y", False), ("refuse", "N", False), ("cancel", "N", True)],
)
def test_a_button_sends_the_result_ahead_and_the_browser_back(client, challenged, action, status, cancelled):
    auth, outcome = challenged

    page = push(client, arrive(client, outcome), action)

    auth.refresh_from_db()
    assert auth.result_status == status  # before the browser has gone anywhere
    assert f'action="{RETURN_URL}"' in page.content.decode()
    assert hidden(page, "threeDSSessionData") == outcome.session_data
    assert note_browser_return(hidden(page, "cres"), now=now()) == auth.server_trans_id
    assert final_result(auth, now=now()).cancelled is cancelled


def test_the_way_back_is_a_script_with_a_nonce_that_the_policy_knows(client, challenged):
    page = push(client, arrive(client, challenged[1]), "approve")

    nonce = re.search(r'<script nonce="([^"]+)"', page.content.decode())
    policy = page["Content-Security-Policy"]
    assert nonce
    assert f"script-src 'nonce-{nonce[1]}'" in policy
    assert "form-action 'self' https:" in policy
    assert "<button>" in page.content.decode()  # the same without scripts


def test_the_first_press_counts_and_who_comes_again_goes_straight_back(client, challenged):
    auth, outcome = challenged
    page = arrive(client, outcome)
    push(client, page, "refuse")

    push(client, page, "approve")
    again = arrive(client, outcome)

    assert final_result(auth, now=now()).status == "N"
    assert opened(hidden(again, "cres"))["transStatus"] == "N"


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("challenge", {}),
        ("challenge", {"creq": "?"}),
        ("challenge", {"creq": encode({"messageType": "CReq"})}),
        ("decide", {"acs_trans_id": "nobody", "action": "approve"}),
        ("decide", {"action": "approve"}),
        ("decide", {"action": "steal"}),
        ("method", {}),
        ("method", {"threeDSMethodData": encode({"threeDSMethodNotificationURL": "javascript:alert(1)"})}),
    ],
)
def test_who_comes_without_a_question_gets_a_plain_page(client, db, address, form):
    page = client.post(f"/simulator/3ds/{address}", form)

    assert page.status_code == 404
    assert "nothing to confirm" in page.content.decode()
    assert client.get(f"/simulator/3ds/{address}").status_code == 405


def test_the_page_speaks_the_browsers_language(client):
    desk = terminal()
    with within(desk.merchant_id):
        outcome = ask(authentication(CHALLENGE, at=desk), CHALLENGE)
    assert isinstance(outcome, ChallengeNeeded)

    assert '<html lang="de">' in arrive(client, outcome).content.decode()


def test_the_look_at_the_browser_posts_back_by_itself(client, db):
    data = {"threeDSServerTransID": "1", "threeDSMethodNotificationURL": "https://pay.example/done"}

    page = client.post("/simulator/3ds/method", {"threeDSMethodData": encode(data)})

    assert 'action="https://pay.example/done"' in page.content.decode()
    assert opened(hidden(page, "threeDSMethodData")) == {"threeDSServerTransID": "1"}


def test_the_look_at_the_browser_can_fail_on_request(client, db):
    data = encode({"threeDSServerTransID": "1", "threeDSMethodNotificationURL": "https://pay.example/done"})
    faults.plan(Op.METHOD, Mode.DROP_BEFORE_READ)
    faults.plan(Op.METHOD, Mode.MALFORMED)
    faults.plan(Op.METHOD, Mode.DELAY, delay_seconds=11)

    dropped, malformed, late = (
        client.post("/simulator/3ds/method", {"threeDSMethodData": data}) for _ in range(3)
    )

    assert dropped.content == b""
    assert hidden(malformed, "threeDSMethodData") == "?"
    assert "11000" in late.content.decode()


def test_the_way_back_can_fail_on_request(client, challenged):
    auth, outcome = challenged
    faults.plan(Op.CRES, Mode.MALFORMED, amount_ending="90")
    faults.plan(Op.CRES, Mode.DROP_BEFORE_READ, amount_ending="91")

    page = push(client, arrive(client, outcome), "approve")

    assert note_browser_return(hidden(page, "cres"), now=now()) is None
    assert faults.due(Op.CRES, 4990) is None
    assert faults.due(Op.CRES, 4991) is not None
    assert final_result(auth, now=now()).status == "Y"
