"""The accent colour can be read, whatever the editors chose."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.syndicate.colour import ENOUGH, contrast, readable
from dispatch.syndicate.pages import NIGHT, PAPER

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(accent=colours)
def test_every_accent_becomes_readable(accent: str) -> None:
    """On both papers any colour ends at 4.5 to 1 or more."""
    for paper in (PAPER, NIGHT):
        assert contrast(readable(accent, paper), paper) >= ENOUGH


def test_a_readable_accent_stays() -> None:
    """A colour that is good enough is not touched."""
    assert readable("#0b5cad", PAPER) == "#0b5cad"


def test_contrast_of_black_and_white() -> None:
    """The scale ends at 21 to 1."""
    assert round(contrast("#000000", "#ffffff"), 2) == 21
