"""Every accent can be read."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.colour import contrast, readable
from dispatch.render.look import NIGHT, PAPER

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(colours)
def test_any_accent_is_readable_by_day_and_night(accent: str) -> None:
    """4.5 to 1, on the darkest light ground and on the lightest dark one; white on it too."""
    assert contrast(readable(accent, PAPER), PAPER) >= 4.5
    assert contrast(readable(accent, PAPER), "#ffffff") >= 4.5
    assert contrast(readable(accent, NIGHT), NIGHT) >= 4.5


def test_a_readable_colour_stays_as_it_is() -> None:
    """The editor's choice stands where it can."""
    assert readable("#0b5cad", PAPER) == "#0b5cad"


def test_contrast_runs_from_one_to_twenty_one() -> None:
    """WCAG's own two ends."""
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#123456", "#123456") == 1
