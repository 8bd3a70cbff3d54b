"""Addresses have one way to be written."""

import pytest

from dispatch.subscribe.address import normalise


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Ada@Example.ORG ", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada+news@example.org", "ada+news@example.org"),
    ],
)
def test_equal_addresses_are_written_alike(given: str, kept: str) -> None:
    """Case and the spelling of the domain make no second person, and normalising again changes nothing."""
    assert normalise(given) == kept
    assert normalise(kept) == kept


@pytest.mark.parametrize(
    "given", ["", "ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\nBcc: x@y.z", "jürgen@example.org"]
)
def test_what_cannot_be_mailed_is_refused(given: str) -> None:
    """No address at all, a second header line, letters that few servers take: ValueError."""
    with pytest.raises(ValueError, match=r".+"):
        normalise(given)
