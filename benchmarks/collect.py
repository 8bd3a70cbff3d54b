"""How long a thousand posts take: the first pass, and the second over the same files."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from markdown_it import MarkdownIt

from dispatch.app import open_app
from dispatch.config import read_config
from dispatch.publish.collecting import collect

POSTS = 1000
SETTINGS = """
[publication]
title = "Bench"
url = "https://bench.example"

[sources.blog]
type = "folder"
path = "posts"
"""
PARAGRAPH = (
    "The tide comes in **twice** a day, see [the table](https://tides.example/today), and `twice` it goes out. " * 4
)
BODY = f"{PARAGRAPH}\n\n## Why\n\n- one\n- two\n\n> {PARAGRAPH}\n\n```python\nprint('tide')\n```\n\n" * 8


async def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = write_posts(folder)
        floor = timed(lambda: [MarkdownIt("commonmark").render(text) for text in texts])
        async with open_app(read_config(folder), tell=print) as app:
            first = await timed_async(lambda: collect(app.context, app.context.clock()))
            second = await timed_async(lambda: collect(app.context, app.context.clock()))
    print(f"{POSTS} posts of {len(BODY):,} bytes")
    print(f"markdown-it alone      {floor:8.2f} s   1.00")
    print(f"first pass, all of it  {first:8.2f} s   {first / floor:.2f}")
    print(f"second pass, unchanged {second:8.2f} s   {second / first:.4f} of the first")


def write_posts(folder: Path) -> list[str]:
    """A publication with a thousand posts; answers their texts."""
    (folder / "posts").mkdir()
    (folder / "dispatch.toml").write_text(SETTINGS)
    texts = [f"Post {number}.\n\n{BODY}" for number in range(POSTS)]
    for number, text in enumerate(texts):
        (folder / "posts" / f"post-{number}.md").write_text(f"---\ntitle: Post {number}\ndate: 2026-01-01\n---\n{text}")
    return texts


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


async def timed_async(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


if __name__ == "__main__":
    asyncio.run(main())
