"""The pretend wallet's page decides a payment, and sends the payer back."""

import pytest
from django.test import Client
from django.urls import include, path

from paygate.acquiring.connector import Approved, Declined, Elsewhere
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.simulator.connector import SimulatorConnector
from tests.acquiring.requests import chf, inquire, register, reverse, twint

urlpatterns = [path("simulator/", include("paygate.acquiring.simulator.urls"))]

pytestmark = pytest.mark.urls(__name__)

SIMULATOR = SimulatorConnector()


def begun(**facts):
    """A wallet payment, and the page it is decided on."""
    asked = twint(**facts)
    answer = SIMULATOR.authorize(asked)
    assert isinstance(answer, Elsewhere)
    return asked, answer.url


def test_the_page_shows_the_sum_and_three_buttons():
    _, url = begun(amount=chf(4990))

    page = Client().get(url).content.decode()

    assert "TWINT" in page
    assert "49.90" in page
    for action in ("approve", "refuse", "cancel", "leave"):
        assert f'data-action="{action}"' in page


@pytest.mark.parametrize("method", ["TWINT", "POSTFINANCEPAY"])
def test_approving_approves_and_goes_back(method):
    asked, url = begun(method=method, return_url="/pay/back?attempt=1")

    response = Client().post(url, {"choice": "approve"})

    assert (response.status_code, response["Location"]) == (303, "/pay/back?attempt=1")
    answer = SIMULATOR.inquire(inquire(asked))
    assert isinstance(answer, Approved)
    assert answer.amount == asked.amount


@pytest.mark.parametrize(
    ("choice", "reason"), [("refuse", DeclineReason.DO_NOT_HONOR), ("cancel", DeclineReason.PAYER_CANCELED)]
)
def test_not_approving_declines_and_goes_back(choice, reason):
    asked, url = begun()

    response = Client().post(url, {"choice": choice})

    assert response.status_code == 303
    answer = SIMULATOR.inquire(inquire(asked))
    assert isinstance(answer, Declined)
    assert answer.reason is reason


def test_the_first_choice_counts():
    asked, url = begun()
    Client().post(url, {"choice": "refuse"})

    again = Client().post(url, {"choice": "approve"})

    assert again.status_code == 303
    assert isinstance(SIMULATOR.inquire(inquire(asked)), Declined)


def test_a_decided_page_leads_back():
    _, url = begun()
    Client().post(url, {"choice": "approve"})

    assert Client().get(url).status_code == 303


def test_a_page_without_a_way_back_says_that_it_is_decided():
    _, url = begun(return_url="")

    response = Client().post(url, {"choice": "approve"})

    assert response.status_code == 200
    assert "decided" in response.content.decode()


def test_looking_at_the_page_decides_nothing():
    asked, url = begun()

    Client().get(url)
    Client().head(url)

    assert isinstance(SIMULATOR.inquire(inquire(asked)), Elsewhere)


def test_a_payment_that_was_given_back_cannot_be_approved_any_more():
    asked, url = begun()
    SIMULATOR.reverse(reverse(asked))

    Client().post(url, {"choice": "approve"})

    answer = SIMULATOR.inquire(inquire(asked))
    assert isinstance(answer, Declined)
    assert answer.reason is DeclineReason.GIVEN_BACK


def test_some_sums_are_refused_whatever_the_payer_says():
    asked, url = begun(amount=chf(6651))

    Client().post(url, {"choice": "approve"})

    assert isinstance(SIMULATOR.inquire(inquire(asked)), Declined)


def test_an_unknown_reference_has_no_page():
    assert Client().get("/simulator/wallet/nothing").status_code == 404
    assert Client().post("/simulator/wallet/nothing", {"choice": "approve"}).status_code == 404


def test_another_choice_is_refused():
    _, url = begun()

    assert Client().post(url, {"choice": "maybe"}).status_code == 400


def test_a_payer_who_leaves_has_not_answered_and_may_do_so_later():
    asked, url = begun()

    left = Client().post(url, {"choice": "leave"})

    assert "waits here" in left.content.decode()
    assert f'href="{url}"' in left.content.decode()
    assert isinstance(SIMULATOR.inquire(inquire(asked)), Elsewhere)
    assert Client().post(url, {"choice": "approve"}).status_code == 303
    assert isinstance(SIMULATOR.inquire(inquire(asked)), Approved)


def test_a_payer_who_left_for_good_took_too_long(settings):
    asked, url = begun()
    Client().post(url, {"choice": "leave"})
    settings.PAYGATE_CLOCK_OFFSET = str(31 * 60)

    late = Client().post(url, {"choice": "approve"})

    answer = SIMULATOR.inquire(inquire(asked))
    assert isinstance(answer, Declined)
    assert answer.reason is DeclineReason.PAYER_TOO_LATE
    assert late.status_code in (200, 303)


def test_the_page_of_a_registration_asks_for_no_money(settings):
    asked = register()
    answer = SIMULATOR.register(asked)
    assert isinstance(answer, Elsewhere)
    page = Client().get(answer.url).content.decode()

    assert "May this shop charge your wallet later" in page
    assert "Pay " not in page
    assert Client().post(answer.url, {"choice": "approve"})["Location"] == "/store/back"


def test_a_certificate_of_twint_ends(settings):
    """behaviour.md K."""
    asked = register()
    answer = SIMULATOR.register(asked)
    assert isinstance(answer, Elsewhere)
    Client().post(answer.url, {"choice": "approve"})
    kept = SIMULATOR.inquire(inquire(asked))
    assert isinstance(kept, Approved)
    settings.PAYGATE_CLOCK_OFFSET = str(396 * 24 * 3600)

    late = SIMULATOR.authorize(twint(wallet_token=kept.wallet_token))

    assert isinstance(late, Declined)
