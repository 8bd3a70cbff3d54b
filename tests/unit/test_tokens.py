"""Links that only this publication can make, and that never stop working."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import ConfigError, TokenError
from dispatch.tokens import (
    ConfirmToken,
    FeedToken,
    Keyring,
    UnsubscribeToken,
    add_key,
    first_keyring,
    make_key_file,
    read_key_file,
)

OURS = Keyring({"k1": b"a" * 32})
ids = st.integers(1, 10**12)
moments = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(ids, ids)
def test_a_link_says_whose_it_is(subscriber: int, list_id: int) -> None:
    """Whatever goes into a token comes out of it."""
    assert OURS.read_unsubscribe(OURS.unsubscribe(subscriber, list_id)) == UnsubscribeToken(subscriber, list_id)


@given(ids, ids, st.data())
def test_a_changed_link_is_refused(subscriber: int, list_id: int, data: st.DataObject) -> None:
    """Any other character anywhere makes it somebody else's."""
    token = OURS.unsubscribe(subscriber, list_id)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda char: char != token[place]))
    with pytest.raises(TokenError):
        OURS.read_unsubscribe(token[:place] + other + token[place + 1 :])


@given(st.text())
def test_no_text_is_a_link_by_chance(text: str) -> None:
    """Whatever somebody types is refused."""
    with pytest.raises(TokenError):
        OURS.read_unsubscribe(text)


@pytest.mark.parametrize(
    "token", ["", ".", "...", "k1.1.1.", "k1.1.1.\ud800", "k1.1.1", "k1.-1.1.x", "k1.١.1.x", "k1.1." + "9" * 30 + ".x"]
)
def test_malformed_links_are_refused(token: str) -> None:
    """Missing parts, strange numbers and broken Unicode are refused like forgeries."""
    with pytest.raises(TokenError):
        OURS.read_unsubscribe(token)


@given(ids, ids)
def test_another_publications_link_is_refused(subscriber: int, list_id: int) -> None:
    """The same key id with another secret does not help."""
    with pytest.raises(TokenError):
        OURS.read_unsubscribe(Keyring({"k1": b"b" * 32}).unsubscribe(subscriber, list_id))


@given(ids, ids)
def test_a_feeds_address_says_whose_it_is_and_which_of_theirs(subscriber: int, series: int) -> None:
    """And it ends no subscription, nor does a link that does open a feed."""
    token = OURS.feed(subscriber, series)
    assert OURS.read_feed(token) == FeedToken(subscriber, series)
    with pytest.raises(TokenError):
        OURS.read_unsubscribe(token)
    with pytest.raises(TokenError):
        OURS.read_feed(OURS.unsubscribe(subscriber, series))


@given(ids, ids, st.data())
def test_no_reader_makes_another_readers_address(subscriber: int, series: int, data: st.DataObject) -> None:
    """Any other character anywhere makes it nobody's."""
    token = OURS.feed(subscriber, series)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda char: char != token[place]))
    with pytest.raises(TokenError):
        OURS.read_feed(token[:place] + other + token[place + 1 :])


@given(ids, ids, moments)
def test_a_link_to_confirm_with_says_whose_it_is_and_when_it_was_asked_for(
    subscriber: int, list_id: int, asked: datetime
) -> None:
    """To the second, so that it can grow old."""
    whose = ConfirmToken(subscriber, list_id, asked.replace(microsecond=0))
    assert OURS.read_confirm(OURS.confirm(subscriber, list_id, asked)) == whose


@given(ids, ids, moments, st.data())
def test_a_changed_link_to_confirm_with_is_refused(
    subscriber: int, list_id: int, asked: datetime, data: st.DataObject
) -> None:
    """Nobody makes theirs younger, or anybody else's their own."""
    token = OURS.confirm(subscriber, list_id, asked)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda char: char != token[place]))
    with pytest.raises(TokenError):
        OURS.read_confirm(token[:place] + other + token[place + 1 :])


