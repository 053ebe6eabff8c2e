"""Who may call, how bodies are read, and what strangers learn (behaviour.md A, B, C; safety.md CT-5)."""

import base64
import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client

from paygate import clock
from paygate.api import authentication
from paygate.api.models import AnsweredRequest
from paygate.checkout.models import Session
from paygate.credentials import keep
from paygate.credentials.models import Credential
from paygate.merchants.models import Licence
from paygate.tenants.context import within
from tests.api.program import Program, answer_of, program_of
from tests.make.walk import GOOD_VISA

INQUIRE = "Transaction/Inquire"
NOTHING = {"TransactionReference": {"TransactionId": "nothing"}}


def test_a_call_is_answered_with_its_own_header(shop):
    answer = shop.call(INQUIRE, NOTHING, version="1.41", RequestId="mine-1")

    assert answer.status == 402
    assert answer.body["ResponseHeader"] == {"SpecVersion": "1.41", "RequestId": "mine-1"}
    assert answer.error == "TRANSACTION_NOT_FOUND"
    assert answer.body["Behavior"] == "DO_NOT_RETRY"


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic !!!", "Bearer abc", "Basic QVBJOng=", "Basic " + "A" * 5000, "Basic AAAA"],
)
def test_wrong_credentials_are_one_answer(shop, authorization):
    """behaviour.md A-7."""
    for body in (json.dumps({**shop.header(), **NOTHING}), "no json", ""):
        answer = shop.send(INQUIRE, body, HTTP_AUTHORIZATION=authorization)

        assert answer.status == 401
        assert answer.error == "AUTHENTICATION_FAILED"
        assert answer.body["ErrorMessage"] == "Unable to authenticate request"
        assert answer.body["ErrorDetail"] == ["Invalid credentials"]


def test_a_wrong_password_and_a_revoked_credential_are_the_same(shop):
    wrong = Program(shop.merchant, shop.credential, "x" * 32)
    first = wrong.call(INQUIRE, NOTHING, RequestId="a")
    with within(shop.merchant.pk):
        keep.revoke(Credential.objects.get(pk=shop.credential.pk), by="member:1", now=clock.now())

    assert shop.call(INQUIRE, NOTHING, RequestId="a") == first
    assert first.status == 401


def test_another_customer_is_not_this_credentials(shop, stranger):
    """behaviour.md A-6, B-7: neither in the header nor in the address."""
    assert shop.call(INQUIRE, NOTHING, CustomerId=stranger.merchant.customer_id).status == 401
    assert shop.rest("GET", "terminals", customer=stranger.merchant.customer_id).status == 401
    assert shop.rest("GET", "terminals", customer="999").status == 401


def test_a_foreign_terminal_is_like_none(shop, carla):
    """behaviour.md B-7."""
    foreign, unknown = (
        shop.call("Batch/Close", {"TerminalId": number}, RequestId="a")
        for number in (carla.terminal.number, "17999999")
    )

    assert foreign == unknown
    assert (foreign.status, foreign.error) == (403, "PERMISSION_DENIED")
    assert shop.rest("GET", f"terminals/{carla.terminal.number}").error == "PERMISSION_DENIED"


def test_a_credential_may_be_limited_to_addresses(alpenblick):
    """IPv4 and IPv6, single and as ranges."""
    home = program_of(alpenblick.merchant, networks=["192.0.2.0/24", "2001:db8::/32"])
    elsewhere = program_of(alpenblick.merchant, networks=["198.51.100.7"])

    def status(program: Program, address: str) -> int:
        return program.send(INQUIRE, json.dumps({**program.header(), **NOTHING}), REMOTE_ADDR=address).status

    assert status(home, "192.0.2.77") == status(home, "2001:db8:1::5") == 402
    assert status(home, "192.0.3.1") == status(elsewhere, "127.0.0.1") == 401
    assert status(elsewhere, "198.51.100.7") == 402


