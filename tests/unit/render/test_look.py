"""A publication's mails look as it wants them to, by settings and by blocks of its own."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dispatch.errors import TemplateError
from dispatch.model.issue import Cohort, Edition, Issue, MailingList, Publication
from dispatch.model.post import Picture, Post
from dispatch.render.edition import render_edition
from dispatch.render.share import SERVICES, passing_on
from dispatch.theme import Theme, shipped_templates

MakePost = Callable[..., Post]
Show = Callable[..., Edition]
LOGO = "https://news.example.org/logo.png"


@pytest.fixture
def show(
    issue: Issue, mailing_list: MailingList, publication: Publication, make_post: MakePost, tmp_path: Path
) -> Show:
    """A post in the look of these settings and of the templates in tmp_path."""

    def shown(post: Post | None = None, **settings: object) -> Edition:
        looks = replace(publication, **settings)  # type: ignore[arg-type]
        cohort = Cohort((post or make_post(),), "en", ())
        return render_edition(issue, cohort, mailing_list, looks, Theme(tmp_path))

    return shown


def test_fonts_and_width_are_the_publications(show: Show) -> None:
    """In every place where the shipped ones stood; Outlook is told the width, too."""
    html = show(font="Verdana, sans-serif", heading_font="'Iowan Old Style', serif", width=660).html
    assert "Georgia" not in re.sub(r"<!--.*?-->", "", html)
    assert html.count("Verdana, sans-serif") >= 3
    assert html.count("'Iowan Old Style', serif") >= 3
    assert "max-width:660px" in html
    assert '<table role="presentation" width="660"' in html


@pytest.mark.parametrize(("width", "shown"), [(600, 540), (480, 420)])
def test_pictures_are_as_wide_as_the_text(show: Show, make_post: MakePost, width: int, shown: int) -> None:
    """The lead picture and those within the post, in proportion."""
    post = replace(make_post(), image=Picture("https://news.example.org/lead.jpg", "Lead", 1200, 600))
    html = show(post, width=width).html
    sizes = re.findall(r'<img[^>]* width="(\d+)" height="(\d+)"', html)
    assert sizes == [(str(shown), str(shown // 2))] * 2


def test_a_logo_has_its_size_and_its_night_side(show: Show) -> None:
    """One stands in the mail, the style sheet for the dark exchanges it; without a dark one the same logo stays."""
    html = show(logo=LOGO, logo_dark='https://news.example.org/a"b.png', logo_width=120, logo_height=40).html
    assert f'<img class="logo" src="{LOGO}" width="120" height="40" alt=""' in html
    dark = html.index("@media (prefers-color-scheme: dark)")
    assert dark < html.index('.logo { content: url("https://news.example.org/a%22b.png") !important; }')
    assert "content: url" not in show(logo=LOGO).html


def test_a_logo_that_mail_cannot_show_is_left_out(show: Show) -> None:
    """The title stands there in any case."""
    assert "<img class=" not in show(logo="https://news.example.org/logo.svg").html


def test_a_reader_can_answer_forward_and_share(show: Show) -> None:
    """By plain links with the subject and the address of the page, escaped for where they stand."""
    html = show(share=("bluesky", "x")).html.replace("&amp;", "&")
    assert 'href="mailto:desk@news.example.org?subject=Re%3A%20Sea%20and%20land"' in html
    page = "https%3A%2F%2Fnews.example.org%2Fposts%2Fpost-1%2F"
    assert f'href="mailto:?subject=Sea%20and%20land&body=Sea%20and%20land%0D%0A{page}"' in html
    assert f'href="https://bsky.app/intent/compose?text=Sea%20and%20land%20{page}"' in html
    assert f'href="https://x.com/intent/post?url={page}&text=Sea%20and%20land"' in html


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_gets_the_address_whole(publication: Publication, service: str) -> None:
    """Whatever stands in the title and in the address."""
    chosen = replace(publication, share=(service,))  # type: ignore[arg-type]
    url = "https://news.example.org/a/?b=c&d=é#f"
    passing = passing_on(chosen, "a@news.example.org", "Fish & chips? 100% {yes}", url)
    [(_, address)] = passing.share
    said = "\n".join(value for values in parse_qs(urlsplit(address).query).values() for value in values)
    assert "https://news.example.org/a/?b=c&d=%C3%A9#f" in said
    assert "{" not in address


def test_a_publication_says_one_block_anew(show: Show, tmp_path: Path) -> None:
    """By extending the shipped template; all else stays as it is."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email/issue.html").write_text(
        '{% extends "shipped/email/issue.html" %}'
        "{% block footer %}<p>Printed on electrons.</p>{{ super() }}{% endblock %}"
    )
    (tmp_path / "email/inline.css").write_text(
        '{% extends "shipped/email/inline.css" %}{% block more %}.post p { color: #123456; }{% endblock %}'
    )
    html = show().html
    assert html.index("Cranes") < html.index("Printed on electrons.") < html.index("Unsubscribe")
    assert re.search(r'<p style="[^"]*color:#123456[^"]*">Boats', html)


