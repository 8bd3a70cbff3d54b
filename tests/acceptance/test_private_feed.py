"""A subscriber's own feed from the running service: read, moved, switched off."""

import json
from collections.abc import Iterator
from typing import Any

import feedparser
import pytest

ADA, BOB = "ada@example.org", "bob@example.org"


@pytest.fixture
def published(tools: Any, tmp_path: Any) -> Iterator[tuple[Any, Any]]:
    """A publication with two people and a post, and its service."""
    port = tools.free_port()
    publication = tools.Publication(tmp_path).settings(url=f"http://127.0.0.1:{port}")
    publication.people(ADA, BOB)
    publication.post("one.md", "The first", tags="[sea]")
    publication.once()
    with publication.service(port) as running:
        yield publication, running


def _addresses(publication: Any, address: str, *options: str) -> dict[str, str]:
    done = publication.run("--json", "subscriber", "feed", address, *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)["addresses"]
    return found


def _titles(answer: Any) -> list[str]:
    assert answer.status == 200, answer.body
    found = feedparser.parse(answer.body)
    assert not found.bozo
    return [entry.title for entry in found.entries]


def test_from_an_address_to_its_end(published: tuple[Any, Any], tools: Any) -> None:
    """Made, read in each format, fed with what is new, moved, switched off; nobody's log or file has a word of it."""
    publication, running = published
    assert _addresses(publication, ADA) == {}
    made = _addresses(publication, ADA, "--renew")
    assert _titles(running.get(made["RSS"])) == _titles(running.get(made["Atom"])) == ["The first"]
    assert json.loads(running.get(made["JSON Feed"]).body)["feed_url"] == made["JSON Feed"]
    publication.post("two.md", "The second", tags="[owls]")
    assert tools.until(lambda: _titles(running.get(made["RSS"])) == ["The second", "The first"])
    publication.run("subscriber", "change", ADA, "--tags", "owls")
    assert _titles(running.get(made["RSS"])) == ["The second"]
    moved = _addresses(publication, ADA, "--renew")
    assert [running.get(made["RSS"]).status, running.get(moved["RSS"]).status] == [410, 200]
    assert _addresses(publication, ADA, "--off") == {}
    assert running.get(moved["RSS"]).status == 410
    tokens = {address.split("/")[-2] for address in (made["RSS"], moved["RSS"])}
    files = [path for path in publication.folder.rglob("*") if path.is_file()]
    assert not [path for path in files for token in tokens if token.encode() in path.read_bytes()]


def test_two_readers_have_their_own_copies_of_one_feed(published: tuple[Any, Any]) -> None:
    """They differ in the address alone; each has a tag of its own, by which it is not sent twice."""
    publication, running = published
    mine, theirs = (_addresses(publication, who, "--renew")["Atom"] for who in (ADA, BOB))
    one, other = running.get(mine), running.get(theirs)
    assert one.body.replace(mine.split("/")[-2], theirs.split("/")[-2]) == other.body
    assert one.headers["ETag"] != other.headers["ETag"]
    assert one.headers["Cache-Control"] == "private, no-store"
    assert running.get(mine, **{"If-None-Match": one.headers["ETag"]}).status == 304
    assert running.get(mine.replace("/f/", "/f/x")).status == 404


def test_what_the_command_line_says(published: tuple[Any, Any]) -> None:
    """Whether there is a feed is said of a person, its address only to whoever asks for it."""
    publication, _ = published
    assert "--renew" in publication.run("subscriber", "feed", ADA).stdout
    assert "feed of their own" not in publication.run("subscriber", "show", ADA).stdout
    made = _addresses(publication, ADA, "--renew")
    shown = publication.run("subscriber", "show", ADA).stdout
    assert "has a feed of their own" in shown
    assert made["RSS"] not in shown
    assert made["RSS"] in publication.run("subscriber", "feed", ADA).stdout
    assert f"{ADA} has no feed of their own any more" in publication.run("subscriber", "feed", ADA, "--off").stdout
    assert publication.run("subscriber", "feed", ADA, "--renew", "--off").returncode == 2
    assert publication.run("subscriber", "feed", "nobody@example.org").returncode == 1
