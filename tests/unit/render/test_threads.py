"""Editions are rendered in threads, beside one another, and come out as if each had been alone."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from threading import Barrier

import pytest

from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication, Words
from dispatch.model.post import Post
from dispatch.render.edition import render_edition
from dispatch.theme import Theme

THREADS = 8
RENDERS = 60

Render = Callable[[], Edition]
MakePost = Callable[..., Post]


@pytest.fixture(autouse=True)
def _restless() -> Iterator[None]:
    """Threads take turns five hundred times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


# What cssutils objects to and premailer passes over is where threads have met in them: each parse says anew for all
# threads whether an objection is raised.
OWN_STYLE = '{% extends "shipped/email/inline.css" %}{% block more %}h1; { color: red }{% endblock %}'


@pytest.fixture
def renders(
    issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost, tmp_path: Path
) -> list[Render]:
    """A post, a digest, a letter and an intro above a post, in four colours each: no style sheet is known yet."""
    words = {"": Words("Dear *readers*,\n\nthe [quay](/quay/) froze.")}
    code = (
        "<pre><code class='language-python'>print(1)</code></pre><blockquote><p>Zu <mark>spät</mark></p></blockquote>"
    )
    contents = [
        (issue, Cohort((make_post(),), "en", ())),
        (issue, Cohort((make_post(1), make_post(2, "Ebb")), "en", (), more=2)),
        (replace(issue, words=words), Cohort((), "en", ())),
        (replace(issue, words=words), Cohort((make_post(7, "Ebbe", code),), "de", ())),
    ]
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "inline.css").write_text(OWN_STYLE)
    coloured = [replace(publication, accent=f"#0b{number}cad") for number in range(1, 5)]
    return [
        partial(render_edition, said, cohort, mailing_list, one, Theme(tmp_path))
        for one, (said, cohort) in product(coloured, contents)
    ]


def test_eight_threads_by_sixty_renders_give_the_same_bytes(renders: list[Render]) -> None:
    """Whatever the others are at: each begins with another edition."""
    start = Barrier(THREADS)

    def rendered(thread: int) -> list[tuple[int, Edition]]:
        start.wait()
        turns = [(thread + turn) % len(renders) for turn in range(RENDERS)]
        return [(which, renders[which]()) for which in turns]

    with ThreadPoolExecutor(THREADS) as threads:
        found = [pair for pairs in threads.map(rendered, range(THREADS)) for pair in pairs]
    alone = [render() for render in renders]
    assert len(found) == THREADS * RENDERS
    assert [which for which, edition in found if edition != alone[which]] == []
