"""The description of the APIs: the same tables, for programs and for people (SPG-API-03)."""

import json

from django.test import Client

from paygate.api.management.routes import RESTS
from paygate.api.openapi import document
from paygate.api.payment.routes import CALLS
from tests.backoffice.reading import words


def test_every_call_is_described_and_every_reference_leads_somewhere():
    told = document()
    spelled = json.dumps(told)

    assert len([verb for verbs in told["paths"].values() for verb in verbs]) == len(CALLS) + len(RESTS)
    for verbs in told["paths"].values():
        for call in verbs.values():
            assert call["summary"]
            assert set(call["responses"]) >= {"200", "400", "401", "402", "403"}
    for ref in {part.split('"')[0] for part in spelled.split('"#/components/schemas/')[1:]}:
        assert ref in told["components"]["schemas"]
    assert told["openapi"].startswith("3.1")


def test_the_wires_own_names_stand_in_it():
    schemas = document()["components"]["schemas"]

    assert "CurrencyCode" in schemas["AmountWithoutZero"]["properties"]
    assert "IBAN" in schemas.get("BankAccountInfo", {}).get("properties", {})
    assert schemas["TransactionCaptureRequest"]["required"] == ["RequestHeader", "TransactionReference"]


def test_it_is_served_to_programs_and_to_people(db, anna):
    """SPG-API-03: reached from the page of credentials, without signing in, and nothing of it comes from elsewhere."""
    served = Client().get("/api/openapi.json")
    page = Client().get("/api/docs")

    assert json.loads(served.content) == json.loads(json.dumps(document()))
    assert "/api/Payment/v1/Transaction/Capture" in words(page)
    assert "VALIDATION_FAILED" in words(page)
    assert b"http://" not in page.content
    assert b'href="/api/docs"' in anna.browser().get("/backoffice/settings/credentials/").content


def test_people_read_what_stands_in_header_and_address_and_how_long_a_text_may_be(db):
    """Nobody finds the query of the list of transactions by trying."""
    page = Client().get("/api/docs").content.decode()

    listed = page.partition('id="get-transactions"')[2].partition("</section>")[0]
    for parameter in ("Saferpay-ApiVersion", "Saferpay-RequestId", "StartDate", "PageNumber"):
        assert f"<code>{parameter}</code>" in listed
    assert "SUCCESSFUL, FAILED, PENDING" in listed
    assert "2026-11-26T14:30" in listed
    assert r'<code class="old">^[^\x00]*$</code>' not in page  # any text is any text
    payment = page.partition('id="schema-PaymentPagePayment"')[2].partition("</section>")[0]
    assert "string, 1 to 80 characters" in payment
    assert "integer, 0 to 9" in page.partition('id="schema-RequestHeader"')[2].partition("</section>")[0]
    assert "Basic" in page.partition("<main>")[0]
