"""What each request passes through (safety.md PP-1, LG-1)."""

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from paygate.outbound import Limits, in_time
from paygate.project.middleware import CallsInTime
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


def test_whoever_waits_for_a_page_waits_for_a_minute_at_most():
    """What a page asks of others has the time that its request has left (safety.md OC-4)."""
    patient = Limits(connect=500, read=500, total=500)

    def asks_for_long(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(in_time(patient).total))

    page = CallsInTime(asks_for_long)(RequestFactory().get("/"))

    assert isinstance(page, HttpResponse)
    assert 50 < float(page.content) <= 55
    assert in_time(patient) == patient, "a job has all the time of its call"
    assert "paygate.project.middleware.CallsInTime" in settings.MIDDLEWARE
