"""Rules for the Markdown parser: what other programs read before Markdown does, no rule of Markdown may spoil.

Formulas become `<x-formula>` (see `formulas`), Jekyll's and Hugo's `highlight` becomes a block of code, other
shortcodes stay as they are written, up to `shortcodes`. States are those of markdown-it, whose parser `markdown` makes.
"""

import re
from html import escape
from types import SimpleNamespace
from typing import Any

from dispatch.content.formulas import IN_TEXT, LONGEST, is_formula
from dispatch.content.shortcode_call import CALLS
from dispatch.content.shortcode_meaning import ADDRESS, filled_address

DISPLAY = re.compile(r"\$\$|\\\[|\\begin\{((?:equation|align|gather|multline|eqnarray)\*?)\}")
HIGHLIGHT = re.compile(r"(?:\{%-?|\{\{[<%])\s*highlight\s+([\w+#.-]+)?[^{}\n]*?(?:-?%|[>%]\})\}[ \t]*\n")
HIGHLIGHT_END = re.compile(r"^[ \t>]*(?:\{%-?\s*endhighlight\s*-?%\}|\{\{[<%]\s*/\s*highlight\s*[>%]\}\})[ \t]*$", re.M)
DESTINATION = re.compile(rf"(?:[^\s(){{}}<>]*+(?:{ADDRESS.pattern}))+[^\s(){{}}<>]*+", re.X | re.I)
MOST_LINES = 60  # of a formula
INFO = re.compile(r"[,{:\s]")


def use(parser: Any) -> None:
    """Teach a parser all of these rules."""
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("escape", "shortcode", _shortcode)
    behind = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "formulas", _formulas, behind)
    parser.block.ruler.before("fence", "highlight", _highlight, behind)
    parser.core.ruler.after("block", "languages", _languages)
    parser.helpers = _Helpers(parser.helpers)


class _Helpers(SimpleNamespace):
    """What markdown-it reads links with; a destination may hold a shortcode, blanks and all."""

    def __init__(self, helpers: Any) -> None:
        super().__init__(parseLinkLabel=helpers.parseLinkLabel, parseLinkTitle=helpers.parseLinkTitle)
        self._usual = helpers.parseLinkDestination

    def parseLinkDestination(self, text: str, start: int, end: int) -> Any:  # noqa: N802 (markdown-it's name)
        """A link's address, its end, and whether there is one."""
        match = DESTINATION.match(text, start, end)
        if match is None:
            return self._usual(text, start, end)
        return SimpleNamespace(ok=True, pos=match.end(), str=filled_address(match[0]))


def _formula(state: Any, silent: bool) -> bool:
    match = IN_TEXT.match(state.src, state.pos, state.posMax) if state.src[state.pos] in "$\\" else None
    if match is None:
        return False
    tex, marks = match[str(match.lastgroup)], match.lastgroup
    if "`" in tex or not is_formula(tex, plain=marks in ("round", "square"), certain=marks != "one"):
        return False
    if not silent:
        state.push("html_inline", "", 0).content = f"<x-formula>{escape(tex.strip(), quote=False)}</x-formula>"
    state.pos = match.end()
    return True


def _shortcode(state: Any, silent: bool) -> bool:
    """A shortcode in braces is text, whatever stands in it; square brackets might be a link."""
    match = CALLS.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "{" else None
    if match is None:
        return False
    if not silent:
        state.append_pending(match[0])
    state.pos = match.end()
    return True


def _formulas(state: Any, first: int, last: int, silent: bool) -> bool:
    """A formula on lines of its own."""
    start = state.bMarks[first] + state.tShift[first]
    opening = (
        DISPLAY.match(state.src, start, state.eMarks[first]) if state.sCount[first] - state.blkIndent < 4 else None
    )
    if opening is None:
        return False
    closing = rf"\end{{{opening[1]}}}" if opening[1] else "\\]" if opening[0] == "\\[" else "$$"
    line = _line_with(state, closing, opening.end(), first, last)
    if line is None:
        return False
    text = state.getLines(first, line + 1, state.blkIndent, False).strip()
    tex = text if opening[1] else text[2:-2]
    if (
        not text.endswith(closing)
        or len(tex) > 4 * LONGEST
        or not (opening[1] or is_formula(tex[:LONGEST], plain=True, certain=True))
    ):
        return False
    if not silent:
        state.line = line + 1
        token = state.push("html_block", "", 0)
        token.content = f'<x-formula display="block">{escape(tex.strip(), quote=False)}</x-formula>\n'
        token.map = [first, state.line]
    return True


def _line_with(state: Any, mark: str, place: int, first: int, last: int) -> int | None:
    """The line that a mark stands in, from a place on and before the next empty line."""
    for line in range(first, min(last, first + MOST_LINES)):
        if line > first and state.isEmpty(line):
            return None
        if mark in state.src[max(place, state.bMarks[line]) : state.eMarks[line]]:
            return line
    return None


def _highlight(state: Any, first: int, last: int, silent: bool) -> bool:
    """A block of code between `highlight` and its end."""
    start = state.bMarks[first] + state.tShift[first]
    opening = HIGHLIGHT.match(state.src, start)
    # Whoever looked for an end behind this place in vain need not look again.
    if opening is None or state.env.get("no_highlight_end"):
        return False
    closing = HIGHLIGHT_END.search(state.src, opening.end())
    if closing is None:
        state.env["no_highlight_end"] = True
        return False
    end = next((line for line in range(first, last) if state.eMarks[line] >= closing.end()), None)
    if end is None:
        return False
    if not silent:
        state.line = end + 1
        token = state.push("fence", "code", 0)
        token.info, token.markup, token.map = opening[1] or "", "```", [first, state.line]
        token.content = state.getLines(first + 1, end, state.sCount[first], True)
    return True


def _languages(state: Any) -> None:
    """A fence's language is its first word: `rust,ignore` and `go {linenos=true}` say more than that."""
    for token in state.tokens:
        if token.type == "fence" and token.info:
            token.info = INFO.split(token.info.strip(), maxsplit=1)[0]
