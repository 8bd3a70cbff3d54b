"""A post keeps its identity: what changes updates the feed, and is never mailed again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ADA = "ada@example.org"


@pytest.fixture
def mailed(publication: Any) -> Any:
    """A publication whose one post was mailed, among older ones that were not."""
    publication.people(ADA)
    for number in range(4):
        publication.post(f"old-{number}.md", f"Old {number}", date=f"2025-01-0{number + 1}")
    publication.post("tide.md", "The tide", "It comes.", date="2026-06-01")
    publication.once()
    assert publication.mailed() == [ADA]
    return publication


def _edit(folder: Path) -> None:
    path = folder / "tide.md"
    path.write_text(path.read_text().replace("It comes.", "It comes and goes."))


def _rename(folder: Path) -> None:
    (folder / "2026").mkdir()
    (folder / "tide.md").rename(folder / "2026" / "the-tide-again.md")


def _retitle(folder: Path) -> None:
    path = folder / "tide.md"
    path.write_text(path.read_text().replace("The tide", "Ebb and flow"))


def _new_slug(folder: Path) -> None:
    path = folder / "tide.md"
    path.write_text(path.read_text().replace("title:", "slug: another-address\ntitle:"))


def _new_date(folder: Path) -> None:
    path = folder / "tide.md"
    path.write_text(path.read_text().replace("2026-06-01", "2026-07-01"))


@pytest.mark.parametrize("change", [_edit, _rename, _retitle, _new_slug, _new_date])
def test_a_changed_post_keeps_its_id_and_is_not_mailed_again(mailed: Any, change: Callable[[Path], None]) -> None:
    """An edit, a move, a new title, slug or date: one entry with the id it had, and no second mail."""
    before = mailed.feed().entries[0].id
    change(mailed.folder / "posts")
    mailed.once()
    entries = mailed.feed().entries
    assert entries[0].id == before
    assert len(entries) == 5
    assert mailed.mailed() == [ADA]


def test_an_edit_reaches_the_feed_and_the_page(mailed: Any) -> None:
    """What was edited is what readers see; where the author says when, Atom says so."""
    _edit(mailed.folder / "posts")
    path = mailed.folder / "posts/tide.md"
    path.write_text(path.read_text().replace("title:", "updated: 2026-06-05\ntitle:"))
    mailed.once()
    entry = mailed.feed("atom.xml").entries[0]
    assert "It comes and goes." in entry.content[0].value
    assert entry.updated.startswith("2026-06-04T22:00:00")
    assert "It comes and goes." in (mailed.folder / "public/posts/tide/index.html").read_text()


def test_a_new_title_is_everywhere_and_the_old_one_nowhere(mailed: Any) -> None:
    """A new title replaces the old one in feed, index and page."""
    _retitle(mailed.folder / "posts")
    mailed.once()
    assert "Ebb and flow" in mailed.titles()
    assert "The tide" not in mailed.titles()
    assert "Ebb and flow" in (mailed.folder / "public/index.html").read_text()


def test_a_new_slug_moves_the_page_and_the_feed_follows(mailed: Any) -> None:
    """The entry links to the new address, and there is a page."""
    _new_slug(mailed.folder / "posts")
    mailed.once()
    assert mailed.feed().entries[0].link == "https://tide.example.org/posts/another-address/"
    assert (mailed.folder / "public/posts/another-address/index.html").exists()


def test_a_deleted_post_is_gone_and_its_return_is_not_mailed(mailed: Any) -> None:
    """A deleted file leaves the feed; its page is 410; put back, it has its old id and is not mailed again."""
    before = mailed.feed().entries[0].id
    text = (mailed.folder / "posts/tide.md").read_text()
    (mailed.folder / "posts/tide.md").unlink()
    assert "1 withdrawn" in mailed.once()
    assert "The tide" not in mailed.titles()
    with mailed.service() as running:
        assert running.get("/posts/tide/").status == 410
    mailed.write("posts/tide.md", text)
    mailed.once()
    assert mailed.feed().entries[0].id == before
    assert mailed.mailed() == [ADA]


def test_a_post_deleted_before_it_was_mailed_never_is(mailed: Any, tools: Any) -> None:
    """A post that vanishes while its issue is held is mailed to nobody."""
    mailed.settings(hold="1 hour")
    path = mailed.post("rash.md", "Written in anger", date="2026-07-01")
    with mailed.service() as running:
        assert tools.until(lambda: "Written in anger" in running.get("/feed.xml").body)
        assert tools.until(lambda: "'Written in anger' goes to 1" in running.log.read_text()), running.log.read_text()
    path.unlink()
    mailed.once()
    assert mailed.mailed() == [ADA]


def test_when_too_much_vanishes_nothing_is_withdrawn(mailed: Any) -> None:
    """More than a third gone looks like a mistake: all stays, and it is said."""
    for number in range(3):
        (mailed.folder / f"posts/old-{number}.md").unlink()
    said = mailed.once()
    assert "0 withdrawn" in said
    assert "sources.posts" in said or "posts" in said.split("note", 1)[1]
    assert len(mailed.titles()) == 5


def test_a_missing_folder_withdraws_nothing(mailed: Any) -> None:
    """A source that cannot be read is reported and keeps its posts."""
    (mailed.folder / "posts").rename(mailed.folder / "elsewhere")
    said = mailed.run("run", "--once").stdout
    assert "is not there" in said
    assert len(mailed.titles()) == 5


def test_drafts_wait_for_their_author(mailed: Any) -> None:
    """A draft is nowhere; without the word it is published and mailed once."""
    mailed.post("draft.md", "Not yet", date="2026-07-01", draft="true")
    mailed.once()
    assert "Not yet" not in mailed.titles()
    mailed.post("draft.md", "Not yet", date="2026-07-01")
    mailed.once()
    assert "Not yet" in mailed.titles()
    assert mailed.mailed() == [ADA, ADA]


def test_future_posts_wait_for_their_date(publication: Any) -> None:
    """Before its date a post is nowhere; after it, it is published and mailed once."""
    publication.people(ADA)
    publication.post("soon.md", "Soon", date="2026-06-02T12:00:00+02:00")
    publication.once("--now", "2026-06-02T11:59:00+02:00")
    assert publication.titles() == []
    assert publication.mailed() == []
    publication.once("--now", "2026-06-02T12:00:01+02:00")
    assert publication.titles() == ["Soon"]
    assert publication.mailed() == [ADA]
    publication.once()
    assert publication.mailed() == [ADA]
