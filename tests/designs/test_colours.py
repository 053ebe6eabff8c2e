"""A colour passes if text in it can be read; else the nearest one of the same hue that passes is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.designs.colours import (
    CANVAS,
    PAPER_DARK,
    READABLE,
    WHITE,
    accents,
    contrast,
    is_colour,
    is_readable,
    nearest_readable,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#ffffff", "#ffffff", 1),
        ("#777777", "#ffffff", 4.48),
        ("#0b5f6b", "#ffffff", 7.33),
    ],
)
def test_contrast_is_counted_as_wcag_does(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(
    "text", ["", "0b5f6b", "#0b5f6", "#0b5f6b7", "#0B5F6B", "red", "#0b5f6g", "#١٢٣٤٥٦", "#0b5f6b\n"]
)
def test_what_is_no_colour(text):
    assert not is_colour(text)


@given(COLOURS)
def test_the_nearest_colour_passes_and_one_that_passes_is_its_own_nearest(colour):
    nearest = nearest_readable(colour)

    assert is_colour(nearest)
    assert is_readable(nearest)
    assert (nearest == colour) == is_readable(colour)


@given(COLOURS)
def test_what_goes_with_an_accent_can_be_read_in_the_light_and_in_the_dark(colour):
    worn = accents(nearest_readable(colour))

    assert contrast(worn.accent, WHITE) >= READABLE
    assert contrast(worn.accent, CANVAS) >= READABLE
    assert contrast(worn.on_accent, worn.accent) >= READABLE
    assert contrast(worn.accent_dark, PAPER_DARK) >= READABLE
