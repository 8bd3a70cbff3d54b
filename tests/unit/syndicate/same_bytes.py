"""Writes a feed of the sample and of harm in all formats to standard output, years from now by its own clock.

A program of its own, for what it depends on is settled when Python starts.
"""

import datetime
import sys
import time
from pathlib import Path

YEARS = int(sys.argv[1])
Real = datetime.datetime
real_time = time.time


class Shifted(Real):
    """A clock that is wrong by years."""

    @classmethod
    def now(cls, tz=None):  # type: ignore[no-untyped-def]
        """The moment, years away."""
        return Real.now(tz and datetime.UTC).replace(year=2000 + YEARS, day=1)


datetime.datetime = Shifted  # type: ignore[misc]
time.time = lambda: real_time() + YEARS * 31_557_600
sys.path.insert(0, str(Path(__file__).parents[2]))

from dispatch.content.prepare import ContentSetting, prepare  # noqa: E402
from dispatch.model.feed import Entry, Feed  # noqa: E402
from dispatch.model.post import Enclosure, MediaType, Picture, RawPost  # noqa: E402
from dispatch.syndicate.feedxml import atom, rss  # noqa: E402
from dispatch.syndicate.jsonfeed import json_feed  # noqa: E402
from hostile import ATTACKS  # noqa: E402 - only now, so that all that is loaded has that clock

DAY = Shifted(2026, 1, 1, tzinfo=datetime.UTC)
SAMPLE = Path(__file__).parents[3] / "sample" / "posts"
SETTING = ContentSetting("https://x.org", "en", "Europe/Berlin")
SOUND = (Enclosure("https://x.org/a.mp3", 5, "audio/mpeg", 7), Enclosure("https://x.org/b.pdf", 0, "application/pdf"))


def entries() -> list[Entry]:
    """One an attack, and one a post of the sample."""
    bodies = {**ATTACKS, **{file.name: file.read_text("utf-8") for file in sorted(SAMPLE.glob("*.md"))}}
    return [entry(f"tag:x.org,2026:{number}", body) for number, body in enumerate(bodies.values())]


def entry(uid: str, body: str) -> Entry:
    """An entry with every field."""
    data = body.encode("utf-8", "replace")
    post = prepare(RawPost("x", "1", MediaType.MARKDOWN, data, "a feed", {"title": "T"}), SETTING)
    picture = Picture("https://x.org/p.png", "P", 4, 3)
    return Entry(
        uid,
        False,
        "https://x.org/1",
        post.title,
        post.summary,
        post.html,
        DAY,
        DAY,
        ("A", "B"),
        ("c", "b"),
        "de",
        picture,
        SOUND,
    )


live = Feed(
    "tag:x.org,2026:f", "", "T", "D", "https://x.org/", "https://x.org", "en", "A", "https://x.org/l.png", DAY,
    tuple(entries()), ("https://x.org/hub",), "https://x.org/archive/2",
)  # fmt: skip
empty = Feed(
    "tag:x.org,2026:e", "", "T", "D", "https://x.org/", "https://x.org", "en", "A", "", DAY, (), live="https://x.org"
)
for made in (live, empty):
    sys.stdout.buffer.write(rss(made) + atom(made) + json_feed(made))
