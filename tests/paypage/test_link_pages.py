"""What a link shows when it cannot be paid, to robots, to strangers, and to whoever guesses links."""

import re
from datetime import timedelta
from urllib.parse import quote, urljoin
from uuid import uuid4

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout.models import Session
from paygate.lifecycle.models import Step
from paygate.merchants.reach import system
from paygate.offers.change import disable
from tests.flows.buyer import ASKED, MASTERCARD, Buyer
from tests.flows.page import Page
from tests.make.desks import Link, desk
from tests.paypage.asking import headers_of, without_nonce

pytestmark = pytest.mark.django_db


def paid(link: Link) -> None:
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)


def being_paid(link: Link) -> None:
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)


def expired(link: Link) -> None:
    link.change(expires_at=clock.now() - timedelta(minutes=1))


def disabled(link: Link) -> None:
    with link.desk.in_view():
        disable(link.id, by=system(link.desk.merchant.pk), now=clock.now())


@pytest.mark.parametrize(
    ("happened", "step", "says"),
    [
        (paid, "paid", "There is nothing left to pay"),
        (being_paid, "in-progress", "shows by itself how it ends"),
        (expired, "expired", "ask the seller for a new one"),
        (disabled, "disabled", "Nothing can be paid here"),
    ],
)
def test_a_link_that_cannot_be_paid_says_why_and_holds_nobodys_data(happened, step, says):
    """safety.md LN-3."""
    link = desk().link(description="Zimmer 214, Frau Muster", reference="RE-4711")
    happened(link)

    page = Buyer().open(link)

    assert (page.status, page.step) == (200, step)
    assert says in page.words
    assert "Hotel Alpenblick" in page.words
    assert not page.has("data-pay")
    for secret in ("Muster", "RE-4711", "carla", "49.90"):
        assert secret not in page.html


@pytest.mark.parametrize(("happened", "step"), [(paid, "paid"), (expired, "expired"), (disabled, "disabled")])
def test_a_form_that_is_sent_too_late_begins_nothing(happened, step):
    link = desk().link()
    dario = Buyer()
    dario.open(link)
    dario.to_card_form()
    happened(link)
    before = len(link.attempts)

    dario.pay_by_card(MASTERCARD)

    assert dario.step == step
    assert len(link.attempts) == before


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_changes_nothing_but_first_opened(method):
    """safety.md ST-9: robots, previews and mail scanners open links too."""
    link = desk().link()
    before = (link.offer.state, link.offer.attempts, link.offer.claim)
    with link.desk.in_view():
        steps = Step.objects.count()

    for _ in range(3):
        answer = getattr(Buyer().client, method)(link.path)
        assert answer.status_code == 200
    first = link.offer.first_opened_at
    getattr(Buyer().client, method)(f"{link.path}?method=CARD&lang=de")

    assert first is not None
    assert link.offer.first_opened_at == first
    assert (link.offer.state, link.offer.attempts, link.offer.claim) == before
    with link.desk.in_view():
        assert (Step.objects.count(), Session.objects.count()) == (steps, 0)


def test_a_head_answer_has_no_body():
    link = desk().link()

    assert Buyer().client.head(link.path).content == b""


def strange_paths(link: Link, other: Link) -> list[str]:
    """Every way to ask for a link that is not there."""
    hotel, offer = "/SecurePayGate/Payment/100001/17000011", link.id
    return [
        f"{hotel}/{uuid4()}",
        f"{hotel}/{other.id}",
        f"/SecurePayGate/Payment/100001/17000099/{offer}",
        f"/SecurePayGate/Payment/200002/17000099/{offer}",
        f"/SecurePayGate/Payment/200002/17000011/{offer}",
        f"/SecurePayGate/Payment/999999/17000011/{offer}",
        f"{hotel}/1",
        f"{hotel}/{str(offer)[:-1]}",
        f"{hotel}/{quote(chr(39))}",
        f"{hotel}/{quote('é' * 40)}",
        f"{hotel}/{'9' * 3000}",
        f"{hotel}/%00",
        f"/SecurePayGate/Payment/%00/17000011/{offer}",
        f"/SecurePayGate/Payment/100001/%00/{offer}",
        "/vt2/api/PaymentPage/100001/17000011/nosuchtoken",
        "/vt2/api/PaymentPage/100001/17000011/%00",
    ]


