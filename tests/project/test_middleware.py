"""What each request passes through (safety.md PP-1, LG-1)."""

import pytest
from django.test import Client

from tests.make.offers import offer as an_offer


@pytest.fixture
def link(alpenblick) -> str:
    """An offer's payment page."""
    from paygate import clock
    from paygate.offers.link import link_of

    offer = an_offer(alpenblick, now=clock.now())
    return link_of(offer, alpenblick.merchant, alpenblick.number).removeprefix("http://localhost:8000")


def requests_in(caplog) -> list[dict[str, object]]:
    return [record.msg for record in caplog.records if record.name == "paygate.request"]


def test_a_payers_page_keeps_no_session_and_no_login(link):
    client = Client()

    response = client.get(link)

    assert response.status_code == 200
    assert {"paygate", "paygate-form", "sessionid"} & set(response.cookies) == set()
    assert not hasattr(response.wsgi_request, "user")
    assert not hasattr(response.wsgi_request, "session")


def test_a_request_is_one_line_without_address_query_or_link(link, caplog):
    with caplog.at_level("INFO"):
        Client().get(link, {"number": "4111111111111111"}, REMOTE_ADDR="192.0.2.7", HTTP_COOKIE="a=hush")

    (line,) = requests_in(caplog)
    assert isinstance(line, dict)
    assert {"method", "route", "status", "ms"} <= line.keys()
    written = str(line)
    for secret in (link.rpartition("/")[2], "4111", "192.0.2.7", "hush"):
        assert secret not in written


@pytest.mark.django_db
def test_a_strange_method_is_not_repeated(caplog):
    with caplog.at_level("INFO"):
        Client().generic("X-FORGED\n", "/nowhere")

    (line,) = requests_in(caplog)
    assert isinstance(line, dict)
    assert (line["method"], line["route"]) == ("OTHER", "-")
