"""The question to the issuer says what we know, and what a browser claims never breaks it."""

import pytest

from paygate.threeds.areq import Browser, country_number
from paygate.threeds.liability import Condition
from paygate.threeds.messages import validate
from tests.threeds.builders import BROWSER, CHALLENGE, FRICTIONLESS, areq, authentication, terminal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.threeds.urls")]


def test_the_question_carries_purchase_merchant_and_browser():
    asked = areq(authentication(FRICTIONLESS, at=terminal()), FRICTIONLESS)

    assert validate("AReq", asked) is None
    assert asked["purchaseAmount"] == "4990"
    assert (asked["purchaseCurrency"], asked["purchaseExponent"]) == ("756", "2")
    assert asked["purchaseDate"] == "20261123120000"
    assert (asked["merchantName"], asked["merchantCountryCode"], asked["mcc"]) == (
        "Hotel Alpenblick",
        "756",
        "7011",
    )
    assert (asked["cardExpiryDate"], asked["cardholderName"]) == ("3012", "MAX MUSTER")
    assert (asked["browserTZ"], asked["browserColorDepth"]) == ("-60", "24")
    assert asked["threeDSRequestorChallengeInd"] == "01"


@pytest.mark.parametrize(
    "facts", [{"condition": Condition.CHALLENGE}, {"force_challenge": True}, {"recurring": True}]
)
def test_the_challenge_is_mandated_where_a_rule_wants_it(facts):
    asked = areq(authentication(CHALLENGE, at=terminal(), **facts), CHALLENGE)

    assert asked["threeDSRequestorChallengeInd"] == "04"
    assert asked["threeDSRequestorAuthenticationInd"] == ("02" if "recurring" in facts else "01")


@pytest.mark.parametrize(
    "browser",
    [
        Browser("", "", "", ""),
        Browser("x" * 9000, "not an address", "a-very-long-language-tag", "é\n\x00" * 9000),
        Browser("*/*", "2001:db8::1%eth0", "de", "x", True, True, 30, 99999999, -4, 100000),
        Browser("*/*", "::1", "de", "x", True, True, 0, 0, 0, -0),
        Browser("*/*", "::1", "de", "x", True, True, None, 1, 1, 1),
    ],
)
def test_whatever_a_browser_claims_fits_the_protocol(browser):
    asked = areq(authentication(FRICTIONLESS, at=terminal()), FRICTIONLESS)
    rest = {name: value for name, value in asked.items() if not name.startswith("browser")}

    assert (
        validate("AReq", rest | {name: value for name, value in browser.fields().items() if value != ""})
        is None
    )


def test_a_browser_without_all_measures_counts_as_one_without_scripts():
    assert BROWSER.fields()["browserJavascriptEnabled"] is True
    assert Browser("*/*", "::1", "de", "x", True).fields()["browserJavascriptEnabled"] is False


@pytest.mark.parametrize(
    ("letters", "number"),
    [("CH", "756"), ("DE", "276"), ("FR", "250"), ("AU", "036"), ("ET", "231"), ("YE", "887"), ("SD", "729")],
)
def test_countries_have_numbers(letters, number):
    assert country_number(letters) == number
