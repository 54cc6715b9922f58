import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import colour
from domain.colour import (
    BLACK,
    DEFAULT,
    NIGHT,
    SHAPE,
    TEXT,
    WHITE,
    contrast,
    night_palette,
    normal,
    palette,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_every_colour_becomes_readable(brand: str) -> None:
    """
    Whatever colour a bank picks, every text has the contrast that WCAG asks for.
    """
    look = palette(brand)

    assert brand == look.accent
    assert contrast(look.on_accent, look.accent) >= TEXT
    assert contrast(look.ink, look.wash) >= TEXT
    assert contrast(look.ink, WHITE) >= TEXT
    assert contrast(look.edge, WHITE) >= SHAPE


@given(COLOURS)
def test_every_colour_is_readable_at_night(brand: str) -> None:
    """
    The same holds on the dark pages that some readers prefer.
    """
    look = night_palette(brand)

    assert brand == look.accent
    assert contrast(look.on_accent, look.accent) >= TEXT
    assert contrast(look.ink, look.wash) >= TEXT
    assert contrast(look.ink, NIGHT) >= TEXT
    assert contrast(look.edge, NIGHT) >= SHAPE


def test_a_dark_colour_is_left_alone() -> None:
    """
    Where the brand's own colour is readable, nothing is made darker.
    """
    look = palette("#12345a")

    assert "#12345a" == look.accent == look.edge == look.ink
    assert WHITE == look.on_accent


@pytest.mark.parametrize(
    "bad", [None, "", "red", "#12", "#1234567", "#12345g", "red;}body{}"]
)
def test_what_is_no_colour_becomes_ours(bad: str | None) -> None:
    """
    Nothing but a colour ever reaches a style sheet.
    """
    assert DEFAULT == normal(bad)


@pytest.mark.parametrize("given_", ["#FA0", "fa0", "#FFAA00", "ffaa00"])
def test_a_colour_has_one_spelling(given_: str) -> None:
    """
    Short or long, upper or lower case, with or without #: one colour.
    """
    assert "#ffaa00" == normal(given_)


def test_contrast_has_the_known_ends() -> None:
    """
    Black on white is 21 to 1, a colour on itself 1 to 1, either way round.
    """
    assert 21 == pytest.approx(colour.contrast(BLACK, WHITE))
    assert 21 == pytest.approx(colour.contrast(WHITE, BLACK))
    assert 1 == pytest.approx(colour.contrast(DEFAULT, DEFAULT))