def test_without_the_licence_nothing_is_done(shop):
    """SPG-REQ-03; behaviour.md B-9."""
    Licence.objects.update(features=["SECURE_PAYGATE"])

    for answer in (shop.call(INQUIRE, NOTHING), shop.rest("GET", "terminals")):
        assert (answer.status, answer.error, answer.details) == (403, "PERMISSION_DENIED", "Invalid license")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/json; charset=latin-1"}, 415),
        ({"content_type": "application/json"}, 402),
        ({"content_type": "application/json; charset=utf-8; version=1"}, 402),
        ({"content_type": "application/json; odata=verbose; charset='UTF-8'"}, 402),
        ({"HTTP_CONTENT_ENCODING": "gzip"}, 415),
        ({"HTTP_ACCEPT": "text/html"}, 406),
        ({"HTTP_ACCEPT": "*/*"}, 402),
        ({"HTTP_ACCEPT": "text/html, application/json;q=0.5"}, 402),
    ],
)
def test_json_is_spoken_and_nothing_else(shop, more, status):
    """behaviour.md A-3, B-8."""
    answer = shop.send(INQUIRE, json.dumps({**shop.header(), **NOTHING}), **more)

    assert answer.status == status
    assert answer.error


def in_pieces(shop, body):
    """A body whose length nobody told: it ends where the stream ends."""
    pieces = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": BytesIO(body)}
    return shop.send(INQUIRE, body, **pieces)


def test_a_body_may_come_in_pieces(shop):
    """behaviour.md B-8: HTTP clients of today send so, where they do not put the JSON together first."""
    answer = in_pieces(shop, json.dumps({**shop.header(), **NOTHING}).encode())

    assert (answer.status, answer.error) == (402, "TRANSACTION_NOT_FOUND")


def test_a_body_in_pieces_is_no_larger_than_others(shop):
    padded = {**shop.header(), **NOTHING, "Padding": "x" * 1_000_000}

    answer = in_pieces(shop, json.dumps(padded).encode())

    assert (answer.status, answer.details) == (400, "The body is larger than 1000000 bytes.")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"42", b"\xff\xfe", b'{"RequestHeader": 7}', b'{"a": NaN}',
        b'{"RequestHeader": {}}', b"[" * 5000, b'{"a":' * 3000 + b"1" + b"}" * 3000, b'"\\ud800"',
        b'{"RequestHeader":null}', b" " * 5_000_000,
    ],
)  # fmt: skip
def test_no_body_breaks_it(shop, body):
    answer = shop.send(INQUIRE, body)

    assert answer.status in (400, 401, 415)
    assert answer.error in ("VALIDATION_FAILED", "AUTHENTICATION_FAILED")
    assert answer.body["ResponseHeader"]["RequestId"]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ({"SpecVersion": "1.54"}, "SpecVersion"),
        ({"SpecVersion": "2.0"}, "SpecVersion"),
        ({"SpecVersion": None}, "SpecVersion"),
        ({"RequestId": ""}, "RequestId"),
        ({"RequestId": "x" * 51}, "RequestId"),
        ({"RequestId": "a b"}, "RequestId"),
        ({"RetryIndicator": 10}, "RetryIndicator"),
        ({"RetryIndicator": "many"}, "RetryIndicator"),
        ({"CustomerId": None}, "CustomerId"),
    ],
)
def test_a_wrong_header_is_named(shop, header, field):
    """behaviour.md B-1, B-2, B-5."""
    answer = shop.call(INQUIRE, NOTHING, **header)

    assert (answer.status, answer.error) == (400, "VALIDATION_FAILED")
    assert f"RequestHeader.{field}: The field {field} is" in answer.details


def test_sloppy_programs_are_understood(shop):
    """behaviour.md B-8: numbers for texts, members nobody documented, null for nothing."""
    header = shop.header(
        CustomerId=int(shop.merchant.customer_id), RetryIndicator="0", ClientInfo=None, Mood="good"
    )

    answer = shop.send(INQUIRE, json.dumps({**header, **NOTHING, "Weather": {"Bern": "fine"}}))

    assert (answer.status, answer.error) == (402, "TRANSACTION_NOT_FOUND")


def test_a_version_that_is_told_as_a_number_is_read_as_it_is_spelled(shop):
    """behaviour.md B-3, B-8: 1.40 is no 1.4, which is twenty shapes of answers away."""
    body = json.dumps({**shop.header(), **NOTHING}).replace('"1.53"', "1.40")

    answer = shop.send(INQUIRE, body)

    assert answer.body["ResponseHeader"]["SpecVersion"] == "1.40"
    assert answer.body["Behavior"] == "DO_NOT_RETRY"


