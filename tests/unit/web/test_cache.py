"""What is kept in memory is bounded, made once, and never of two files at once."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from dispatch.web.cache import FileCache
from dispatch.web.codings import BROTLI, GZIP, IDENTITY
from dispatch.web.served import LARGEST_KEPT, REST, ChangedError


def rested(path: Path) -> Path:
    """A file that has not changed for long enough to be kept."""
    while 0 <= time.time_ns() - path.stat().st_ctime_ns < REST:
        time.sleep(0.005)
    return path


async def test_the_cache_keeps_within_its_bound(tmp_path: Path) -> None:
    """However many files are asked for, memory holds no more than the limit, the newest first."""
    cache = FileCache(limit=40_000)
    paths = [tmp_path / f"{number}.png" for number in range(20)]
    for path in paths:
        path.write_bytes(bytes(3000))
    rested(paths[-1])
    for path in paths:
        await cache.reply(await cache.file(str(path)), IDENTITY)
        assert cache.size <= 40_000
    assert cache.ready(await cache.file(str(paths[-1])), IDENTITY)
    assert not cache.ready(await cache.file(str(paths[0])), IDENTITY)


async def test_a_file_that_changed_gives_its_room_back(tmp_path: Path) -> None:
    """Replies of a former state do not fill the memory until others drive them out."""
    path = tmp_path / "feed.xml"
    cache = FileCache()
    sizes = []
    for number in range(3):
        path.write_text(f"{number} tides " * 500)
        file = await cache.file(str(rested(path)))
        await cache.reply(file, IDENTITY)
        await cache.reply(file, GZIP)
        sizes.append(cache.size)
    assert max(sizes) <= sizes[0] + 100


async def test_a_reply_is_made_once_for_all_who_ask_at_the_same_time(tmp_path: Path) -> None:
    """A feed that was just published is asked for by many: it is read and packed once."""
    path = tmp_path / "feed.xml"
    path.write_bytes(b"tide " * 5000)
    rested(path)
    cache = FileCache()
    files = await asyncio.gather(*(cache.file(str(path)) for _ in range(20)))
    assert len(set(map(id, files))) == 1
    replies = await asyncio.gather(*(cache.reply(files[0], BROTLI) for _ in range(20)))
    assert len(set(map(id, replies))) == 1


@pytest.mark.parametrize("body", [b"one", bytes(LARGEST_KEPT + 1)])
async def test_what_just_changed_is_served_and_not_kept(tmp_path: Path, body: bytes) -> None:
    """Within a tick of the clock the next state may look like this one: it has to be read anew."""
    path = tmp_path / "sound.mp3"
    path.write_bytes(body)
    cache = FileCache()
    file = await cache.file(str(path))
    assert (await cache.reply(file, IDENTITY)).body == body
    assert not cache.knows(file)
    assert cache.knows(await cache.file(str(rested(path))))


async def test_a_tag_never_names_other_bytes(tmp_path: Path) -> None:
    """A file that is replaced between the look and the reading is not served under the former tag."""
    path = tmp_path / "feed.xml"
    path.write_bytes(b"one")
    cache = FileCache()
    fresh = await cache.file(str(path))
    known = await cache.file(str(rested(path)))
    (tmp_path / "new").write_bytes(b"two")
    os.replace(tmp_path / "new", path)
    with pytest.raises(ChangedError):
        await cache.reply(known, IDENTITY)
    assert (await cache.reply(fresh, IDENTITY)).body == b"one"
    assert (await cache.reply(await cache.file(str(path)), IDENTITY)).body == b"two"