@given(ids, ids, moments)
def test_a_link_is_good_for_one_thing(subscriber: int, list_id: int, asked: datetime) -> None:
    """What unsubscribes cannot confirm, and the other way round."""
    with pytest.raises(TokenError):
        OURS.read_confirm(OURS.unsubscribe(subscriber, list_id))
    with pytest.raises(TokenError):
        OURS.read_unsubscribe(OURS.confirm(subscriber, list_id, asked))


def test_a_moment_before_all_others_makes_no_link() -> None:
    """A token has no sign for it."""
    with pytest.raises(ValueError, match="before"):
        OURS.confirm(1, 1, datetime(1970, 1, 1, tzinfo=UTC) - timedelta(seconds=2))


def test_rotation_keeps_old_links() -> None:
    """With a newer key in front, old links work and new ones are signed with it."""
    rotated = Keyring({"k2": b"b" * 32, "k1": b"a" * 32})
    assert rotated.read_unsubscribe(OURS.unsubscribe(7, 3)) == UnsubscribeToken(7, 3)
    assert rotated.unsubscribe(7, 3).startswith("k2.")


def test_rotation_keeps_keyed_hashes() -> None:
    """People taken from files stay known when a key is added; another purpose makes another hash."""
    rotated = Keyring({"k2": b"b" * 32, "k1": b"a" * 32})
    assert rotated.keyed_hash("taken", "ada") == OURS.keyed_hash("taken", "ada")
    assert OURS.keyed_hash("taken", "ada") != OURS.keyed_hash("message", "ada")


def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Nobody else may read the keys, and none are ever replaced."""
    path = tmp_path / "secrets" / "token.key"
    made = first_keyring(path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert first_keyring(path).ids == made.ids
    with pytest.raises(FileExistsError):
        make_key_file(path)


def test_a_key_is_added_before_the_others(tmp_path: Path) -> None:
    """The file holds every key it held; it stays its owner's alone, and nothing is left beside it."""
    path = tmp_path / "token.key"
    first = first_keyring(path)
    before = path.read_text()
    second = add_key(path)
    assert path.read_text().endswith(before)
    assert (second.ids[1:], len(set(second.ids)), len(add_key(path).ids)) == (first.ids, 2, 3)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_the_key_file_stays_a_link(tmp_path: Path) -> None:
    """Where secrets are kept elsewhere, the key is added there."""
    link = tmp_path / "token.key"
    first_keyring(tmp_path / "real.key")
    link.symlink_to("real.key")
    assert add_key(link).ids == read_key_file(tmp_path / "real.key").ids
    assert link.is_symlink()


def test_a_key_is_not_added_to_a_broken_file(tmp_path: Path) -> None:
    """What cannot be read stays as it is, for whoever can mend it."""
    path = tmp_path / "token.key"
    path.write_text("k1\n")
    with pytest.raises(ConfigError, match="Restore it from a backup"):
        add_key(path)
    assert path.read_text() == "k1\n"


def test_no_two_publications_have_the_same_key(tmp_path: Path) -> None:
    """A link of one is nothing to the other."""
    one, other = first_keyring(tmp_path / "one"), first_keyring(tmp_path / "other")
    with pytest.raises(TokenError):
        other.read_unsubscribe(one.unsubscribe(1, 1))


def test_a_missing_key_file_is_an_error(tmp_path: Path) -> None:
    """A lost key is never replaced by a new one."""
    with pytest.raises(ConfigError, match=r"token\.key is missing.*[Rr]estore"):
        read_key_file(tmp_path / "token.key")


@pytest.mark.parametrize("content", [b"", b"\n", b"k1\n", b"k1 xyz\n", b"k1 ab cd\n", b"\xff\xfe\n"])
def test_a_broken_key_file_is_an_error(content: bytes, tmp_path: Path) -> None:
    """What cannot be read as keys is said, with what to do."""
    (tmp_path / "token.key").write_bytes(content)
    with pytest.raises(ConfigError, match="Restore it from a backup"):
        read_key_file(tmp_path / "token.key")
