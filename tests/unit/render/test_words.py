"""What a mail says around the posts is in its reader's language, the posts in their own."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.errors import TemplateError
from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication
from dispatch.model.post import Post
from dispatch.render.edition import render_edition
from dispatch.theme import Theme

Render = Callable[..., Edition]
MakePost = Callable[..., Post]


@pytest.mark.parametrize("count", [1, 2])
def test_the_byline_is_the_readers(render: Render, make_post: MakePost, count: int) -> None:
    """Its date too, and a screen reader is told so, for it stands inside a post in another language."""
    edition = render(*(make_post(number) for number in range(1, count + 1)), language="de")
    said = r'<p class="byline"[^>]*><span lang="de" dir="ltr">Von Ada · 22\. November 2026</span></p>'
    assert re.search(said, edition.html)
    assert "Von Ada · 22. November 2026" in edition.text
    assert "November 22" not in edition.html + edition.text


def test_a_byline_in_the_posts_language_says_no_more(render: Render, make_post: MakePost) -> None:
    """The post's own `lang` covers it."""
    assert re.search(r'<p class="byline" style="[^"]*">By Ada', render(make_post()).html)


@pytest.mark.parametrize(("language", "word"), [("de", "Bild"), ("fr", "Image"), ("ja", "画像"), ("nl", "Picture")])
def test_a_picture_without_words_is_named_in_the_readers(
    render: Render, make_post: MakePost, language: str, word: str
) -> None:
    """Whatever the post's language is."""
    post = make_post(html='<p><img src="https://news.example.org/c.png" alt=""></p>')
    linked = replace(post, html=f'<p><a href="https://example.org/">{post.html[3:-4]}</a></p>')
    edition = render(linked, language=language)
    assert word in edition.html + edition.text


@pytest.mark.parametrize(
    ("language", "two", "three"),
    [
        ("de", "The Weekly: Sea and land und 1 weiterer", "The Weekly: Sea and land und 2 weitere"),
        ("fr", "The Weekly : Sea and land et 1 de plus", "The Weekly : Sea and land et 2 de plus"),
        ("ja", "The Weekly：Sea and land ほか1件", "The Weekly：Sea and land ほか2件"),
    ],
)
def test_a_digests_subject_counts_as_its_language_does(
    render: Render, make_post: MakePost, language: str, two: str, three: str
) -> None:
    """One more is not two more."""
    made = [render(*(make_post(n) for n in range(1, count + 1)), language=language).subject for count in (2, 3)]
    assert made == [two, three]


def test_a_publications_sentence_comes_into_its_mail(
    tmp_path: Path, issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost
) -> None:
    """In both parts, and the edition is another one; a broken sentence stops it with file and line."""
    (tmp_path / "words").mkdir()
    file = tmp_path / "words/en.po"
    cohort = Cohort((make_post(1), make_post(2)), "en", ())

    def made(translation: str) -> Edition:
        file.write_text(f'msgid ""\nmsgstr ""\n\nmsgid "By %(names)s"\nmsgstr "{translation}"\n', encoding="utf-8")
        return render_edition(issue, cohort, mailing_list, publication, Theme(tmp_path))

    first, second = made("Out of %(names)s’s pen"), made("From %(names)s")
    assert "Out of Ada’s pen · November 22, 2026" in first.html
    assert "From Ada · November 22, 2026" in second.text
    assert first.marker != second.marker
    with pytest.raises(TemplateError, match=r"templates/words/en\.po:4: "):
        made("By %(name)s")
