"""Card numbers are found wherever they do not belong, and other numbers are left alone."""

from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from stdnum import luhn

from paygate.cards.free_text import LooksLikeCardNumber, find_card_numbers, refuse_card_numbers


def found(text: str) -> list[str]:
    return [text[begin:end] for begin, end in find_card_numbers(text)]


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "4111 - 1111 - 1111 - 1111",
        "4111\u00a01111\u200b1111\n1111",
        "4111 1111-1111.1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "41-11-11-11-11-11-11-11",
        "\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11",
        "٤١١١١١١١١١١١١١١١",
        "3782 822463 10005",
        "3056-930902 5904",
        "4222222222222",
        "67034200554565015",
        "6703 4200 5545 6501 5",
        "9010003150000001",
        "91108000500000005",
        "9100 1000 5200 0005",
    ],
)
@pytest.mark.parametrize("around", ["{}", "card {}, valid 12/30", "x{}x", '="{}"', "Room 4 {} 100.00"])
def test_a_card_number_is_found_however_it_is_written(number: str, around: str) -> None:
    assert found(around.format(number)) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Room 12, two nights, CHF 240.00",
        "4111111111111112",  # fails the Luhn test
        "1234567890123452",  # passes it, and is nobody's card
        "9999999999999995",
        "411111111111111111111",  # too long
        "41111111111",  # too short
        "094c2a7ce1374f7ca184591f123b154d",
        "503a3d7b-072b-400f-9e7e-8ec15191c737",
        "CH93 0076 2011 6238 5295 7",
        "DE89 3704 0044 0532 0130 00",
        "21 00000 00003 13947 14300 09017",
        "+41 44 123 45 67 / 079 123 45 67",
        "2026-11-23 20:21:34.123456",
        "4111 1111 and 1111 1111",
        "4111a1111b1111c1111",
        "4111      1111      1111      1111",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_amounts_and_phone_numbers_in_a_row_are_no_card_even_if_their_digits_would_be() -> None:
    assert luhn.is_valid("4111" + "111111111111")
    assert found("41.11 11.11 1111.11 11") == []


@given(st.uuids())
@example(UUID("41111111-1111-1111-ab3d-8ec15191c737"))
@example(UUID("ab4111111111111111cd8ec15191c737"))
def test_an_order_named_by_a_uuid_is_no_card(name: UUID) -> None:
    assert found(f"order {name} {name.hex} {name.hex.upper()}") == []


def test_several_numbers_are_found_one_by_one() -> None:
    text = "first 4111111111111111 then 9010 0031 5000 0001 and 378282246310005."

    assert found(text) == ["4111111111111111", "9010 0031 5000 0001", "378282246310005"]


def test_a_text_with_a_card_number_is_refused_without_repeating_it() -> None:
    with pytest.raises(LooksLikeCardNumber) as refused:
        refuse_card_numbers("my card 4111 1111 1111 1111", "description")

    assert refused.value.field == "description"
    assert "4111" not in str(refused.value)
    refuse_card_numbers("Room 12", "description")


def test_test_cards_are_refused_where_money_is_real_too(settings: Settings) -> None:
    settings.PAYGATE_TEST_CARDS = False

    with pytest.raises(LooksLikeCardNumber):
        refuse_card_numbers("9010003150000001", "description")


@given(
    body=st.from_regex(r"(4|5[1-5]|9010)[0-9]{11}", fullmatch=True).map(
        lambda digits: digits[:15].ljust(15, "0")
    ),
    gap=st.sampled_from(["", " ", "-", ".", " - ", "\t", "\u00a0", "·"]),
    before=st.text(st.characters(exclude_categories=["Nd"]), max_size=10),
    after=st.text(st.characters(exclude_categories=["Nd"]), max_size=10),
)
def test_any_card_in_groups_of_four_is_found_in_any_text(
    body: str, gap: str, before: str, after: str
) -> None:
    digits = body + luhn.calc_check_digit(body)
    number = gap.join(digits[start : start + 4] for start in range(0, 16, 4))

    assert found(before + number + after) == [number]


def test_a_long_text_is_searched_quickly() -> None:
    assert find_card_numbers("12345 " * 100_000) == []
    assert find_card_numbers("9" * 500_000) == []
