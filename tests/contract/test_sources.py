"""What every source owes, whoever wrote it: each law runs on each source that is registered."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from dispatch.client import Client
from dispatch.errors import SourceError
from dispatch.model.post import MediaType, RawPost, SourcePass
from dispatch.sources.base import Source, SourceSetting

SOURCES = {point.name: point for point in entry_points(group="dispatch.sources")}


@dataclass
class FolderBench:
    """Posts as files."""

    folder: Path
    options: dict[str, Any] = field(default_factory=lambda: {"path": "posts"})

    def put(self, name: str, text: str) -> None:
        """Write or change one post."""
        path = self.folder / "posts" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# {name}\n\n{text}\n")

    def vanish(self) -> None:
        """Take the whole source away."""
        (self.folder / "posts").rename(self.folder / "gone")

    def close(self) -> None:
        """Nothing is open."""


class FeedBench:
    """Posts as items of a feed on loopback."""

    def __init__(self, folder: Path) -> None:
        self._posts: dict[str, str] = {}
        self._there = True
        bench = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                bench.answer(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.options = {"url": f"http://127.0.0.1:{self._server.server_address[1]}/feed.json"}
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def put(self, name: str, text: str) -> None:
        """Write or change one item."""
        self._posts[name] = text

    def vanish(self) -> None:
        """Answer 404 from now on."""
        self._there = False

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """The feed as it is now, or 304 for whoever has it."""
        items = [{"id": name, "title": name, "content_html": f"<p>{text}</p>"} for name, text in self._posts.items()]
        body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items}).encode()
        etag = f'"{hash(body):x}"'
        same = request.headers["If-None-Match"] == etag
        request.send_response(404 if not self._there else 304 if same else 200)
        for header, value in {"ETag": etag, "Content-Type": "application/feed+json", "Connection": "close"}.items():
            request.send_header(header, value)
        request.end_headers()
        if self._there and not same:
            request.wfile.write(body)


BENCHES: dict[str, Any] = {"folder": FolderBench, "feed": FeedBench}


@pytest.fixture(params=sorted(SOURCES))
def kind(request: pytest.FixtureRequest) -> str:
    """The name of each source there is."""
    return str(request.param)


@pytest.fixture
def bench(kind: str, tmp_path: Path) -> Iterator[Any]:
    """A place for posts of this kind of source."""
    made = BENCHES[kind](tmp_path)
    yield made
    made.close()


@pytest.fixture
async def make(kind: str, bench: Any, tmp_path: Path) -> AsyncIterator[Any]:
    """Builds the source on its bench, as `app` does."""
    client = Client(("127.0.0.0/8",))
    loaded = SOURCES[kind].load()

    def build(**more: Any) -> Source:
        setting = SourceSetting("blog", tmp_path, client)
        built: Source = loaded(setting, loaded.Options(**bench.options, **more))
        return built

    yield build
    await client.aclose()


async def _look(source: Source, before: SourcePass | None = None, known: dict[str, str] | None = None) -> SourcePass:
    return await source.collect(known or {}, before.state if before else {})


def _stamps(found: SourcePass) -> dict[str, str]:
    return {post.ref: post.stamp for post in found.changed}


def test_every_source_has_a_bench_here() -> None:
    """Whoever registers a source puts it under these laws."""
    assert set(SOURCES) == set(BENCHES)


async def test_building_touches_nothing(make: Any, bench: Any) -> None:
    """A source that is not there is no error until somebody looks."""
    bench.put("one", "Words.")
    bench.vanish()
    source = make()
    assert source.name == "blog"
    assert source.every is None or source.every.total_seconds() >= 60


def test_an_option_it_does_not_know_is_an_error(kind: str, bench: Any) -> None:
    """A misspelt key in dispatch.toml never passes in silence."""
    with pytest.raises(ValidationError, match=r"(?i)extra"):
        SOURCES[kind].load().Options(**bench.options, no_such_key=1)


async def test_defaults_for_posts_come_from_its_table(make: Any) -> None:
    """Author, tags and language of a source's table are offered to posts that name none."""
    source = make(author="Hanne", tags=("sea",), language="de")
    assert (source.authors, source.tags, source.language) == (("Hanne",), ("sea",), "de")
    plain = make()
    assert (plain.authors, plain.tags, plain.language) == ((), (), "")


