"""Each of premailer's traps is closed."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import css_inline
import html5lib

from dispatch.model.issue import Edition, Publication, Words
from dispatch.model.post import Post
from dispatch.render.inline import inline
from dispatch.render.look import look_of
from dispatch.theme import Theme

PAGE = '<!doctype html>\n<html lang="en"><head><title>t</title><style>{}</style></head><body>{}</body></html>'


def page(css: str, body: str) -> str:
    """A page with one style sheet."""
    return PAGE.format(css, body)


def test_a_lower_case_doctype_stays() -> None:
    """Without it, clients fall into quirks mode."""
    assert inline(page("p{color:red}", "<p>a</p>")).startswith("<!DOCTYPE html>")


def test_a_link_around_a_table_stays() -> None:
    """HTML5 allows it, and pictures in tables are linked so."""
    assert '<a href="https://example.org/"><table>' in inline(
        page("p{color:red}", '<a href="https://example.org/"><table><tr><td>x</td></tr></table></a>')
    )


def test_nothing_is_lost_at_any_depth() -> None:
    """300 nested elements all come out."""
    out = inline(page("p{color:red}", "<div>" * 300 + "<p>deep</p>" + "</div>" * 300))
    assert out.count("<div>") == 300
    assert '<p style="color:red">deep</p>' in out


def test_an_import_reads_no_file(tmp_path: Path) -> None:
    """A style sheet that imports finds nothing, be it a file or an address."""
    secret = tmp_path / "secret.css"
    secret.write_text("p{color:blue}")
    out = inline(page(f'@import url("{secret.as_uri()}"); p{{margin:0}}', "<p>a</p>"))
    assert '<p style="margin:0">a</p>' in out
    assert "blue" not in out


def test_a_kept_style_is_kept_to_the_letter() -> None:
    """Media queries keep their !important."""
    kept = "@media (max-width:600px){p > a{color:red !important}}"
    out = inline(
        page("p{color:red}", "<p>a</p>").replace("</head>", f'<style data-premailer="ignore">{kept}</style></head>')
    )
    assert f"<style>{kept}</style>" in out


def test_a_height_by_style_leaves_the_attribute() -> None:
    """Outlook reads the attribute, others the style."""
    out = inline(page("img{height:auto;width:100%}", '<img src="a.png" width="540" height="270" alt="">'))
    assert 'width="540" height="270"' in out
    assert "height:auto" in out


def test_threads_do_not_mix_their_pages() -> None:
    """Many at once come out as one at a time."""
    pages = [page(f"p{{color:#0000{number:02x}}} .c{number}{{margin:{number}px}}", f'<p class="c{number}">a</p>' * 20)
             for number in range(24)]  # fmt: skip
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(inline, pages)) == [inline(text) for text in pages]


def styles(html: str) -> list[tuple[str, dict[str, str]]]:
    """Each element's tag and style, as pairs of property and value."""
    tree = html5lib.parse(html, treebuilder="lxml", namespaceHTMLElements=False)
    return [
        (element.tag, _declarations(element.get("style", "")))
        for element in tree.iter()
        if isinstance(element.tag, str) and element.tag != "style"
    ]


def _declarations(style: str) -> dict[str, str]:
    pairs = (item.partition(":") for item in style.split(";") if item.strip())
    return {name.strip(): re.sub(r"\s*([,\"'])\s*", r"\1", value.strip()).replace('"', "'") for name, _, value in pairs}


def test_another_inliner_agrees_on_our_template(
    render: Callable[..., Edition], make_post: Callable[..., Post], publication: Publication
) -> None:
    """css-inline, which knows the whole cascade, gives each element of an issue the same style."""
    issues = [render(make_post()), render(make_post(1), make_post(2)), render(make_post(), default=Words("Hi *you*"))]
    css = str(look_of(publication, Theme())["inline_css"])
    for rendered in issues:
        ours = rendered.html
        bare = re.sub(r' style="[^"]*"', "", ours)
        bare = re.sub(r"<style>(?!table).*?</style>", "", bare, flags=re.S)
        theirs = css_inline.CSSInliner(keep_style_tags=False, extra_css=css, load_remote_stylesheets=False).inline(bare)
        wanted, found = styles(theirs), styles(re.sub(r"<style>(?!table).*?</style>", "", ours, flags=re.S))
        assert [tag for tag, _ in wanted] == [tag for tag, _ in found]
        differing = [(tag, w, f) for (tag, w), (_, f) in zip(wanted, found, strict=True) if w != f and tag != "span"]
        assert differing == []
