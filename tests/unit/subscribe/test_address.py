"""Addresses have one way to be written."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from dispatch.subscribe.address import PLAIN, normalise


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Ada@Example.ORG ", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada+news@example.org", "ada+news@example.org"),
        ("Jürgen@Bücher.example", "jürgen@xn--bcher-kva.example"),
    ],
)
def test_equal_addresses_are_written_alike(given: str, kept: str) -> None:
    """Case and the spelling of the domain make no second person, and normalising again changes nothing."""
    assert normalise(given) == kept
    assert normalise(kept) == kept


@pytest.mark.parametrize(
    "given",
    ["", "ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\nBcc: x@y.z", "jür gen@example.org"],
)
def test_what_cannot_be_mailed_is_refused(given: str) -> None:
    """No address at all, a second header line, a blank: ValueError."""
    with pytest.raises(ValueError, match=r".+"):
        normalise(given)


WORDS = st.text("abzABZ019-._+'!@xn", min_size=1, max_size=12)
LABELS = st.sampled_from(["a", "xn--bcher-kva", "a--b", "-a", "a-", "1", "a" * 63, "a" * 64, "bücher", "K", "ſ"])
ENDS = st.sampled_from(["org", "ORG", "test", "local", "c", "co1", "1co", "museum", "x-y", "invalid", "com.", "onion"])
DOMAINS = st.builds(lambda labels, end: ".".join([*labels, end]), st.lists(LABELS | WORDS, max_size=4), ENDS)
LOCALS = WORDS | st.sampled_from(["a" * 64, "a" * 65, "a" * 240, "a..b", ".a", '"a b"', "a b", "ü", "\u212a"])


@given(st.builds("{}@{}".format, LOCALS, DOMAINS) | st.from_regex(PLAIN, fullmatch=True) | WORDS)
def test_plain_addresses_are_judged_as_the_library_judges_them(address: str) -> None:
    """The short way gives the verdict, and the spelling, that email-validator gives."""
    try:
        expected = validate_email(address.strip(), check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError:
        with pytest.raises(ValueError, match=r".+"):
            normalise(address)
    else:
        assert normalise(address) == f"{expected.local_part}@{expected.ascii_domain}".lower()
