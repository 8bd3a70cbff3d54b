"""The marker of an edition's slots."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.render.marker import marker_for


@given(st.lists(st.text(st.characters(), max_size=50), max_size=5))
def test_a_marker_is_plain_and_its_own(texts: list[str]) -> None:
    """ASCII letters and digits, the same for the same content, absent from it, another for other content."""
    marker = marker_for(texts)
    assert marker.isascii()
    assert marker.isalnum()
    assert marker == marker_for(texts)
    assert all(marker not in text for text in texts)
    assert marker_for([*texts, "more"]) != marker
