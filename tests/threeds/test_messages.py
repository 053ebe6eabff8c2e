"""Messages are checked against the protocol's fields, and what is wrong with them is said in its numbers."""

import pytest

from paygate.threeds.messages import (
    ErrorCode,
    Problem,
    build,
    build_erro,
    build_rres,
    decode,
    encode,
    highest_common_version,
    masked,
    parse,
    read,
    validate,
    write,
)
from tests.threeds.builders import opened

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
THREE = "33333333-3333-4333-8333-333333333333"
VALUE = "AAECAwQFBgcICQoLDA0ODxAREhM="
RREQ = {
    "messageType": "RReq",
    "messageVersion": "2.2.0",
    "threeDSServerTransID": ONE,
    "dsTransID": TWO,
    "acsTransID": THREE,
    "messageCategory": "01",
    "transStatus": "Y",
    "eci": "05",
    "authenticationValue": VALUE,
    "authenticationType": "02",
    "interactionCounter": "01",
}


def without(name):
    return {key: value for key, value in RREQ.items() if key != name}


def test_a_message_in_order_has_no_problem():
    assert validate("RReq", RREQ) is None
    assert read("RReq", write(RREQ)) == RREQ


def test_fields_of_later_versions_are_let_through():
    assert validate("RReq", RREQ | {"somethingNew": {"a": 1}}) is None


@pytest.mark.parametrize(
    ("body", "code", "detail"),
    [
        (RREQ | {"messageType": "ARes"}, "101", "messageType"),
        (without("messageType"), "101", "messageType"),
        (RREQ | {"messageVersion": "1.0.2"}, "102", "messageVersion"),
        (without("messageVersion"), "201", "messageVersion"),
        (without("dsTransID"), "201", "dsTransID"),
        (RREQ | {"dsTransID": "", "acsTransID": None}, "201", "dsTransID,acsTransID"),
        (RREQ | {"dsTransID": "no uuid"}, "203", "dsTransID"),
        (RREQ | {"dsTransID": TWO + "\n"}, "203", "dsTransID"),
        (RREQ | {"transStatus": "Q"}, "203", "transStatus"),
        (RREQ | {"transStatus": ["Y"]}, "203", "transStatus"),
        (RREQ | {"eci": 5}, "203", "eci"),
        (RREQ | {"eci": "٠٥"}, "203", "eci"),
        (RREQ | {"authenticationValue": "short"}, "203", "authenticationValue"),
        (RREQ | {"challengeCancel": "99"}, "203", "challengeCancel"),
        (RREQ | {"transStatus": "N"}, "201", "transStatusReason"),
    ],
)
def test_what_is_wrong_is_named_by_field_and_never_by_value(body, code, detail):
    assert validate("RReq", body) == Problem(ErrorCode(code), detail)


def test_a_field_is_needed_only_where_its_condition_holds():
    ares = {
        "messageType": "ARes",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": ONE,
        "dsTransID": TWO,
        "acsTransID": THREE,
        "acsReferenceNumber": "A",
        "dsReferenceNumber": "D",
    }
    assert validate("ARes", ares | {"transStatus": "Y"}) is None
    problem = validate("ARes", ares | {"transStatus": "C"})
    assert problem == Problem(ErrorCode.MISSING, "acsURL,acsChallengeMandated,authenticationType")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"messageType":"RReq","messageType":"RReq"}',
        b"[" * 5000,
        b'{"a":"' + b"x" * 70000 + b'"}',
    ],
)
def test_bytes_that_are_no_message_are_turned_away(raw):
    problem = parse(raw)

    assert isinstance(problem, Problem)
    assert problem.code == "101"


def test_what_we_build_ourselves_must_be_right():
    with pytest.raises(AssertionError, match="dsTransID"):
        build("RRes", "2.2.0", threeDSServerTransID=ONE, acsTransID=THREE, resultsStatus="01")


def test_a_result_is_acknowledged_with_its_ids():
    assert build_rres(RREQ) == {
        "messageType": "RRes",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": ONE,
        "dsTransID": TWO,
        "acsTransID": THREE,
        "resultsStatus": "01",
    }


@pytest.mark.parametrize("code", ErrorCode)
def test_each_error_code_makes_an_error_message_in_order(code):
    erro = build_erro(
        Problem(code, "eci"), about="RReq", body={"threeDSServerTransID": ONE, "dsTransID": "?"}
    )

    assert validate("Erro", erro) is None
    assert (erro["errorCode"], erro["errorComponent"], erro["errorMessageType"]) == (code, "S", "RReq")
    assert erro["threeDSServerTransID"] == ONE
    assert "dsTransID" not in erro


def test_a_form_field_is_base64url_without_padding():
    text = encode({"a": "é?>~"})

    assert "=" not in text
    assert "+" not in text
    assert opened(text) == {"a": "é?>~"}
    assert decode(text + "==") == decode(text)


@pytest.mark.parametrize("text", ["", "?", "a b", "äöü", "A", "=" * 4])
def test_a_form_field_of_something_else_is_a_problem(text):
    assert isinstance(decode(text), Problem)


def test_the_log_keeps_neither_card_number_nor_expiry_nor_authentication_value():
    kept = masked(
        {"messageType": "AReq", "acctNumber": "9010003150000001", "cardExpiryDate": "3012", "mcc": "7011"}
    )
    assert kept == {"messageType": "AReq", "acctNumber": "901000xxxxxx0001", "mcc": "7011"}

    kept = masked(RREQ | {"sneaked": "9010003150000001"})
    assert kept["authenticationValue"] == "AAEC..."
    assert "sneaked" not in kept


@pytest.mark.parametrize(
    ("offered", "spoken"), [(("2.1.0", "2.2.0"), "2.2.0"), (("2.1.0",), ""), (("2.3.1",), ""), ((), "")]
)
def test_the_newest_common_version_is_spoken(offered, spoken):
    assert highest_common_version(offered) == spoken