def test_an_id_that_is_nothing_is_not_told_back_as_a_word(shop):
    answer = shop.call(INQUIRE, NOTHING, RequestId=None)

    assert answer.body["ResponseHeader"]["RequestId"] == "-"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"TransactionReference": {}}, "Exactly one of TransactionId and OrderId is needed."),
        ({"TransactionReference": {"OrderId": "x" * 81}}, "String should have at most 80 characters."),
        ({"TransactionReference": {"OrderId": "a b"}}, "String should match pattern '^[A-Za-z0-9.:_\\-]*$'."),
    ],
    ids=["none", "too long", "other signs"],
)
def test_a_mistake_says_where_and_why_and_never_what(shop, told, why):
    answer = shop.call(INQUIRE, told)

    assert answer.details.startswith("TransactionReference")
    assert answer.details.endswith(f"is invalid. {why}")
    assert "x" * 81 not in answer.details


def test_exactly_one_reference_is_named(shop):
    for reference in ({}, {"TransactionId": "a", "OrderId": "b"}):
        answer = shop.call(INQUIRE, {"TransactionReference": reference})

        assert (answer.status, answer.error) == (400, "VALIDATION_FAILED")
        assert "TransactionReference" in answer.details


def test_calls_are_made_with_post_and_unknown_ones_are_refused(shop):
    for response in (
        Client().get(f"/api/Payment/v1/{INQUIRE}", HTTP_AUTHORIZATION=shop.authorization),
        Client().post("/api/Payment/v1/Transaction/Steal", HTTP_AUTHORIZATION=shop.authorization),
        Client().post("/api/rest/nothing", HTTP_AUTHORIZATION=shop.authorization),
    ):
        assert answer_of(response).error == "VALIDATION_FAILED"
    assert answer_of(Client().post("/api/Payment/v1/Transaction/Steal")).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "payment/v1/transaction/inquire",
        "/Payment/v1/Transaction/Inquire",
        "Payment/v1/Transaction/Inquire/",
        "",
    ],
    ids=["in small letters", "two slashes", "a slash at the end", "nothing"],
)
def test_an_address_that_is_spelled_otherwise_is_answered_in_json_and_says_why(shop, path):
    """behaviour.md B-8: every answer is JSON, so that a program reads what a person would see on a page."""
    answer = answer_of(Client().post(f"/api/{path}", HTTP_AUTHORIZATION=shop.authorization))

    assert (answer.status, answer.error) == (400, "VALIDATION_FAILED")
    assert "no slash at the end" in answer.details
    assert answer_of(Client().post(f"/api/{path}")).status == 401


@pytest.mark.parametrize("version", ["", "1.13", "1", "abc", "2.0"])
def test_the_management_api_wants_its_headers(shop, version):
    """behaviour.md C-1, C-4."""
    answer = shop.rest("GET", "terminals", HTTP_SAFERPAY_APIVERSION=version)

    assert (answer.status, answer.error) == (400, "VALIDATION_FAILED")
    assert shop.rest("GET", "terminals", HTTP_SAFERPAY_REQUESTID="a b").status == 400
    assert shop.rest("GET", "terminals", HTTP_SAFERPAY_APIVERSION="1.53").status == 200


def test_too_many_calls_are_slowed_down(shop, settings, monkeypatch):
    """safety.md CT-5: each credential for itself, with `Retry-After`."""
    settings.PAYGATE_LIMITS = "strict"
    monkeypatch.setattr(authentication, "CALLS_A_SECOND", 3)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)

    statuses = [shop.call(INQUIRE, NOTHING).status for _each in range(5)]

    assert statuses == [402, 402, 402, 429, 429]
    response = Client().generic(
        "POST",
        f"/api/Payment/v1/{INQUIRE}",
        json.dumps({**shop.header(), **NOTHING}),
        content_type="application/json",
        HTTP_AUTHORIZATION=shop.authorization,
    )
    assert response["Retry-After"] == "1"


def test_calls_that_write_are_counted_by_themselves(shop, settings, monkeypatch):
    """safety.md CT-5: fewer of them, and each call for itself."""
    settings.PAYGATE_LIMITS = "strict"
    monkeypatch.setattr(authentication, "WRITES_A_SECOND", 2)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)

    closes = [shop.call("Batch/Close", {"TerminalId": "17000011"}).status for _each in range(3)]

    assert closes == [200, 200, 429]
    assert shop.call(INQUIRE, NOTHING).status == 402


def test_the_service_says_that_it_is_up(db):
    """behaviour.md A-13."""
    assert answer_of(Client().get("/api/health/100001")).body == {"Status": "PASS"}


