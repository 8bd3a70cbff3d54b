"""Formulas become text that reads, and money stays money."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.content.formulas import is_formula
from dispatch.content.tex import LONGEST, readable
from dispatch.model.post import MediaType

TEX = {
    r"x^2 \leq \frac{1}{2}": "x² ≤ ½",
    r"e^{i\pi}+1=0": "e^(iπ)+1 = 0",
    r"e^{-x^{2}}": "e^(-x²)",
    r"\sum_{i=1}^{n} x_i": "∑ᵢ₌₁ⁿ xᵢ",
    r"\sqrt{a^2+b^2}": "√(a²+b²)",
    r"\sqrt[3]{x}": "∛x",
    r"\frac{a+b}{c}": "(a+b)/c",
    r"\binom{n}{k}": "C(n, k)",
    r"\vec{v} \cdot \hat{n}": "v⃗·n̂",
    r"\text{speed} = \frac{\text{distance}}{\text{time}}": "speed = distance/time",
    r"\left\{ a, b \right\}": "{a, b}",
    r"\begin{aligned} x &= 1 \\ y &= 2 \end{aligned}": "x = 1\ny = 2",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}": "[a b; c d]",
}


@pytest.mark.parametrize(("tex", "text"), TEX.items())
def test_tex_reads_as_text(tex, text):
    """In Unicode where it has the signs, in brackets where the meaning needs them."""
    assert readable(tex) == text


@pytest.mark.parametrize("tex", [r"\unknown{x}", r"\input{/etc/passwd}", r"\begin{tikz}x\end{tikz}", "x" * 3000, ""])
def test_what_no_text_can_say_is_left_to_its_source(tex):
    """Better than half of it."""
    assert readable(tex) is None


@given(st.text(r"\{}[]^_$&%abfrcsqt123 ()", max_size=80))
def test_no_tex_is_an_error(tex):
    """However broken, and no sign of TeX's own is shown."""
    text = readable(tex)
    assert text is None or not set("\\$") & set(text)


def test_deep_tex_is_refused_before_it_is_read():
    """The work is bounded by length and depth."""
    assert readable("{" * 200 + "x" + "}" * 200) is None
    assert readable(r"\frac" * (LONGEST // 5)) is None


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("so $x_1 * y_2 * z$ is", "<p>so <span>x₁ * y₂ * z</span> is</p>"),
        (r"so \(x^2\) is", "<p>so <span>x²</span> is</p>"),
        ("$$\nx^2\n\ty\n$$", "<p>x² y</p>"),
        ("\\[\nx^2\n\\]", "<p>x²</p>"),
        ("\\begin{align}\nx &= 1 \\\\\ny &= 2\n\\end{align}", "<p>x = 1<br>y = 2</p>"),
        ("> $$ x^2 $$", "<blockquote>\n<p>x²</p>\n</blockquote>"),
        (r"so $\foo{x} < 1$ is", r"<p>so <code>\foo{x} &lt; 1</code> is</p>"),
        ("`$x^2$`", "<p><code>$x^2$</code></p>"),
        ("```\n$$\nx\n$$\n```", "<pre><code>$$\nx\n$$\n</code></pre>"),
    ],
)
def test_formulas_in_markdown(make, text, html):
    """No rule of Markdown spoils them, and code stays code."""
    assert make(text).html == html


@pytest.mark.parametrize(
    "prose",
    [
        "It costs $5 and $10, or 10$ where $HOME/$USER is.",
        "From US$5 to A$7 for $2 a day, $$$ in all.",
        "Two words\\$ and $5 (or $6) a piece$ of it.",
        "$ 5 $ and $USD$ and $5 million$",
        "From $5^1 and 6 to the 10^th$ or $5 de 6$ in $$ = cheap and $$ = dear.",
    ],
)
def test_money_stays_money(make, prose):
    """In Markdown as in HTML."""
    for media_type in (MediaType.MARKDOWN, MediaType.HTML):
        written = prose.replace("\\", "") if media_type is MediaType.HTML else prose
        assert make(f"<p>{written}</p>", media_type=media_type).html == f"<p>{written}</p>"


def test_brackets_with_a_backslash_are_brackets_unless_tex_is_in_them(make):
    """Markdown escapes them so."""
    assert make(r"\(see below\), \[1\] and \[link\](x)").html == "<p>(see below), [1] and [link](x)</p>"


