"""Clean HTML becomes HTML that mail clients show well."""

import re

import pytest

from dispatch.render.email_html import MailSetting, mail_html


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ('width="1600" height="800"', 'width="540" height="270"'),
        ('width="300" height="200"', 'width="300" height="200"'),
        ('width="1600"', 'width="540"'),
        ('width="wide"', 'style="width:auto" width="540"'),
        ("", 'style="width:auto" width="540"'),
    ],
)
def test_pictures_fit_the_column(given: str, shown: str) -> None:
    """Integer sizes, in proportion; the true size by style where none is known."""
    out = mail_html(f'<p><img src="https://a.example/p.png" {given} srcset="x 2x"></p>')
    assert set(re.findall(r'[\w-]+="[^"]*"', f'{shown} src="https://a.example/p.png" alt=""')) == set(
        re.findall(r'[\w-]+="[^"]*"', out)
    )


@pytest.mark.parametrize("source", ["https://a.example/p.svg", "https://a.example/p.webp?x=1"])
def test_pictures_that_are_not_drawn_become_links(source: str) -> None:
    """By their words; within a link the words alone."""
    assert mail_html(f'<img src="{source}" alt="Plan">') == f'<a href="{source}">Plan</a>'
    assert mail_html(f'<a href="/x"><img src="{source}" alt="Plan"></a>') == '<a href="/x"><span>Plan</span></a>'


def test_a_video_s_picture_leaves_its_name() -> None:
    """Whether mail draws it or not."""
    video = '<a href="/v"><img src="{}" alt=""><br>▶ Tide</a>'
    assert mail_html(video.format("https://a.example/v.webp")) == '<a href="/v"><span></span><span></span>▶ Tide</a>'
    assert mail_html(video.format("https://a.example/v.png")).endswith("<br>▶ Tide</a>")


def test_embedded_pictures_become_their_words() -> None:
    """A data: address is neither drawn nor linked."""
    assert mail_html('<img src="data:image/png;base64,AA" alt="Dot">') == "<span>Dot</span>"


def test_tables_are_marked_as_data() -> None:
    """Heads say what they head, alignment is an attribute."""
    out = mail_html(
        '<table><tbody><tr><th>A</th><th style="text-align: right">B</th></tr>'
        '<tr><th>r</th><td style="text-align:center">1</td></tr></tbody></table>'
    )
    assert '<table class="data">' in out
    assert '<th align="left" scope="col">A</th><th align="right" scope="col">B</th>' in out
    assert '<th align="left" scope="row" class="side">r</th><td align="center">1</td>' in out


@pytest.mark.parametrize(("direction", "side"), [("ltr", "left"), ("rtl", "right")])
def test_heads_stand_where_reading_begins(direction: str, side: str) -> None:
    """Unless their author aligned them."""
    out = mail_html('<table><tr><th>A</th><th align="center">B</th></tr></table>', MailSetting(direction=direction))
    assert f'<th align="{side}" scope="col">A</th><th align="center" scope="col">B</th>' in out


def row(*words: str) -> str:
    """A row of cells."""
    return f"<tr>{''.join(f'<td>{word}</td>' for word in words)}</tr>"


SENTENCE = "a long sentence of many words that have room"
SCROLLS = '<div class="scroll" tabindex="0"><table class="data">'


@pytest.mark.parametrize(
    ("words", "start"),
    [
        (("a short word", "7"), '<table class="data">'),
        (("Donaudampfschifffahrt", "Fahrtgesellschaft"), '<table class="data tight">'),
        (("Donaudampfschifffahrt", "Rindfleischetikettierung"), SCROLLS),
        (("Bremerhaven", "45", "560,000", "Columbuskaje", SENTENCE), SCROLLS),
        (("wwwwww",) * 7, SCROLLS),
    ],
)
def test_no_word_of_a_table_is_broken(words: tuple[str, ...], start: str) -> None:
    """Nor is a sentence squeezed: what a phone has no room for scrolls, in a box that the keyboard reaches."""
    out = mail_html(f"<p>a</p><table>{row(*words)}{row(SENTENCE, 'b')}</table>c")
    assert out.startswith(f"<p>a</p>{start}")
    assert re.sub("<[^>]*>", "", out).endswith("bc")
    assert "long" not in re.findall('class="([^"]*)"', out)


def test_an_address_in_a_table_may_break() -> None:
    """Beside the head of its row too."""
    out = mail_html(f"<table><tr><th>{'x' * 25}</th><td>https://a.example/{'x' * 80}</td></tr></table>")
    assert 'class="side long"' in out
    assert '<td class="long">' in out


def test_nothing_is_hidden_in_a_table() -> None:
    """Filters take what nobody sees for spam."""
    assert mail_html(f"<table>{row('Donaudampfschifffahrt', 'x')}</table>").count("x") == 1


def test_links_within_the_mail_are_words() -> None:
    """Few clients follow them: a note keeps its number, ways back go, and so do the places they led to."""
    out = mail_html(
        '<p>a<sup><a href="#p-fn1" id="p-r1">[1]</a></sup></p><ol><li id="p-fn1">Note <a href="#p-r1">↩</a></li></ol>'
    )
    assert out == "<p>a<sup><span>[1]</span></sup></p><ol><li>Note <span></span></li></ol>"


def test_how_a_word_is_read_stands_in_brackets() -> None:
    """The author's own, where there are any."""
    assert mail_html("<ruby>漢<rt>かん</rt>字</ruby>") == "<span>漢<span>(かん</span>)字</span>"
    own = "<ruby>字<rp>（</rp><rt>じ</rt><rp>）</rp></ruby>"
    assert re.sub("<[^>]*>", "", mail_html(own)) == "字（じ）"


def test_tasks_are_marked() -> None:
    """They need no bullet beside their box, and only the paragraph with the box stands as far out as it."""
    assert mail_html("<ul><li>☑ a</li><li>b</li></ul>") == '<ul><li class="task">☑ a</li><li>b</li></ul>'
    loose = mail_html("<ul><li><p>☑ a</p><p>b</p></li><li><p>b</p></li></ul>")
    assert loose == '<ul><li class="task"><p>☑ a</p><p class="on">b</p></li><li><p>b</p></li></ul>'


def test_figures_become_divs() -> None:
    """Not every client knows figure."""
    assert mail_html("<figure><figcaption>c</figcaption></figure>") == (
        '<div class="figure"><div class="figcaption">c</div></div>'
    )


def test_classes_and_styles_of_a_post_are_dropped_but_for_code() -> None:
    """A post cannot dress up as the mail's frame."""
    out = mail_html('<p class="foot" style="color:red">a</p><pre><code><span style="color: #080">b</span></code></pre>')
    assert out == '<p>a</p><pre><code><span style="color: #080">b</span></code></pre>'
