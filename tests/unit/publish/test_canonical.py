"""However an address is spelled, the story behind it is the same; other addresses stay apart."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.publish.canonical import canonical_address

ONE = "https://example.org/posts/tides?a=1&b=2"


@pytest.mark.parametrize(
    "spelled",
    [
        "http://example.org/posts/tides?a=1&b=2",
        "https://WWW.Example.ORG/posts/tides?a=1&b=2",
        "https://example.org:443/posts/tides?a=1&b=2",
        "http://example.org:80/posts/tides?a=1&b=2",
        "https://example.org./posts/tides?a=1&b=2",
        "https://example.org/posts/tides/?a=1&b=2",
        "https://example.org/posts/tides?a=1&b=2#comments",
        "https://example.org/posts/tides?b=2&a=1",
        "https://example.org/posts/tides?utm_source=x&a=1&UTM_Campaign=y&b=2&fbclid=z&mc_cid=3",
        "https://example.org/posts/x/../%74ides?a=1&b=2",
        "https://ada@example.org/posts/tides?a=1&b=2",
        " https://example.org/posts/tides?a=1&b=2 ",
    ],
)
def test_spellings_of_one_address_are_one(spelled: str) -> None:
    """Scheme, www., ports, slashes, fragments, tracking and order say nothing of where it leads."""
    assert canonical_address(spelled) == ONE


@pytest.mark.parametrize(
    "other",
    [
        "https://example.org/posts/tides",
        "https://example.org/posts/tides?a=1&b=3",
        "https://example.org/posts/Tides?a=1&b=2",
        "https://example.org:8443/posts/tides?a=1&b=2",
        "https://blog.example.org/posts/tides?a=1&b=2",
        "https://example.org/posts/tides?a=1&b=2&ref=3",
    ],
)
def test_other_addresses_stay_apart(other: str) -> None:
    """What may lead elsewhere is another address."""
    assert canonical_address(other) != ONE


@pytest.mark.parametrize("other", ["", "tag:example.org,2026:1", "https://[bad/x", "https://example.org:99999/", "x"])
def test_what_is_no_web_address_stays_as_it_is(other: str) -> None:
    """Nothing is made up, and nothing fails."""
    assert canonical_address(other) == other


@example(text="HTTP://.¡")
@given(st.one_of(st.text(), st.text().map("https://example.org/".__add__), st.text().map("http://".__add__)))
def test_the_form_of_an_address_is_its_own(text: str) -> None:
    """No text is refused, and what has the form already keeps it."""
    once = canonical_address(text)
    assert canonical_address(once) == once