FORMULAS = {
    r"\int_0^1 x^2\,dx = \frac{1}{3}": "∫₀¹ x² dx = ⅓",
    r"E = mc^2": "E = mc²",
    r"\sum_{i=1}^n a_i\;b_i \!": "∑ᵢ₌₁ⁿ aᵢ bᵢ",
    r"a_1 * b_2 * c_{kin}*d": "a₁ * b₂ * cₖᵢₙ*d",
    r"\mathbb{E}[X] = \int x\,dF(x)": "𝔼[X] = ∫ x dF(x)",
    r"\begin{aligned} x &= 1 \\ y &= 2 \end{aligned}": "x = 1<br>y = 2",
    r"\{x\_y \mid 50\%\}": "{x_y | 50%}",
    r"\|x\| < 1 \label{one} \tag{1}": "‖x‖ &lt; 1 (1)",
}
MARKED = ("$${}$$", "$$\n{}\n$$", r"\[{}\]", "\\[\n{}\n\\]", "> $$\n> {}\n> $$", "- a\n\n  $$\n  {}\n  $$")
AMONG_WORDS = ("so $${}$$ is", r"so \({}\) is", r"so \[{}\] is", "so ${}$ is")


@pytest.mark.parametrize(("tex", "shown"), FORMULAS.items())
def test_each_way_to_mark_a_formula_is_known(make, tex, shown):
    """In Markdown, which takes backslashes, underscores and asterisks for its own, as in HTML."""
    for marks in MARKED:
        assert f"<p>{shown}</p>" in make(marks.replace("{}", tex)).html, marks
    for marks in AMONG_WORDS:
        assert make(marks.replace("{}", tex)).html == f"<p>so <span>{shown}</span> is</p>", marks
    for marks in MARKED[:4] + AMONG_WORDS:
        html = f"<p>{marks.replace('{}', escape(tex))}</p>"
        assert f"<span>{shown}</span>" in make(html, media_type=MediaType.HTML).html, marks


MATHML = "<math><semantics><msup><mi>x</mi><mn>2</mn></msup>{}</semantics></math>"


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        (MATHML.format(""), "<span>x²</span>"),
        (MATHML.format('<annotation encoding="application/x-tex">y^2</annotation>'), "<span>y²</span>"),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac></math>", "<span>(a + b)/2</span>"),
        ("<math><munder><mo>lim</mo><mi>n</mi></munder><msqrt><mi>x</mi></msqrt></math>", "<span>limₙ√x</span>"),
        (
            f'<span class="katex"><span class="katex-mathml">{MATHML.format("")}</span>'
            '<span class="katex-html">x2</span></span>',
            "<span>x²</span>",
        ),
        (
            f"<mjx-container><svg><path></path></svg><mjx-assistive-mml>{MATHML.format('')}</mjx-assistive-mml>"
            "</mjx-container>",
            "<span>x²</span>",
        ),
        ('<span class="math inline">\\(x^2\\)</span>', "<span>x²</span>"),
        ('<script type="math/tex">x^2</script>', "<span>x²</span>"),
        ('<div class="math">Mathematics is for everybody.</div>', "<div>Mathematics is for everybody.</div>"),
    ],
)
def test_formulas_in_html(make, html, shown):
    """Of MathML, KaTeX, MathJax and Pandoc: once each, and no page about mathematics is one."""
    assert make(html, media_type=MediaType.HTML).html == shown


@pytest.mark.parametrize(
    ("tex", "verdict"),
    [
        ("2mc = 1^{st}", True),
        ("x^2 for all y", False),
        ("O(n \\log n)", True),
        ("5, or 10", False),
        ("x + 1", True),
        ("", False),
    ],
)
def test_formulas_are_told_from_prose(tex, verdict):
    """By words."""
    assert is_formula(tex) is verdict


def test_more_formulas_than_a_post_may_have_are_shown_as_source(make):
    """The work for one post is bounded, and nothing is lost."""
    html = make(" ".join(f"$x_{{{number}}}$" for number in range(1500))).html
    assert html.count("<code>") + html.count("<span>") == 1500
    assert html.count("<code>") > 400
