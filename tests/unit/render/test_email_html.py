"""Clean HTML becomes HTML that mail clients show well."""

import re

import pytest

from dispatch.render.email_html import mail_html


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


def test_figures_become_divs() -> None:
    """Not every client knows figure."""
    assert mail_html("<figure><figcaption>c</figcaption></figure>") == (
        '<div class="figure"><div class="figcaption">c</div></div>'
    )


def test_classes_and_styles_of_a_post_are_dropped_but_for_code() -> None:
    """A post cannot dress up as the mail's frame."""
    out = mail_html('<p class="foot" style="color:red">a</p><pre><code><span style="color: #080">b</span></code></pre>')
    assert out == '<p>a</p><pre><code><span style="color: #080">b</span></code></pre>'
