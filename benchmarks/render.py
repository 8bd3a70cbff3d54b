"""What one edition costs to render, and how much of that is premailer's; css-inline beside it.

Every round renders other posts, as a service does: style sheets are known by then, what people wrote is not.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import css_inline
from premailer import Premailer

from dispatch.content.markdown import to_html
from dispatch.content.notes import Notes
from dispatch.model.issue import Cohort, Edition, Issue, IssueState, MailingList, Publication
from dispatch.model.post import Post, PostState
from dispatch.model.subscriber import Cadence
from dispatch.render.edition import render_edition
from dispatch.render.look import look_of
from dispatch.theme import Theme

ROUNDS = 40
SIZE = 10_800  # bytes of a long post's HTML
DAY = datetime(2026, 11, 22, 8, tzinfo=UTC)
SECTION = """## Turn {number}

The tide comes *twice* a day, and the [harbour master](https://tide.example.org/{number}) writes it **down**: Ebbe.
High water at `{number}:40`, low water a quarter of a day later; who comes late waits for the next one.

- one part in the first hour
- two in the second, three in the third

> The moon does it.

"""
END = """```python
def tide(hour: int) -> float:
    return sum(PARTS[:hour]) / 12  # of the range
```

| Port | High | Low |
|------|-----:|----:|
| Brest | 6.93 | 1.06 |
| Kiel | 0.10 | 0.00 |
"""
PUBLICATION = Publication(
    title="Tides",
    url="https://tide.example.org",
    web_url="https://tide.example.org",
    description="",
    language="en",
    timezone="Europe/Berlin",
    author="Ada",
    email="Tides <desk@tide.example.org>",
    address="1 Quay, Kiel",
    logo="",
    accent="#0f5c7c",
)
LIST = MailingList(1, "weekly", "The Weekly", "", (), (), Cadence.WEEKLY, (Cadence.WEEKLY,), "", "")
ISSUE = Issue(7, "weekly", Cadence.WEEKLY, IssueState.SENDING, 1, 1, DAY, DAY, frozen=DAY)


def main() -> None:
    """Print the table."""
    print(f"{ROUNDS} rounds, medians   HTML, bytes   whole, ms   premailer, ms   its share   css-inline alone, ms")
    for name, count in (("a post of 10.8 KB", 1), ("a digest of ten", 10)):
        theme = Theme()
        render(posts(count, 0), theme)
        rounds = [timed(posts(count, number), theme) for number in range(1, ROUNDS + 1)]
        whole, inlining = (statistics.median(column) * 1000 for column in zip(*rounds, strict=True))
        share = statistics.median(mine / everything for everything, mine in rounds)
        size = len(render(posts(count, 0), theme).html.encode())
        other = statistics.median(by_css_inline(count, theme)) * 1000
        print(f"{name:17} {size:16,} {whole:11.1f} {inlining:15.1f} {share:11.2f} {other:22.2f}")


def timed(shown: Sequence[Post], theme: Theme) -> tuple[float, float]:
    """Seconds of a core that a render takes, and those of them that premailer takes."""
    with premailer_watched() as spans:
        whole = seconds(lambda: render(shown, theme))
    return whole, sum(spans)


@contextmanager
def premailer_watched() -> Iterator[list[float]]:
    """The seconds of each of its transformations."""
    spans: list[float] = []
    transform = Premailer.transform

    def watched(self: Premailer, *given: Any, **named: Any) -> Any:
        done: list[Any] = []
        spans.append(seconds(lambda: done.append(transform(self, *given, **named))))
        return done[0]

    Premailer.transform = watched
    try:
        yield spans
    finally:
        Premailer.transform = transform


def by_css_inline(count: int, theme: Theme) -> Iterator[float]:
    """Seconds that another inliner needs for the same pages, their style sheet in the head."""
    sheet = look_of(PUBLICATION, theme)["inline_css"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "email").mkdir()
        (Path(folder) / "email" / "inline.css").touch()
        pages = [render(posts(count, number), Theme(Path(folder))).html for number in range(ROUNDS)]
    inliner = css_inline.CSSInliner(inline_style_tags=False, extra_css=sheet, load_remote_stylesheets=False)
    for page in pages:
        yield seconds(lambda page=page: inliner.inline(page))


def seconds(work: Callable[[], object]) -> float:
    """How much of a core it takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def render(shown: Sequence[Post], theme: Theme) -> Edition:
    """One edition."""
    return render_edition(ISSUE, Cohort(tuple(shown), "en", ()), LIST, PUBLICATION, theme)


def posts(count: int, turn: int) -> list[Post]:
    """Posts that no other round has."""
    return [post(1000 * turn + number) for number in range(count)]


def post(number: int) -> Post:
    """A long post, with all the usual kinds of blocks."""
    end = to_html(END, Notes("", ""))
    html = ""
    while len(html) + len(end) < SIZE:
        html += to_html(SECTION.format(number=number + len(html)), Notes("", ""))
    return Post(
        id=number,
        uid=f"tag:tide.example.org,2026:{number}",
        source="blog",
        ref=f"{number}.md",
        where=f"posts/{number}.md",
        slug=str(number),
        url=f"https://tide.example.org/posts/{number}/",
        title=f"Turn {number}",
        html=html + end,
        summary="The tide comes twice a day, and the harbour master writes it down. " * 3,
        language="en",
        state=PostState.LIVE,
        revision="1",
        published=DAY,
        updated=DAY,
        changed=DAY,
        authors=("Ada",),
    )


if __name__ == "__main__":
    main()
