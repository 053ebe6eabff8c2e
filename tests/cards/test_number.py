"""A card is checked when it comes in, and never printed in full."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from paygate.cards.brands import brand_of
from paygate.cards.free_text import LooksLikeCardNumber
from paygate.cards.number import Card, CardNumber, CardRefused, Expiry, SecurityCode, holder_name

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
VISA = "9010003150000001"


@pytest.mark.parametrize(
    "typed",
    [
        "9010003150000001",
        "9010 0031 5000 0001",
        " 9010-0031-5000-0001 ",
        "9010.0031.5000.0001",
        "9010\u00a00031\u202f5000\u20110001",
        "9010\t0031  5000\n0001",
    ],
)
def test_a_number_is_read_however_it_is_spaced(typed: str) -> None:
    assert CardNumber.parse(typed).digits == VISA


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter the card number."),
        (" - ", "Enter the card number."),
        ("9010 0031 5000 000x", "digits only"),
        ("\uff19010003150000001", "digits only"),
        ("9010003150000002", "a digit is wrong"),
        ("901000315000000", "too few or too many"),
        ("90100031500000013", "too few or too many"),
        ("4" * 400, "too few or too many"),
        ("37828224631000", "too few or too many"),
        ("123", "too few or too many"),
        ("1234567890123452", "not known here"),
        ("0000000000000000", "not known here"),
    ],
)
def test_what_cannot_be_a_card_is_refused_with_a_reason(typed: str, words: str) -> None:
    with pytest.raises(CardRefused, match=words) as refused:
        CardNumber.parse(typed)

    assert refused.value.field == "cc-number"
    assert typed not in str(refused.value) or not typed.strip(" -")


@pytest.mark.parametrize(
    ("digits", "masked"),
    [
        ("9010003150000001", "901000xxxxxx0001"),
        ("378282246310005", "378282xxxxx0005"),
        ("91108000500000005", "911080xxxxxxx0005"),
        ("4222222222222", "422222xxx2222"),
    ],
)
def test_a_number_shows_its_first_six_and_last_four(digits: str, masked: str) -> None:
    number = CardNumber.parse(digits)

    assert number.masked == str(number) == f"{number}" == masked
    assert number.last4 == digits[-4:]
    assert digits not in repr(number)


def test_no_way_of_printing_a_card_shows_number_code_or_holder() -> None:
    code = SecurityCode.parse("917", brand_of(VISA))
    card = Card(CardNumber.parse(VISA), Expiry(2030, 12), code, "Anna Muster")

    for shown in (
        repr(card),
        str(card),
        f"{card}",
        repr([card.number]),
        repr({card.code}),
        f"{code} {code!r}",
    ):
        assert VISA not in shown
        assert "917" not in shown
        assert "Anna" not in shown
    assert str(code) == "•••"


@given(st.from_regex(r"9010[0-9]{11}", fullmatch=True))
def test_a_wrong_last_digit_is_always_noticed(body: str) -> None:
    right = luhn.calc_check_digit(body)

    for digit in "0123456789":
        if digit == right:
            assert CardNumber.parse(body + digit).digits == body + digit
        else:
            with pytest.raises(CardRefused):
                CardNumber.parse(body + digit)


@pytest.mark.parametrize(
    "typed", ["12/30", "12/2030", "1230", "12 / 30", "122030", "12-30", "12.30", " 12/ 2030 ", "2030-12"]
)
def test_an_expiry_is_read_however_it_is_written(typed: str) -> None:
    assert Expiry.parse(typed, now=NOW) == Expiry(2030, 12)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        *[
            (typed, "month and year")
            for typed in ("", "12", "12/3", "12/1930", "12/20301", "ab/cd", "１２/30", "123")
        ],
        *[(typed, "01 to 12") for typed in ("00/30", "13/30", "2030-13")],
        *[(typed, "has expired") for typed in ("10/26", "12/25", "11/2025", "0126")],
        *[(typed, "Check the year") for typed in ("12/99", "12/46", "01/2047", "2099-12")],
    ],
)
def test_an_expiry_that_is_none_or_over_is_refused(typed: str, words: str) -> None:
    with pytest.raises(CardRefused, match=words) as refused:
        Expiry.parse(typed, now=NOW)

    assert refused.value.field == "cc-exp"


@pytest.mark.parametrize("typed", ["11/26", "12/26", "12/45", "11/46"])
def test_an_expiry_from_this_month_to_twenty_years_on_is_good(typed: str) -> None:
    assert Expiry.parse(typed, now=NOW).month in {11, 12}


@pytest.mark.parametrize(
    ("now", "good"),
    [
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 1, 11, 59, tzinfo=UTC), True),  # still November in the middle of the Pacific
        (datetime(2026, 12, 1, 12, 0, tzinfo=UTC), False),
    ],
)
def test_a_card_is_good_to_the_end_of_its_month(now: datetime, good: bool) -> None:
    if good:
        assert str(Expiry.parse("11/26", now=now)) == "11/2026"
    else:
        with pytest.raises(CardRefused):
            Expiry.parse("11/26", now=now)


@pytest.mark.parametrize(
    ("digits", "code", "accepted"),
    [
        ("4111111111111111", "123", True),
        ("4111111111111111", " 1 2 3 ", True),
        ("4111111111111111", "1234", False),
        ("4111111111111111", "12", False),
        ("4111111111111111", "", False),
        ("4111111111111111", "12a", False),
        ("4111111111111111", "\uff11\uff12\uff13", False),
        ("378282246310005", "1234", True),
        ("378282246310005", "123", False),
        ("9010003150000001", "1234", True),  # the sandbox takes any code
        ("9070003150000008", "123", True),
        ("9040103204160001", "123", True),
    ],
)
def test_a_code_has_the_length_of_its_brand(digits: str, code: str, accepted: bool) -> None:
    if accepted:
        parsed = SecurityCode.parse(code, brand_of(digits))
        assert parsed is not None
        assert parsed.digits == "".join(code.split())
    else:
        with pytest.raises(CardRefused) as refused:
            SecurityCode.parse(code, brand_of(digits))
        assert refused.value.field == "cc-csc"


@pytest.mark.parametrize("digits", ["6759649826438453", "9040103204160001"])
def test_a_maestro_card_may_have_no_code(digits: str) -> None:
    assert SecurityCode.parse("", brand_of(digits)) is None


def test_without_a_known_brand_a_code_of_three_or_four_will_do() -> None:
    assert SecurityCode.parse("1234", None) == SecurityCode("1234")
    with pytest.raises(CardRefused, match="3 or 4 digits"):
        SecurityCode.parse("12", None)
    with pytest.raises(CardRefused, match="Enter the security code"):
        SecurityCode.parse("", None)


def test_the_name_on_the_card_is_tidied_and_is_no_card_number() -> None:
    assert holder_name("  Anna   Muster ") == "Anna Muster"
    assert holder_name("") == ""
    with pytest.raises(LooksLikeCardNumber) as refused:
        holder_name("9010 0031 5000 0001")
    assert refused.value.field == "cc-name"
    for wrong in ("x" * 101, "Anna\x00Muster"):
        with pytest.raises(CardRefused):
            holder_name(wrong)
