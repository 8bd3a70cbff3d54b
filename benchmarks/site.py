"""What one more post costs, among few and among many; and what a rebuild of everything holds in memory."""

import asyncio
import tempfile
import time
import tracemalloc
from pathlib import Path

from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.context import Context
from dispatch.publish.collecting import collect
from dispatch.publish.syndicating import syndicate

COUNTS = (100, 1_000, 10_000)
TIMES = 5  # posts published one after another; the median counts
SETTINGS = """
[publication]
title = "Bench"
url = "https://bench.example"
email = "bench@bench.example"

[sources.blog]
type = "folder"
path = "posts"

[lists.weekly]
cadence = "weekly"
"""
PARAGRAPH = "The tide comes in **twice** a day, see [the table](https://tides.example/today), and then goes out. " * 4
BODY = f"{PARAGRAPH}\n\n## Why\n\n- one\n- two\n\n{PARAGRAPH}\n\n{PARAGRAPH}\n"


async def main() -> None:
    """Print the table."""
    print("posts    one more post: ms   files written   rebuild: s   ms a post   peak MB of Python objects")
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as name:
            await measure(Path(name), count)


async def measure(folder: Path, count: int) -> None:
    """One line of the table."""
    (folder / "posts").mkdir()
    (folder / "dispatch.toml").write_text(SETTINGS)
    for number in range(count):
        write_post(folder, number)
    async with open_app(read_config(folder), tell=print) as app:
        await collect(app.context, app.context.clock())
        await syndicate(app.context)
        single = sorted([await one_more(app.context, folder, count + extra) for extra in range(TIMES)])
        milliseconds, files = single[TIMES // 2]
        seconds, peak = await rebuild(app.context)
    per_post = seconds / count * 1000
    print(f"{count:6,} {milliseconds:18.1f} {files:15} {seconds:12.1f} {per_post:11.2f} {peak:12.1f}", flush=True)


def write_post(folder: Path, number: int) -> None:
    """One of fifty tags beside the one that all have."""
    front = f"---\ntitle: Post {number}\ndate: 2026-01-{1 + number % 28:02}\ntags: [tide, tag-{number % 50}]\n---\n"
    (folder / "posts" / f"post-{number}.md").write_text(front + BODY)


async def one_more(context: Context, folder: Path, number: int) -> tuple[float, int]:
    """Milliseconds of syndicating and files that it wrote."""
    write_post(folder, number)
    await collect(context, context.clock())
    start = time.perf_counter()
    done = await syndicate(context)
    return (time.perf_counter() - start) * 1000, len(done.written)


async def rebuild(context: Context) -> tuple[float, float]:
    """Seconds of writing everything anew; megabytes at the most that Python held for it, in a second run."""
    start = time.perf_counter()
    await syndicate(context, everything=True)
    seconds = time.perf_counter() - start
    tracemalloc.start()
    await syndicate(context, everything=True)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return seconds, peak


asyncio.run(main())
