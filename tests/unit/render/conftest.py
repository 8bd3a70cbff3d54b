"""An issue, its list, its publication and posts to render."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dispatch.model.issue import Cohort, Edition, Issue, IssueState, MailingList, Publication, Words
from dispatch.model.post import Post, PostState
from dispatch.model.subscriber import Cadence
from dispatch.render.edition import render_edition
from dispatch.theme import Theme

DAY = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)  # already the 22nd in Berlin
HTML = (
    '<p>Boats &amp; <a href="https://example.org/a?x=1&amp;y=2">tides</a>.</p><h2>Cranes</h2>'
    '<figure><img src="https://news.example.org/c.png" alt="Cranes" width="1600" height="800">'
    "<figcaption>At dawn</figcaption></figure>"
    '<p><img src="https://news.example.org/plan.svg" alt="The plan"></p>'
    "<table><thead><tr><th>Port</th><th>Ships</th></tr></thead><tbody><tr><td>Kiel</td><td>7</td></tr></tbody></table>"
    '<pre><code class="language-python">def tide():\n    return 1\n</code></pre>'
)


def _post(number: int = 1, title: str = "Sea and land", html: str = HTML, summary: str = "What the tide left.") -> Post:
    return Post(
        id=number,
        uid=f"tag:news.example.org,2026:{number}",
        source="blog",
        ref=f"{number}.md",
        where=f"posts/{number}.md",
        slug=f"post-{number}",
        url=f"https://news.example.org/posts/post-{number}/",
        title=title,
        html=html,
        summary=summary,
        language="en",
        state=PostState.LIVE,
        revision="1",
        published=DAY,
        updated=DAY,
        changed=DAY,
        authors=("Ada",),
    )


@pytest.fixture(scope="session")
def make_post() -> Callable[..., Post]:
    """A post of any title, HTML and summary."""
    return _post


@pytest.fixture(scope="session")
def publication() -> Publication:
    """A publication with a pale accent, unreadable as it stands."""
    return Publication(
        title="Harbour News",
        url="https://news.example.org",
        web_url="https://news.example.org",
        description="",
        language="en",
        timezone="Europe/Berlin",
        author="Ada",
        email="Harbour News <desk@news.example.org>",
        address="1 Quay, Kiel",
        logo="",
        accent="#f5a623",
    )


@pytest.fixture(scope="session")
def mailing_list() -> MailingList:
    """A list whose slug is not ASCII."""
    return MailingList(1, "wöchentlich", "The Weekly", "", (), (), Cadence.WEEKLY, (Cadence.WEEKLY,), "", "")


@pytest.fixture(scope="session")
def issue() -> Issue:
    """A frozen issue."""
    return Issue(7, "wöchentlich", Cadence.WEEKLY, IssueState.SENDING, 1, 1, DAY, DAY, frozen=DAY)


@pytest.fixture(scope="session")
def render(issue: Issue, mailing_list: MailingList, publication: Publication) -> Callable[..., Edition]:
    """Posts rendered as that issue, with an editor's words by language, and so many posts left over."""
    theme = Theme()

    def rendered(*posts: Post, language: str = "en", more: int = 0, **words: Words) -> Edition:
        said = replace(issue, words={"" if tag == "default" else tag: one for tag, one in words.items()})
        return render_edition(said, Cohort(posts, language, (), more), mailing_list, publication, theme)

    return rendered