def test_a_post_may_stand_in_elements_of_the_publications_own(show: Show, tmp_path: Path) -> None:
    """Its paragraphs are styled by the rules that name them."""
    (tmp_path / "email/parts").mkdir(parents=True)
    (tmp_path / "email/parts/post.html").write_text('<div class="mine">{{ posts[0].html }}</div>')
    (tmp_path / "email/inline.css").write_text(
        '{% extends "shipped/email/inline.css" %}{% block more %}.mine p { margin: 3px; }{% endblock %}'
    )
    assert '<p style="margin:3px">Boats' in show().html


@pytest.mark.parametrize(
    "wrong",
    ["<div>So: {{ posts[0].html }}</div>", "<div>{{ posts[0].html|upper }}</div>", "<p>{{ posts[0].html }}</p>" * 2],
)
def test_a_post_stands_where_it_can_be_put(show: Show, tmp_path: Path, wrong: str) -> None:
    """Else readers would get the name of its place."""
    (tmp_path / "email/parts").mkdir(parents=True)
    (tmp_path / "email/parts/post.html").write_text(wrong)
    with pytest.raises(TemplateError, match="have to stand alone in an element"):
        show()


def test_a_name_that_the_shipped_templates_do_not_have_is_an_error(show: Show, tmp_path: Path) -> None:
    """It names the file that wants it."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email/issue.html").write_text('{% extends "shipped/email/isue.html" %}')
    with pytest.raises(TemplateError, match=re.escape("shipped/email/isue.html")):
        show()


@pytest.mark.parametrize(
    "selector",
    ["[dir=rtl] p", "#id", "p:first-child", ".post > p", "h2 + p", "h2 ~ p", ".a, p:hover", "@media (width < 9px)"],
)
def test_a_rule_that_cannot_be_written_into_elements_is_an_error(show: Show, tmp_path: Path, selector: str) -> None:
    """It names file and rule: a post, styled by itself, would look otherwise than the page around it."""
    (tmp_path / "email").mkdir()
    (tmp_path / "email/inline.css").write_text(
        f'{{% extends "shipped/email/inline.css" %}}{{% block more %}}{selector} {{ color: #123456; }}{{% endblock %}}'
    )
    with pytest.raises(TemplateError, match=re.escape(f"templates/email/inline.css: `{selector}` cannot")):
        show()
    (tmp_path / "email/inline.css").rename(tmp_path / "email/kept.css")
    (tmp_path / "email/kept.css").write_text((tmp_path / "email/kept.css").read_text().replace("inline", "kept"))
    assert selector in show().html


def test_every_class_of_the_shipped_mails_has_a_rule() -> None:
    """A name that says nothing would only tempt who looks for one to style."""
    folder = shipped_templates() / "email"
    sheets = [*folder.glob("*.css"), shipped_templates() / "web" / "issue.html"]  # where it is shown to everybody
    rules = "".join(file.read_text() for file in sheets)
    pages = (re.sub(r"\{[{%#].*?[}%#]\}", " ", file.read_text()) for file in folder.rglob("*.html"))
    names = {name for page in pages for value in re.findall(r'class="([^"]*)"', page) for name in value.split()}
    assert [name for name in sorted(names) if not re.search(rf"\.{name}\b", rules)] == []
