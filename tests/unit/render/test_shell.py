"""A page and its pieces, styled apart, look as if they had been styled together."""

import pytest

from dispatch.model.issue import Publication
from dispatch.render.inline import inline
from dispatch.render.look import look_of
from dispatch.render.shell import Shell
from dispatch.theme import Theme

PIECE = (
    '<p>Boats &amp; <a href="https://example.org/?a=1&amp;b=2">tides <code>x</code></a></p><h2>Cranes</h2>'
    "<blockquote><p>So.</p></blockquote><ul><li><p>one</p></li></ul><pre><code>a\n  b</code></pre>"
    '<table class="data"><tbody><tr><th>Port</th><td>Kiel</td></tr></tbody></table>'
)
PAGE = (
    "<!DOCTYPE html><html><head><style>{css}</style><style data-premailer='ignore'>a {{ color: red }}</style></head>"
    '<body><div class="rtl"><div class="post">{first}</div></div><table><tbody><tr><td class="post">{second}</td></tr>'
    '</tbody></table><p class="byline">a</p></body></html>'
)


@pytest.fixture(scope="module")
def css(publication: Publication) -> str:
    """The style sheet of our mails."""
    return str(look_of(publication, Theme())["inline_css"])


def test_a_piece_looks_as_if_it_had_always_been_there(css: str) -> None:
    """Whatever stands around its place counts: a right-to-left parent, a table cell."""
    shell = Shell(PAGE.format(css=css, first="zqfirst", second="zqsecond"), ("zqfirst", "zqsecond"))
    pieces = {place: shell.styled(place, PIECE) for place in ("zqfirst", "zqsecond")}
    assert shell.filled(pieces) == inline(PAGE.format(css=css, first=PIECE, second=PIECE))


def test_a_place_that_a_template_left_out_stays_empty(css: str) -> None:
    """A publication's own template may show no intro; nothing fails."""
    shell = Shell(PAGE.format(css=css, first="", second=""), ("zqfirst",))
    assert shell.styled("zqfirst", PIECE) == ""
    assert "Boats" not in shell.filled({"zqfirst": ""})