def test_unknown_foreign_and_malformed_links_are_one_and_the_same_page():
    """safety.md LN-2, TN-4: byte for byte, but for the nonce."""
    link, other = desk().link(), desk("200002", "17000099", name="Carla's Flowers").link()

    answers = [Buyer().client.get(path) for path in strange_paths(link, other)]

    assert {answer.status_code for answer in answers} == {404}
    assert len({without_nonce(answer) for answer in answers}) == 1
    assert len({tuple(sorted(headers_of(answer).items())) for answer in answers}) == 1
    assert "Alpenblick" not in without_nonce(answers[0])


def test_a_strangers_form_does_not_open_a_door_either():
    link, other = desk().link(), desk("200002", "17000099", name="Carla's Flowers").link()
    carla = Buyer()
    carla.open(other)
    form = carla.to_card_form().form("data-pay")

    for path in strange_paths(link, other)[:11]:
        for door in ("pay", "cancel"):
            assert carla.client.post(f"{path}/{door}", form.values).status_code == 404

    assert link.attempts == other.attempts == []


def test_a_strangers_session_is_nowhere_to_be_found():
    hotel, flowers = desk(), desk("200002", "17000099", name="Carla's Flowers")
    link = hotel.link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    token = link.attempt.session.token
    here, there = "/vt2/api/PaymentPage/100001/17000011", "/vt2/api/PaymentPage/200002/17000099"
    assert flowers.merchant.pk

    for wrong in (
        f"{there}/{token}",
        f"{here}/{token[:-1]}",
        f"/vt2/api/PaymentPage/100001/17000099/{token}",
    ):
        for door, method in (
            ("", "get"),
            ("/status", "get"),
            ("/return", "get"),
            ("/continue", "post"),
            ("/cancel", "post"),
        ):
            assert getattr(carla.client, method)(wrong + door).status_code == 404

    assert link.attempt.state == "AUTHENTICATING"


def test_whoever_guesses_links_is_stopped_after_thirty_a_minute(settings):
    """safety.md LN-2."""
    settings.PAYGATE_LIMITS = "strict"
    link = desk().link()
    settings.PAYGATE_CLOCK_OFFSET = str(60 - int(clock.now().timestamp()) % 60)  # the minute begins
    guesser, neighbour = Buyer(address="203.0.113.5"), Buyer(address="203.0.113.6")

    for _ in range(30):
        assert guesser.open(f"/SecurePayGate/Payment/100001/17000011/{uuid4()}").status == 404
    stopped = guesser.open(f"/SecurePayGate/Payment/100001/17000011/{uuid4()}")

    assert stopped.status == 429
    assert "Please wait a minute" in stopped.words
    assert neighbour.open(f"/SecurePayGate/Payment/100001/17000011/{uuid4()}").status == 404
    assert neighbour.open(link).status == 200


def test_neighbours_in_one_network_are_counted_together(settings):
    settings.PAYGATE_LIMITS = "strict"
    desk()
    settings.PAYGATE_CLOCK_OFFSET = str(60 - int(clock.now().timestamp()) % 60)

    statuses = [
        Buyer(address=f"2001:db8:1:2::{number:x}")
        .open(f"/SecurePayGate/Payment/100001/17000011/{uuid4()}")
        .status
        for number in range(31)
    ]

    assert statuses == [404] * 30 + [429]


@pytest.mark.parametrize("door", ["", "/pay", "/cancel"])
def test_the_doors_take_no_other_method(door):
    link = desk().link()
    allowed = {"get", "head"} if door == "" else {"get", "head", "post"}

    for method in {"get", "post", "put", "patch", "delete", "options", "trace"} - allowed:
        answer = getattr(Buyer().client, method)(link.path + door)
        assert answer.status_code == 405

    assert link.attempts == []


@pytest.mark.parametrize("door", ["/pay", "/cancel"])
def test_the_address_of_a_button_opened_as_a_page_leads_to_the_link(door):
    link = desk().link()

    answer = Buyer().client.get(link.path + door)

    assert (answer.status_code, answer["Location"]) == (302, link.path)
    assert link.attempts == []


@pytest.mark.parametrize("public_url", ["http://localhost:8000", "https://pay.example"])
def test_the_foot_says_whose_page_it_is_who_runs_it_and_what_protects_the_card(settings, public_url):
    """look.md: a quiet foot. Nothing is called encrypted that is not."""
    settings.PAYGATE_PUBLIC_URL = public_url
    carla = Buyer(origin=public_url)
    page = carla.open(f"{desk().link().path}?method=CARD")

    host = public_url.partition("//")[2]
    assert f"Payment page of Hotel Alpenblick, run with PayGate at {host}" in page.words
    assert (
        "goes only to the banks that carry out this payment. Hotel Alpenblick does not see it." in page.words
    )
    assert ("The connection is encrypted." in page.words) == public_url.startswith("https")
    assert {"Deutsch", "Italiano"} < {words for _attributes, words in page.links}


