"""How soon after saving a post's file a WebSub subscriber has it, by the running service; and where the time goes.

python benchmarks/push.py [--posts 10 10000] [--rounds N] [--followers N]

Each round saves one more post. The service sees the file (its watcher waits until nothing changes for 50 ms), makes its
pass and writes the feed, then its hub pushes; with several followers the last one counts.
"""

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from loopback import free_port
from websub_subscriber import Callback, Subscriber

DISPATCH = str(Path(sys.executable).parent / "dispatch")
MARK = 1.0  # seconds that the whole may take
PATIENCE = 600  # seconds for a first pass
PAUSE = 0.3  # seconds between two rounds
FIRST = datetime(2020, 1, 1)  # noqa: DTZ001 - a date as front matter has it
SETTINGS = """
[publication]
title = "Bench"
url = "http://127.0.0.1:{port}"

[sources.blog]
type = "folder"
path = "posts"

[web]
allow_private_addresses = ["127.0.0.0/8"]
"""
PARAGRAPH = (
    "The tide comes in **twice** a day, see [the table](https://tides.example/today), and twice it goes out. " * 4
)


@dataclass(frozen=True, slots=True)
class Timed:
    """One round, in seconds from saving the file."""

    seen: float  # the pass begins
    written: float  # the feed has the post
    pushed: float  # the last follower has it


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks/push.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--posts", type=int, nargs="+", default=[10, 10_000], help="posts that are there already")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--followers", type=int, default=1)
    wanted = parser.parse_args()
    print(f"{wanted.rounds} rounds, {wanted.followers} follower(s), milliseconds; the mark: {MARK * 1000:.0f} in all")
    print(f"{'posts there':>12}{'':8}{'watcher':>10}{'pass':>10}{'push':>10}{'in all':>10}{'of the mark':>14}")
    for posts in wanted.posts:
        report(posts, measured(posts, wanted.rounds, wanted.followers))


def report(posts: int, rounds: Sequence[Timed]) -> None:
    """Print the median and the worst of each part."""
    for name, choose in (("median", median), ("worst", max)):
        parts = [
            choose([one.seen for one in rounds]),
            choose([one.written - one.seen for one in rounds]),
            choose([one.pushed - one.written for one in rounds]),
            choose([one.pushed for one in rounds]),
        ]
        row = "".join(f"{part * 1000:10.0f}" for part in parts)
        print(f"{f'{posts:,}' if name == 'median' else '':>12}  {name:<6}{row}{parts[-1] / MARK:14.2f}")


def measured(posts: int, rounds: int, followers: int) -> list[Timed]:
    """A publication with so many posts, its service, and a follower or more of its feed."""
    with tempfile.TemporaryDirectory(prefix="dispatch-bench-") as name, Subscriber().open() as subscriber:
        folder, port = Path(name), free_port()
        (folder / "posts").mkdir()
        (folder / "dispatch.toml").write_text(SETTINGS.format(port=port))
        for number in range(posts):
            save(folder, number)
        with service(folder, port) as feed:
            callbacks = [joined(subscriber.follow(feed)) for _ in range(followers)]
            timed(folder, posts, callbacks)  # what the first pass left to do is done after this one
            return [timed(folder, posts + number, callbacks) for number in range(1, rounds + 1)]


@contextmanager
def service(folder: Path, port: int) -> Iterator[str]:
    """`dispatch run`, as soon as there is a feed; gives its address."""
    process = subprocess.Popen(
        [DISPATCH, "--config", str(folder), "run", "--port", str(port)], stdout=subprocess.DEVNULL
    )
    feed = f"http://127.0.0.1:{port}/feed.xml"
    try:
        until(lambda: process.poll() is not None or is_answered(feed), PATIENCE, "the service does not come up")
        if process.poll() is not None:
            raise SystemExit("the service has ended")
        yield feed
    finally:
        process.terminate()
        process.wait(30)


def joined(callback: Callback) -> Callback:
    """The callback, subscribed."""
    callback.ask()
    until(lambda: callback.lease, 30, "the hub does not ask back")
    return callback


def timed(folder: Path, number: int, callbacks: Sequence[Callback]) -> Timed:
    """One round: save a post, wait until everybody has it, look up when what happened."""
    time.sleep(PAUSE)
    mark = f"Post {number}.".encode()
    start, offset = time.time(), time.time() - time.monotonic()
    save(folder, number)
    until(lambda: all(moments(one, mark) for one in callbacks), 30, "no push came")
    pushed = max(moments(one, mark)[0] for one in callbacks) + offset
    written = (folder / "public" / "feed.xml").stat().st_mtime
    return Timed(first_seen(folder, f"Post {number}.") - start, written - start, pushed - start)


def moments(callback: Callback, mark: bytes) -> list[float]:
    """When pushes that say this came."""
    return [push.moment for push in callback.taken if mark in push.body]


def first_seen(folder: Path, title: str) -> float:
    """When the pass began that met a post."""
    with closing(sqlite3.connect(folder / "dispatch.db")) as store:
        ((microseconds,),) = store.execute("SELECT first_seen FROM post WHERE title = ?", (title,)).fetchall()
    return microseconds / 1e6


def save(folder: Path, number: int) -> None:
    """Write a post's file, newer than all before it."""
    date = (FIRST + timedelta(minutes=number)).isoformat()
    text = f'---\ntitle: "Post {number}."\ndate: {date}\n---\n\n' + f"{PARAGRAPH}\n\n" * 5
    (folder / "posts" / f"post-{number}.md").write_text(text)


def is_answered(url: str) -> bool:
    """Whether there is something at an address by now."""
    try:
        with urlopen(url, timeout=5) as reply:  # noqa: S310 - our own address
            return bool(reply.status == 200)
    except OSError:
        return False


def until(found: Callable[[], Any], seconds: float, complaint: str) -> None:
    """Wait for something. Raises SystemExit with the complaint where that takes too long."""
    end = time.monotonic() + seconds
    while not found():
        if time.monotonic() > end:
            raise SystemExit(complaint)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
