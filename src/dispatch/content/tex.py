"""A formula in TeX as text that reads: `x^2 \\leq \\frac{1}{2}` → x² ≤ ½. The only importer of pylatexenc."""

import re
from functools import lru_cache
from typing import Any

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import get_default_latex_context_db as get_default_walker_db
from pylatexenc.macrospec import std_macro

from dispatch.content.scripts import fraction, lowered, raised

LONGEST = 2000  # characters: what is longer is no formula to be read in a line of text
DEEPEST = 12  # braces: the parser recurses
NAME = re.compile(r"\\(begin|end)\s*\{([^{}]*)\}|\\([a-zA-Z]+)")
# They define, read files, or draw; a reader learns nothing from what would be left of them.
REFUSED = frozenset({"def", "newcommand", "renewcommand", "input", "include", "usepackage", "require", "begingroup"})
STYLES = ("mathrm", "mathbf", "mathit", "mathsf", "mathtt", "boldsymbol", "bm", "operatorname", "text", "textrm")
FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
CHOICES = ("binom", "dbinom", "tbinom")
SILENT_IN_WORDS = (
    "displaystyle textstyle scriptstyle limits nolimits nonumber notag left right middle "
    "big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr"
)
SIGNS = {",": " ", ";": " ", ":": " ", "!": "", " ": " ", "quad": "  ", "qquad": "  ", "|": "‖", "label": ""}
SIGNS |= {"tag": "  (%s)"}
ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
COMMENT = re.compile(r"(?<!\\)%.*")
SIMPLE = re.compile("(?:[\\w.∂∇\u0300-\u036f\u20d7]|\\([^()]*\\))+")  # needs no brackets in a fraction
SCRIPT = re.compile(r"([\^_])\s*(?:\{([^{}]*)\}|([^\s{}]))")
GROUP = re.compile(r"(?<![\^_])\{([^{}]*)\}")
RELATION = re.compile(r" *([=≤≥≈≠≡∼≃≅∝→←↔⇒⇐⇔↦∈∉⊂⊆⊃⊇≪≫]) *")
OPEN, CLOSE = "\ue000", "\ue001"  # braces that are shown, while others group
UP, DOWN = "\ue002", "\ue003"  # signs that are shown, while others raise and lower
ACCENTS = {"hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "vec": "\u20d7", "tilde": "\u0303"}
ACCENTS |= {"widetilde": "\u0303", "dot": "\u0307", "ddot": "\u0308"}
SHOWN = str.maketrans({OPEN: "{", CLOSE: "}", UP: "^", DOWN: "_"})
ENVIRONMENTS = frozenset(
    {"align", "aligned", "array", "bmatrix", "cases", "equation", "gather", "gathered", "matrix", "multline", "pmatrix"}
    | {"smallmatrix", "split", "vmatrix"}
)


@lru_cache(maxsize=500)
def readable(tex: str) -> str | None:
    """The formula as lines of text; None where it holds what no text can say: then its source says more."""
    deep = max_depth(tex)
    if len(tex) > LONGEST or deep > DEEPEST or not all(map(_known, NAME.finditer(tex))):
        return None
    source = " ".join(COMMENT.sub(" ", tex).split()).replace("\\{", OPEN).replace("\\}", CLOSE).replace("$", "")
    try:
        text = str(WRITER.latex_to_text(f"${source}$", latex_context=GRAMMAR))
    except Exception:  # what is no TeX at all ends in errors of many kinds; its source is shown then
        return None
    lines = [_line(line) for line in text.split("\n")]
    shown = "\n".join(filter(None, lines))
    return shown if shown and "\\" not in shown and "$" not in shown else None


def max_depth(tex: str) -> int:
    """How deep braces and environments nest."""
    depth = deepest = 0
    for sign in re.findall(r"\\begin|\\end|\\left|\\right|(?<!\\)[{}]", tex):
        depth += 1 if sign in ("{", "\\begin", "\\left") else -1
        deepest = max(deepest, depth)
    return deepest


def _known(match: re.Match[str]) -> bool:
    """Whether the writer knows a command by name: others it would leave out without a word."""
    environment, name = match[2], match[3]
    if match[1]:
        return environment.removesuffix("*") in ENVIRONMENTS
    return name not in REFUSED and DATABASE.get_macro_spec(name) is not None


def _line(text: str) -> str:
    """One line: scripts raised and lowered from the inside out, groups without their braces."""
    before, text = "", re.sub(r"([\^_∂∇])\s+", r"\1", text)
    while before != text:
        before, text = text, GROUP.sub(r"\1", SCRIPT.sub(_script, text))
    text = RELATION.sub(r" \1 ", text.translate(SHOWN))
    return re.sub(r"(?<=[(\[{]) | (?=[)\]},])", "", " ".join(text.split()))


def _script(match: re.Match[str]) -> str:
    sign, text = match[1], (match[3] if match[2] is None else match[2]).strip()
    if text in ("'", "′", "″"):
        return text
    short, mark = (raised(text), UP) if sign == "^" else (lowered(text), DOWN)
    return short or (f"{mark}{text}" if len(text) == 1 else f"{mark}({text})" if text else "")


def _fraction(node: Any, l2tobj: Any) -> str:
    above, below = (_argument(node, l2tobj, index) for index in (0, 1))
    return fraction(above, below) or f"{_operand(above)}/{_operand(below)}"


def _root(node: Any, l2tobj: Any) -> str:
    degree, inner = _argument(node, l2tobj, 0), _argument(node, l2tobj, 1)
    return (ROOTS.get(degree) or f"{raised(degree) or degree}√") + _operand(inner)


def _choose(node: Any, l2tobj: Any) -> str:
    return f"C({_argument(node, l2tobj, 0)}, {_argument(node, l2tobj, 1)})"


def _plain(node: Any, l2tobj: Any) -> str:
    return f"{{{_argument(node, l2tobj, -1)}}}"


def _accented(node: Any, l2tobj: Any) -> str:
    text = _argument(node, l2tobj, 0)
    return text + ACCENTS[node.macroname] if len(text) == 1 else f"{{{text}}}"


def _operand(text: str) -> str:
    return text if SIMPLE.fullmatch(text) else f"({text})"


def _argument(node: Any, l2tobj: Any, index: int) -> str:
    given = node.nodeargd.argnlist[index]
    return _line(str(l2tobj.nodelist_to_text([given]))).strip("[]") if given is not None else ""


def _grammar() -> Any:
    """Which commands take how many arguments."""
    grammar = get_default_walker_db()
    macros = [std_macro(name, False, 2) for name in FRACTIONS + CHOICES]
    macros += [std_macro(name, False, 1) for name in (*STYLES, *ACCENTS, "label", "tag")]
    grammar.add_context_category("formulas", prepend=True, macros=macros)
    return grammar


def _database() -> Any:
    """What each command says."""
    database = get_default_latex_context_db()
    macros = [MacroTextSpec(name, simplify_repl=_fraction) for name in FRACTIONS]
    macros += [MacroTextSpec(name, simplify_repl=_choose) for name in CHOICES]
    macros += [MacroTextSpec(name, simplify_repl=_plain) for name in STYLES]
    macros += [MacroTextSpec(name, simplify_repl=_accented) for name in ACCENTS]
    macros += [MacroTextSpec(name, simplify_repl="") for name in SILENT_IN_WORDS.split()]
    macros += [MacroTextSpec(name, simplify_repl=sign) for name, sign in SIGNS.items()]
    macros += [MacroTextSpec("sqrt", simplify_repl=_root)]
    database.add_context_category("formulas", prepend=True, macros=macros)
    return database


GRAMMAR = _grammar()
DATABASE = _database()
WRITER = LatexNodes2Text(latex_context=DATABASE, math_mode="text", keep_braced_groups=True, keep_braced_groups_minlen=0)