def test_who_guesses_passwords_is_slowed_down(shop, settings, monkeypatch):
    settings.PAYGATE_LIMITS = "strict"
    monkeypatch.setattr(authentication, "_WRONG_TRIES", 2)
    wrong = Program(shop.merchant, shop.credential, "x" * 32)

    assert [wrong.call(INQUIRE, NOTHING).status for _each in range(4)] == [401, 401, 429, 429]


def test_the_last_use_is_noted_once_a_minute(shop, monkeypatch):
    began = clock.now()
    seen = []
    for seconds in (0, 30, 61):
        monkeypatch.setattr(clock, "now", lambda at=seconds: began + timedelta(seconds=at))
        shop.call(INQUIRE, NOTHING)
        seen.append(Credential.objects.get(pk=shop.credential.pk).last_used_at)

    assert seen == [began, began, began + timedelta(seconds=61)]


def test_a_stranger_never_sees_what_is_not_theirs(shop, stranger):
    made = shop.rest("POST", "terminals/17000011/spg-offers", an_offer())
    path = f"terminals/17000011/spg-offers/{made.body['OfferId']}"

    assert shop.rest("GET", path).status == 200
    assert stranger.rest("GET", path).error == "PERMISSION_DENIED"
    own = path.replace("17000011", "17000099")
    assert stranger.rest("GET", own).error == "TRANSACTION_NOT_FOUND"
    assert stranger.rest("DELETE", own).error == "TRANSACTION_NOT_FOUND"


def an_offer() -> dict[str, object]:
    return {
        "ExpirationDate": (clock.now() + timedelta(days=3)).isoformat(timespec="seconds"),
        "Payer": {},
        "Payment": {
            "Amount": {"Value": "4990", "CurrencyCode": "CHF"},
            "OrderId": "A-1",
            "Description": "Double room",
        },
    }


def test_at_most_ten_credentials(alpenblick):
    """behaviour.md A-6."""
    for _each in range(keep.MOST):
        program_of(alpenblick.merchant)

    with pytest.raises(keep.TooManyCredentials):
        program_of(alpenblick.merchant)


def test_no_password_is_kept(shop):
    """behaviour.md A-5, safety.md AU-6."""
    row = Credential.objects.filter(pk=shop.credential.pk).values().get()

    assert shop.password not in str(row)
    assert row["password_hash"].partition("$")[0] in ("argon2", "md5")  # the tests' own hasher is a quick one
    assert len(shop.password) == 32
    assert row["user_name"].startswith(f"API_{shop.merchant.customer_id}_")


def test_a_key_that_was_taken_away_does_not_lock_programs_out(shop, settings):
    """safety.md AU-6: then the slow hash tells, once."""
    settings.PAYGATE_VAULT_KEYS = {"new": base64.b64encode(b"n" * 32).decode()}

    statuses = [shop.call(INQUIRE, NOTHING).status for _each in range(2)]
    wrong = Program(shop.merchant, shop.credential, "x" * 32).call(INQUIRE, NOTHING)

    assert statuses == [402, 402]
    assert Credential.objects.get(pk=shop.credential.pk).look_up_key == "new"
    assert wrong.status == 401


@pytest.mark.parametrize(
    "told",
    [
        {"OrderId": GOOD_VISA},
        {"Description": f"Card {GOOD_VISA[:4]} {GOOD_VISA[4:8]} {GOOD_VISA[8:12]} {GOOD_VISA[12:]}"},
        {"Options": {"PreAuth": False}, "PayerNote": GOOD_VISA},
    ],
    ids=["as the order's number", "in a text", "in a text that nobody reads"],
)
def test_a_card_number_where_none_belongs_is_named_and_kept_nowhere(shop, alpenblick, told):
    """safety.md CD-9. The words name the place and never repeat the number."""
    payment = {"Amount": {"Value": "100", "CurrencyCode": "CHF"}, "Description": "Double room"} | told
    body = {"TerminalId": alpenblick.number, "ReturnUrl": {"Url": "https://shop.example/back"}}

    answer = shop.call("PaymentPage/Initialize", body | {"Payment": payment})

    place = next(name for name, value in told.items() if isinstance(value, str))
    assert (answer.status, answer.error) == (400, "VALIDATION_FAILED")
    assert answer.details == f"Payment.{place}: This looks like a card number."
    assert not Session.objects.exists()
    assert not AnsweredRequest.objects.exists()
