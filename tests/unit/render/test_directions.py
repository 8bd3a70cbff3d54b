"""Hebrew names in German sentences, and the other way round: each keeps its place."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.language import isolated
from dispatch.message.plain import no_blanks, one_line
from dispatch.message.slots import opening
from dispatch.model.delivery import Slot
from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication
from dispatch.model.post import Post
from dispatch.render.edition import render_edition
from dispatch.render.subject import SUBJECT
from dispatch.theme import Theme

MakePost = Callable[..., Post]
Render = Callable[..., Edition]
NOA, SHELF = "נועה לוי", "על המדף"  # an author, a title


@pytest.mark.parametrize(
    ("words", "language", "shown"),
    [
        ("Ada", "de", "Ada"),
        (NOA, "de", f"\u2068{NOA}\u2069"),
        (f"Ada {NOA}", "de", f"\u2068Ada {NOA}\u2069"),
        (NOA, "he", NOA),
        ("Ada", "he", "\u2068Ada\u2069"),
        ("23, 24", "he", "23, 24"),
        ("日本語", "en", "日本語"),
        (f"\u2068{NOA}\u2069, Ada", "de", f"\u2068{NOA}\u2069, Ada"),
        ("https://example.org/", "he", "https://example.org/"),
    ],
)
def test_words_that_run_the_other_way_are_isolated(words: str, language: str, shown: str) -> None:
    """Once, and none else; addresses stay whole for programs that link them."""
    assert isolated(words, language) == shown


def test_a_name_changes_no_place_with_the_day(render: Render, make_post: MakePost) -> None:
    """In HTML as in the text."""
    post = replace(make_post(), authors=(NOA, "Ada"))
    edition = render(post, make_post(2), language="de")
    byline = f"Von \u2068{NOA}\u2069, Ada · 22. November 2026"
    assert byline in edition.html
    assert byline in edition.text


def test_titles_in_a_subject_keep_their_places(render: Render, make_post: MakePost) -> None:
    """And in the preheader, and however long they are; how many more there are stays in sight."""
    edition = render(make_post(title=SHELF), make_post(2, title="Low"), make_post(3, title=NOA), language="de")
    assert edition.subject == f"The Weekly: \u2068{SHELF}\u2069 und 2 weitere"
    assert f"Low · \u2068{NOA}\u2069" in edition.preheader
    long = render(make_post(title=f"{SHELF} " * 40), make_post(2)).subject
    assert long.endswith("…\u2069 and 1 more")
    assert len(one_line(long)) <= SUBJECT + 2


def test_where_all_runs_one_way_there_are_no_such_signs(render: Render, make_post: MakePost) -> None:
    """The bytes are those of words alone."""
    edition = render(make_post(), make_post(2), language="de")
    assert not set("\u2068\u2069") & set(edition.html + edition.text + edition.subject + edition.preheader)


def test_only_pairs_are_kept_on_a_line() -> None:
    """What is not closed would order the words after it; in an address none may stand."""
    assert one_line("a\u2068b\u2069c\u2069 \u2068d") == "a\u2068b\u2069c d"
    assert one_line("\u2068a\u2068b\u2069") == "a\u2068b\u2069"
    assert no_blanks("a\u2068b\u2069@c") == "ab@c"


def test_addresses_in_the_text_part_stay_bare(
    issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost, tmp_path: Path
) -> None:
    """No sign stands beside them that a program could take for a part of them, whatever is translated."""
    (tmp_path / "words").mkdir()
    (tmp_path / "words/he.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Reply"\nmsgstr "השב"\n'
    )
    cohort = Cohort((make_post(1), make_post(2)), "he", ())
    edition = render_edition(issue, cohort, mailing_list, publication, Theme(tmp_path))
    assert "\u2068Unsubscribe\u2069" in edition.text
    own = [opening(edition.marker, slot) for slot in (Slot.UNSUBSCRIBE, Slot.PREFERENCES)]
    for address in (*own, "https://news.example.org/posts/post-1/"):
        assert address in edition.text
        assert not re.search(f"[\u2066-\u2069]{re.escape(address)}|{re.escape(address)}[\u2066-\u2069]", edition.text)
