"""Our own templates pass our own preflight."""

from collections.abc import Callable

import pytest

from dispatch.message.compile import compile_edition
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.issue import Edition, Publication, Words
from dispatch.model.post import Post
from dispatch.render.preflight.checks import examine
from dispatch.render.preflight.proof import Scene

ADA = Recipient(
    1, "ada@example.org", "Ada", "https://news.example.org/u/1", "1@example.org", preferences="https://example.org/p/1"
)


@pytest.mark.parametrize("language", ["en", "de", "fr", "ja"])
@pytest.mark.parametrize("count", [0, 1, 2, 6])
def test_every_kind_of_issue_passes(
    count: int,
    language: str,
    render: Callable[..., Edition],
    make_post: Callable[..., Post],
    publication: Publication,
) -> None:
    """A letter, a post, a digest: in light and dark nothing is faint, and the text lacks no word and no link."""
    posts = [make_post(n, title=f"Sea and land {n}") for n in range(count)]
    own = Words(
        intro="Dear *reader*, the [tides](https://example.org/t) are low.", subject="Low water", preheader="Ebb"
    )
    edition = render(*posts, language=language, default=own)
    message = Splicer(compile_edition(edition)).splice(ADA)
    found = examine(message, Scene(publication.url, publication.address, posts=tuple(posts)))
    assert [one.about for one in found] == (["https://news.example.org/plan.svg"] if count == 1 else [])