@pytest.mark.parametrize(("happened", "step"), [(paid, "paid"), (expired, "expired"), (disabled, "disabled")])
def test_the_title_of_a_page_is_its_heading(happened, step):
    link = desk().link()
    happened(link)

    page = Buyer().open(link)

    title = re.search(r"<title>(.*?) ·", page.html)
    assert page.step == step
    assert title is not None
    assert f"<h1>{title[1]}</h1>" in page.html


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
def test_the_page_speaks_the_language_of_the_offer_and_any_that_the_payer_chooses(language):
    link = desk().link(language=language)
    carla = Buyer(language="it")

    assert carla.open(link).language == language
    carla.open(f"{link.path}?lang=fr")
    assert carla.page.language == "fr"
    assert carla.open(link).language == "fr"


def test_the_languages_on_a_page_lead_to_the_same_page():
    link = desk().link()
    carla = Buyer()
    carla.open(f"{link.path}?method=CARD")

    carla.open(urljoin(carla.page.url, carla.page.link("Deutsch")))

    assert (carla.page.language, carla.step) == ("de", "card")


def test_a_page_opened_under_another_name_of_this_machine_moves_to_the_public_one():
    link = desk().link()

    answer = Buyer(origin="http://127.0.0.1:8000").client.get(f"{link.path}?lang=de")

    assert answer.status_code == 302
    assert answer["Location"] == f"http://localhost:8000{link.path}?lang=de"


@pytest.mark.parametrize(
    "path", ["/SecurePayGate/", "/SecurePayGate/Payment/a/b", "/vt2/api/x", "/vt2/api/PaymentPage/1/2/3/4"]
)
def test_an_address_of_the_right_kind_that_leads_nowhere_is_the_same_page(path):
    known = Buyer().client.get("/SecurePayGate/Payment/100001/17000011/0b1d6f0e-5c3a-4d0b-9a77-3f2f6f0a9c11")

    answer = Buyer().client.get(path)

    assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
    assert len(answer.content) == len(known.content)


def news(page: Page, browser: Buyer) -> bool:
    """What the page asks for quietly: is there something new to show?"""
    answer = browser.client.get(page.main["data-status-url"])
    return bool(answer.json()["ready"])


def test_the_page_of_a_link_that_somebody_else_pays_notices_the_end_by_itself():
    link, carla = desk().link(), Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    waits = Buyer()
    page = waits.open(link)
    assert (page.step, news(page, waits)) == ("in-progress", False)
    assert '<noscript><meta http-equiv="refresh"' in page.html

    carla.to_bank()
    carla.press("approve")

    assert news(page, waits)
    end = waits.reload()
    assert (end.step, "data-status-url" in end.main, "refresh" in end.html) == ("paid", False, False)


def test_the_page_notices_when_the_link_is_free_again():
    link, carla = desk().link(), Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    waits = Buyer()
    page = waits.open(link)

    carla.cancel()

    assert news(page, waits)
    assert waits.reload().step == "choose"


def test_asking_for_news_of_a_link_begins_nothing_and_tells_nothing():
    link = desk().link(description="Zimmer 214")
    path = f"{link.path}/status"

    answer = Buyer().client.get(path)

    assert answer.json() == {"ready": True}
    assert link.attempts == []
    assert link.sessions == []
    assert Buyer().client.post(path).status_code == 405
    assert Buyer().client.get(path.replace(str(link.id), str(uuid4()))).status_code == 404


def test_while_an_answer_is_missing_another_browser_reads_that_it_is_being_checked():
    """safety.md OC-11: the fourth text is the only one."""
    set_fault("AUTH", "drop_after_commit")
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)

    other = Buyer()
    page = other.open(link)

    assert page.step == "in-progress"
    assert "Please do not pay again" in page.words
    assert not news(page, other)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", r"Valid until \d+ \w+ 20\d\d, \d\d:\d\d CES?T"),
        ("de", r"Gültig bis \d+\. \w+\.? 20\d\d, \d\d:\d\d CES?T"),
        ("fr", r"Valable jusqu’au \d+ \w+\.? 20\d\d, \d\d:\d\d CES?T"),
    ],
)
def test_the_deadline_is_written_as_the_language_writes_dates(language, written):
    carla = Buyer()
    carla.open(desk().link(language=language))

    assert re.search(written, carla.page.words)
