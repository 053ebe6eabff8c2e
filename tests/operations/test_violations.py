"""Browsers tell what happened against a page's policy; it is counted, nothing secret is kept (safety.md PP-2)."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from paygate import clock
from paygate.operations.check import findings
from paygate.operations.models import Violation
from paygate.operations.violations import MOST_SORTS, note, purge
from tests.make.desks import desk

pytestmark = pytest.mark.django_db

PAGE = (
    "http://localhost:8000/SecurePayGate/Payment/100001/17000011/0f82197d-8021-42fe-865a-c52156719eb6?lang=de"
)
ROUTE = "SecurePayGate/Payment/<str:customer_id>/<str:terminal_number>/<str:offer_id>"
OLD = {
    "csp-report": {
        "document-uri": PAGE,
        "violated-directive": "script-src-elem 'self'",
        "blocked-uri": "https://evil.example/x.js?card=1",
    }
}
NEW = [
    {
        "type": "csp-violation",
        "body": {"documentURL": PAGE, "effectiveDirective": "script-src-elem", "blockedURL": "inline"},
    }
]


def send(body: object, kind: str = "application/csp-report", **more: str) -> int:
    text = body if isinstance(body, str) else json.dumps(body)
    return Client().post("/reports/violations", text, content_type=kind, headers=more or None).status_code


def test_reports_of_either_age_are_counted_without_the_secrets_of_an_address():
    for _ in range(3):
        assert send(OLD) == 204
    assert send(NEW, "application/reports+json") == 204

    kept = {(one.directive, one.page, one.blocked): one.count for one in Violation.objects.all()}
    assert kept == {
        ("script-src-elem", ROUTE, "https://evil.example"): 3,
        ("script-src-elem", ROUTE, "inline"): 1,
    }
    assert any("https://evil.example" in one for one in findings())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("[" * 5000, 400),
        ("null", 204),
        ('{"csp-report": []}', 204),
        ("x" * 20_000, 413),
        ('[{"body": 1}]', 204),
    ],
)
def test_nonsense_is_not_kept(body, status):
    assert send(body) == status
    assert not Violation.objects.exists()


def test_one_address_is_not_listened_to_for_ever(settings):
    settings.PAYGATE_LIMITS = "strict"

    assert [send(OLD) for _ in range(61)][-1] == 429
    assert Violation.objects.get().count == 60


def test_who_invents_sorts_of_reports_fills_no_table():
    Violation.objects.bulk_create(
        Violation(
            directive="x", page="?", blocked=str(n), first_seen_at=clock.now(), last_seen_at=clock.now()
        )
        for n in range(MOST_SORTS)
    )
    send(OLD)

    assert Violation.objects.count() == MOST_SORTS


def test_what_is_no_longer_reported_is_forgotten():
    now = clock.now()
    note("img-src", "?", "data", now=now)

    assert purge(now=now + timedelta(days=89)) == 0
    assert purge(now=now + timedelta(days=91)) == 1


@pytest.mark.parametrize("path", ["/account/login/", "link"])
def test_every_page_names_where_reports_go(path):
    path = desk().link().path if path == "link" else path

    answer = Client().get(path)

    assert answer["Reporting-Endpoints"] == 'violations="http://localhost:8000/reports/violations"'
    assert "report-to" not in answer["Content-Security-Policy"], (
        "only over https: else browsers report nothing"
    )
    assert "report-uri /reports/violations" in answer["Content-Security-Policy"]
