"""A folder of posts, as authors really keep them."""

import asyncio
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
import watchfiles

from dispatch.errors import SourceError
from dispatch.model.post import MAX_BYTES, MediaType
from dispatch.sources.base import SourceSetting
from dispatch.sources.folder import Folder, FolderOptions


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """An empty folder of posts."""
    (tmp_path / "posts").mkdir()
    return tmp_path / "posts"


def folder(posts: Path, **options) -> Folder:
    """The source for it; a folder never asks for the network."""
    return Folder(SourceSetting("blog", posts.parent, None), FolderOptions(path=posts.name, **options))


def write(path: Path, text: str = "x") -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


async def test_posts_are_found_by_extension_at_any_depth(posts):
    """All that an author writes in; nothing hidden, underscored or meant for visitors of the folder."""
    for name in (
        "a.md",
        "b.markdown",
        "c.mdown",
        "d.HTML",
        "e.htm",
        "f.txt",
        "2024/05/g.md",
        "README.md",
        "2024/README.md",
        ".hidden.md",
        "_draft.md",
        ".git/x.md",
        "_drafts/y.md",
        "picture.png",
    ):
        write(posts / name)
    result = await folder(posts).collect({}, {})
    expected = {"a.md", "b.markdown", "c.mdown", "d.HTML", "e.htm", "f.txt", "2024/05/g.md", "2024/README.md"}
    assert result.present == expected == {raw.ref for raw in result.changed}
    assert {raw.media_type for raw in result.changed} == set(MediaType)


async def test_a_folder_with_an_index_is_one_post(posts):
    """What lies beside the index belongs to it; translations of the index are posts too."""
    for name in ("trip/index.md", "trip/index.ja.md", "trip/notes.md", "trip/more/x.md", "index.md"):
        write(posts / name)
    result = await folder(posts).collect({}, {})
    assert {raw.ref: raw.index for raw in result.changed} == {
        "trip/index.md": True,
        "trip/index.ja.md": True,
        "index.md": False,
    }


async def test_a_file_that_did_not_change_is_not_read(posts):
    """Its stamp says so; a changed one is handed over with a new stamp."""
    one, _ = write(posts / "a.md"), write(posts / "b.md")
    first = await folder(posts).collect({}, {})
    stamps = {raw.ref: raw.stamp for raw in first.changed}
    one.write_text("longer")
    second = await folder(posts).collect(stamps, {})
    assert [raw.ref for raw in second.changed] == ["a.md"]
    assert second.present == {"a.md", "b.md"}


async def test_what_cannot_be_used_is_reported_and_stays_present(posts):
    """Too big, leading outside, or broken: the rest goes on, and nothing gets withdrawn."""
    write(posts / "good.md")
    (posts / "big.md").write_bytes(b"x" * (MAX_BYTES + 1))
    (posts / "out.md").symlink_to(write(posts.parent / "secret.md"))
    (posts / "gone.md").symlink_to(posts / "nowhere.md")
    result = await folder(posts).collect({}, {})
    assert [raw.ref for raw in result.changed] == ["good.md"]
    assert {problem.where: problem.fatal for problem in result.problems} == {
        "posts/big.md": True,
        "posts/gone.md": True,
        "posts/out.md": True,
    }
    assert result.present == {"good.md", "big.md", "out.md", "gone.md"}


async def test_a_link_to_a_folder_is_not_followed(posts):
    """It might lead outside, or round in a circle."""
    (posts / "loop").symlink_to(posts)
    result = await folder(posts).collect({}, {})
    assert result.present == set()
    assert "not followed" in str(result.problems[0])


@contextmanager
def as_nobody():
    """Root reads everything; so be somebody else for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def locked_folder():
    """Posts that anybody may read, but for those in `deep`."""
    with tempfile.TemporaryDirectory() as name:
        posts = Path(name)
        posts.chmod(0o755)
        write(posts / "deep/a.md")
        (posts / "deep").chmod(0)
        yield posts
        (posts / "deep").chmod(0o755)


async def test_an_unreadable_folder_keeps_its_posts(locked_folder):
    """They are reported, and count as present."""
    with as_nobody():
        result = await folder(locked_folder).collect({"deep/a.md": "1"}, {})
    assert result.present == {"deep/a.md"}
    assert len(result.problems) == 1


async def test_a_missing_folder_is_an_error_that_says_how_to_mend_it(posts):
    """So that nothing is withdrawn when a disk is not mounted."""
    posts.rmdir()
    with pytest.raises(SourceError, match=r"posts is not there\. Make it, or mend `path` in \[sources\.blog\]"):
        await folder(posts).collect({}, {})


def test_defaults_are_there_for_publishing(posts):
    """One author or several."""
    assert folder(posts, author="Ada", tags=["a"], language="de").authors == ("Ada",)
    assert folder(posts, authors=["Ada", "Bob"]).authors == ("Ada", "Bob")
    with pytest.raises(ValueError, match="Extra inputs"):
        folder(posts, colour="red")


async def test_changes_are_told_and_a_folder_may_come_later(posts):
    """First when the folder comes into being, then with each change in it."""
    source = folder(posts)
    source.wait = 0.05
    posts.rmdir()
    news = source.changes()
    first = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0.1)
    assert not first.done()
    posts.mkdir()
    await asyncio.wait_for(first, 5)
    second = asyncio.ensure_future(anext(news))
    for number in range(40):
        if second.done():
            break
        write(posts / "a.md", str(number))
        await asyncio.sleep(0.2)
    await asyncio.wait_for(second, 5)
    await news.aclose()


async def test_a_pipe_is_reported_and_never_opened(posts):
    """Opening one waits for somebody who writes, perhaps for ever."""
    os.mkfifo(posts / "p.md")
    result = await asyncio.wait_for(folder(posts).collect({}, {}), 2)
    assert [problem.where for problem in result.problems] == ["posts/p.md"]


async def test_a_folder_that_cannot_be_watched_is_said_and_polled(posts, monkeypatch):
    """A system out of watches still brings every change, and the editor learns why it takes longer."""
    watched = watchfiles.awatch

    def without_watches(*paths, force_polling, **options):
        if not force_polling:
            raise OSError("OS file watch limit reached")
        return watched(*paths, force_polling=True, **options)

    monkeypatch.setattr("dispatch.sources.folder.awatch", without_watches)
    source = folder(posts)
    source.wait = 0.05
    changes = aiter(source.changes())
    await asyncio.wait_for(anext(changes), 2)
    (problem,) = (await source.collect({}, {})).problems
    assert not problem.fatal
    assert "OS file watch limit reached" in problem.message
    coming = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0.3)
    write(posts / "new.md")
    await asyncio.wait_for(coming, 3)
    await changes.aclose()
