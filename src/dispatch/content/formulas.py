"""Formulas in a post become text that reads: x² ≤ ½. What no text can say is shown as its TeX source, as code.

Found are MathML, what KaTeX and MathJax write (their MathML counts, for the rest is there to be drawn), elements of the
class `math` (Pandoc, kramdown), what our Markdown found, and TeX between $…$, $$…$$, \\(…\\) and \\[…\\] in text.
"""

import re
from collections.abc import Iterator

from dispatch.content.mathml import spoken, tex_of
from dispatch.content.running import put, running_text
from dispatch.content.tex import readable
from dispatch.content.tree import Element, classes, elements, make, replace

BUDGET = 100_000  # characters of TeX in a post; formulas beyond are shown as their source
EACH = 100  # what a formula costs beside its characters
LONGEST = 500  # characters in a line of text
DRAWN = frozenset({"katex-html", "MathJax_Preview", "MathJax_Display", "MathJax_SVG", "MathJax_CHTML"})
HOLDERS = frozenset({"katex", "MathJax", "math", "math-inline", "math-display", "arithmatex"})
FORMULAS = frozenset({"math", "mjx-container", "x-formula"})  # the last one is what our Markdown writes
DELIMITED = re.compile(r"^\s*(?:\\\((.*)\\\)|\\\[(.*)\\\]|\$\$(.*)\$\$|\$(.*)\$)\s*$", re.S)
IN_TEXT = re.compile(
    r"""\\\((?P<round>(?:[^\\]|\\(?![()]))*+)\\\)
    | \\\[(?P<square>(?:[^\\]|\\(?![\[\]]))*+)\\\]
    | (?<![\\$])\$\$(?P<two>[^$]+)\$\$(?!\$)
    | (?<![\w$\\])\$(?P<one>[^\s$](?:[^$]*[^\s$\\])?)\$(?![\w$])""",
    re.X,
)
SIGN = re.compile(r"\\[a-zA-Z]|[\^_=]")
CERTAIN = re.compile(r"\\[a-zA-Z]{2}|\\[,;!]|\^|_\{")  # what prose does not hold
SCRIPTS = re.compile(r"[\^_]\{[^{}]*\}|\\[a-zA-Z]+\s*(?:\{[^{}]*\})?")
WORD = re.compile(r"[^\W\d_]{2,}")
VARIABLE = re.compile(  # of several letters: dx, mc², 2ab
    r"\bd[a-zA-Z]\b|(?<=[\d{}=+*/|])[^\W\d_]{2,3}(?![^\W\d_])|(?<![^\W\d_])[^\W\d_]{2,3}(?=[\^_{}=+*/|(])"
)
FUNCTIONS = frozenset({"log", "ln", "exp", "sin", "cos", "tan", "min", "max", "mod", "gcd", "lim", "sup", "inf", "det"})


def is_formula(tex: str, plain: bool = False, certain: bool = False) -> bool:
    """Whether what stands between two marks is TeX and not prose, such as `5, or 10` between two dollar signs.

    `plain`: the marks are brackets that mean nothing by themselves, so that there must be a sign of TeX. `certain`:
    they are seldom anything else, so that such a sign is enough.
    """
    if not tex.strip() or len(tex) > LONGEST or "\n\n" in tex:
        return False
    if FUNCTIONS.issuperset(_words(tex)):
        return bool(SIGN.search(tex)) or not plain
    return bool(CERTAIN.search(tex)) and (certain or FUNCTIONS.issuperset(_words(tex, VARIABLE)))


def _words(tex: str, but: re.Pattern[str] | None = None) -> list[str]:
    text = SCRIPTS.sub(" ", tex)
    return WORD.findall(but.sub(" ", text) if but else text)


def replace_formulas(tree: Element) -> None:
    """Replace all formulas outside code."""
    left = BUDGET
    for element in [element for element in elements(tree, "*") if classes(element) & DRAWN]:
        if element.getparent() is not None:
            element.drop_tree()
    for element in _holders(tree):
        if element.getparent() is not None:
            left -= _replace(element, left)
    for element, is_tail, text in list(running_text(tree, "$", "\\(", "\\[")):
        pieces = list(_pieces(text, left))
        left -= len(text) if len(pieces) > 1 else 0
        put(element, is_tail, pieces)


def _holders(tree: Element) -> list[Element]:
    """Elements that hold one formula each, the outermost of those within one another."""
    found = [element for element in elements(tree, "*") if element.tag in FORMULAS or _is_holder(element)]
    known = set(found)
    return [element for element in found if known.isdisjoint(element.iterancestors())]


def _is_holder(element: Element) -> bool:
    """Whether a class means what it says: a page about mathematics has it too."""
    if element.tag not in ("span", "div", "p") or not classes(element) & HOLDERS:
        return False
    formulas = sum(1 for _ in element.iter("math"))
    text = element.text_content() if not formulas else ""
    return formulas == 1 or bool(DELIMITED.match(text)) or is_formula(text, plain=True)


def _replace(element: Element, left: int) -> int:
    formula = element if element.tag == "math" else next(element.iter("math"), None)
    written = element.text_content() if formula is None else tex_of(formula)
    tex = bare(written)
    text = readable(tex) if tex and len(tex) + EACH <= left else None
    if formula is not None and text is None:
        text = spoken(formula) or None
    block = element.tag == "div" or element.get("display") in ("block", "true")
    replace(element, _shown(tex, text, block) if tex or text else make("span"))
    return len(tex) + EACH


def bare(tex: str) -> str:
    """TeX without the marks around it."""
    match = DELIMITED.match(tex)
    return next(inner for inner in match.groups() if inner is not None).strip() if match else tex.strip()


def _shown(tex: str, text: str | None, block: bool) -> Element:
    if text is None:
        code = make("code", tex)
        return _in("pre", code) if block else code
    return _lines("p" if block else "span", text)


def _in(name: str, inner: Element) -> Element:
    outer = make(name)
    outer.append(inner)
    return outer


def _lines(name: str, text: str) -> Element:
    first, *rest = text.split("\n")
    element = make(name, first)
    for line in rest:
        element.append(make("br"))
        element[-1].tail = line
    return element


def _pieces(text: str, left: int) -> Iterator[str | Element]:
    """Text and formulas in turns."""
    place = 0
    for match in IN_TEXT.finditer(text):
        tex = match[str(match.lastgroup)]
        if is_formula(tex, certain=match.lastgroup != "one"):
            yield text[place : match.start()]
            left -= len(tex) + EACH
            yield _shown(tex.strip(), readable(tex.strip()) if left >= 0 else None, block=False)
            place = match.end()
    yield text[place:]