async def test_the_first_look_brings_everything(make: Any, bench: Any) -> None:
    """All posts are present and changed, each with a ref, a stamp, its bytes and a place that people know."""
    for name in ("one", "two", "three"):
        bench.put(name, f"Words of {name}.")
    found = await _look(make())
    assert found.source == "blog"
    assert found.problems == ()
    assert len(found.changed) == 3
    assert {post.ref for post in found.changed} == found.present
    for post in found.changed:
        assert isinstance(post, RawPost)
        assert all((post.ref, post.stamp, post.where))
        assert isinstance(post.data, bytes)
        assert post.media_type in MediaType


async def test_a_second_look_brings_nothing(make: Any, bench: Any) -> None:
    """With the stamps and the state of the first look nothing is changed, and all is still present."""
    bench.put("one", "Words.")
    bench.put("two", "More.")
    first = await _look(make())
    second = await _look(make(), first, _stamps(first))
    assert second.changed == ()
    assert second.present == first.present
    assert second.problems == ()


async def test_without_memory_the_same_is_found_again(make: Any, bench: Any) -> None:
    """Refs, stamps and bytes hold no clock and no chance."""
    bench.put("one", "Words.")
    bench.put("two", "More.")
    first, again = await _look(make()), await _look(make())
    assert first == again


async def test_a_change_is_one_post_with_its_old_ref(make: Any, bench: Any) -> None:
    """An edit brings that post alone, under the ref it had, with another stamp."""
    bench.put("one", "Words.")
    bench.put("two", "More.")
    first = await _look(make())
    stamps = _stamps(first)
    bench.put("two", "More words than before.")
    second = await _look(make(), first, stamps)
    (changed,) = second.changed
    assert changed.stamp != stamps[changed.ref]
    assert b"More words than before." in changed.data
    assert second.present == first.present


async def test_a_new_post_is_the_only_change(make: Any, bench: Any) -> None:
    """What was there stays unread; what came is brought."""
    bench.put("one", "Words.")
    first = await _look(make())
    bench.put("two", "More.")
    second = await _look(make(), first, _stamps(first))
    (changed,) = second.changed
    assert second.present == first.present | {changed.ref}


async def test_known_posts_the_store_has_lost_are_brought_again(make: Any, bench: Any) -> None:
    """The stamps decide what is news, not the state: a store that knows nothing gets everything."""
    bench.put("one", "Words.")
    first = await _look(make())
    second = await _look(make(), first, {})
    assert {post.ref for post in second.changed} == first.present


async def test_a_source_that_is_gone_says_which(make: Any, bench: Any) -> None:
    """SourceError, naming the source or its place: then nothing of it is withdrawn."""
    bench.put("one", "Words.")
    first = await _look(make())
    bench.vanish()
    with pytest.raises(SourceError, match=r"posts|\[sources\.blog\]"):
        await _look(make(), first, _stamps(first))


async def test_its_state_is_json(make: Any, bench: Any) -> None:
    """The store keeps the state as JSON and hands it back as it was."""
    bench.put("one", "Words.")
    state = (await _look(make())).state
    assert json.loads(json.dumps(dict(state))) == dict(state)


async def test_news_never_end(make: Any, bench: Any) -> None:
    """`changes()` waits for news for as long as the service runs, and can be told to stop."""
    bench.put("one", "Words.")
    waiting = asyncio.create_task(anext(aiter(make().changes())))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_source_with_news_of_its_own_tells_them(make: Any, bench: Any) -> None:
    """A source without a pace of its own says soon when there is something to look at."""
    bench.put("one", "Words.")
    source = make()
    if source.every is not None:
        return
    waiting = asyncio.create_task(anext(aiter(source.changes())))
    await asyncio.sleep(0.3)
    bench.put("two", "More.")
    await asyncio.wait_for(waiting, 2)


async def test_a_login_in_its_address_is_in_no_message(make: Any, bench: Any, kind: str) -> None:
    """Problems, errors and the places of posts go to logs and to other people."""
    if kind != "feed":
        return
    bench.options["url"] = bench.options["url"].replace("http://", "http://me:s3cret@")
    bench.put("one", "Words.")
    found = await _look(make())
    said = [str(problem) for problem in found.problems] + [post.where for post in found.changed]
    bench.vanish()
    with pytest.raises(SourceError, match="answers 404") as error:
        await _look(make())
    assert found.changed
    assert not [words for words in (*said, str(error.value)) if "s3cret" in words]
