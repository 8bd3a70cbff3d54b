"""How big and how deep a post may be. A scanner in linear time rewrites HTML so that no parser sees it deeper.

Parsers of HTML are slow, or silently lose text, on elements nested thousands deep. The scanner reads tags as the
tokeniser of the HTML Standard (13.2.5) does, keeps a stack of open elements, and writes every end tag itself: what it
writes is well nested, so that a later parser cannot read it deeper than the scanner did.
"""

import re
from collections import Counter

from dispatch.errors import ContentError
from dispatch.model.post import MAX_BYTES

MAX_DEPTH = 100
MAX_BRACKETS = 100  # of links that were opened and not closed, in one paragraph
MIN_BRACKETS = 8  # that many even the longest paragraph may hold
BRACKET_WORK = 600_000  # characters that may be read again in one paragraph, for brackets that never close
HIDDEN_BRACKET = "\ufdd0"  # a non-character, which no cleaned text holds
MAX_MARKS = 40  # nested quotations and lists of Markdown, each up to two elements

TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)
    (?P<rest>(?:[\s/]++|=?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+|=)*+)>""",
    re.X,
)
PLAIN_NAME = re.compile(r"[a-z][a-z0-9-]*")
OPENING = re.compile(r"<(?=[a-zA-Z/!?])")
COMMENT_END = re.compile(r"--!?>")
FORMULA = re.compile(r"""\stype\s*=\s*["']?math/tex(\s*;\s*mode=display)?""", re.I)  # as MathJax 2 and kramdown have it
CDATA = re.compile(r"%\s*<!\[CDATA\[|%\s*\]\]>")
GIST = re.compile(r"""\ssrc\s*=\s*["']?(https://gist\.github\.com/[\w/-]+)\.js""", re.I)
MORE = re.compile(r"\s*more\b[^<>-]{0,200}\s*", re.I)
VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "keygen",
        "frame",
    ]
)
ENDED = frozenset(["embed", "source", "track", "wbr", "keygen"])  # void, but libxml2 looks for their end
# Elements whose content is no markup: those that are dropped with it, and those whose text counts.
DROPPED = frozenset(["script", "style", "xmp", "noembed", "noframes", "iframe"])
TEXT_ONLY = frozenset(["title", "textarea"])
UNWRAPPED = frozenset(["plaintext", "template", "frameset"])
BLOCKS_IN_WORDS = (
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 "
    "h3 h4 h5 h6 header hgroup hr main menu nav ol p pre section summary table ul"
)
BLOCKS = frozenset(BLOCKS_IN_WORDS.split())
# An element that ends by itself where one of these starts (HTML Standard, 13.1.2.4 Optional tags).
ENDED_BY = {
    "p": BLOCKS,
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "option": frozenset({"option", "optgroup"}),
    "td": frozenset({"td", "th", "tr", "tbody", "thead", "tfoot"}),
    "th": frozenset({"td", "th", "tr", "tbody", "thead", "tfoot"}),
    "tr": frozenset({"tr", "tbody", "thead", "tfoot"}),
    "thead": frozenset({"tbody", "tfoot"}),
    "tbody": frozenset({"tbody", "tfoot"}),
    "a": frozenset({"a"}),
}
LINE_MARKS = re.compile(r"[ \t]*+(?:(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*+)++")
MARK = re.compile(r"(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*+")
NO_TEXT = re.compile(r"[`<\\]")
DEEP_INDENT = re.compile(r"[ \t]{80,}+(?=[-*+>]|\d{1,9}[.)])")


def check_size(data: bytes) -> None:
    """Raise ContentError for more than 2 MiB."""
    if len(data) > MAX_BYTES:
        raise ContentError(
            f"is {len(data) / 1024 / 1024:.1f} MiB; a post may have 2 MiB. Split it, or put pictures in files."
        )


def flatten_marks(text: str) -> str:
    """Markdown in which no line opens more than 40 quotations and lists; the text itself stays."""
    if not re.search(r"^[ \t]*+(?:(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*+){41}|^[ \t]{80}", text, re.M):
        return text
    return "\n".join(_flat_line(line) for line in text.split("\n"))


def hide_brackets(text: str) -> str:
    """A paragraph of Markdown in which at most 100 [ wait for their ], fewer where it is long; others are hidden.

    Each of them makes a parser read the rest of the paragraph again. A ] counts only where nothing between it and the
    bracket before could make it something else: code, markup, a backslash.
    """
    allowed = min(MAX_BRACKETS, max(MIN_BRACKETS, BRACKET_WORK // (len(text) + 1)))
    if text.count("[") <= allowed:
        return text
    waiting, pieces = 0, re.split(r"([\[\]])", text)
    for index in range(1, len(pieces), 2):
        if pieces[index] == "]":
            waiting -= 1 if waiting and not NO_TEXT.search(pieces[index - 1]) else 0
        elif waiting < allowed:
            waiting += 1
        else:
            pieces[index] = HIDDEN_BRACKET
    return "".join(pieces)


def _flat_line(line: str) -> str:
    line = DEEP_INDENT.sub(" " * 80, line, count=1) if line.startswith((" ", "\t")) else line
    match = LINE_MARKS.match(line)
    if match is None:
        return line
    marks = list(MARK.finditer(match[0]))
    return line if len(marks) <= MAX_MARKS else line[: marks[MAX_MARKS - 1].end()] + line[match.end() :]


def flatten(html: str, depth: int = MAX_DEPTH) -> str:
    """The same HTML, well nested and at most `depth` elements deep; what lies deeper loses its tags, not its text.

    Comments go, all but `<!--more-->`; so do scripts and styles with their content.
    """
    return _Scanner(html, depth).run()


class _Scanner:
    """One reading of one text. Elements too deep are on the stack too, so that their end tags find them."""

    def __init__(self, html: str, depth: int) -> None:
        self.html = html
        self.limit = depth
        self.written: list[str] = []
        self.stack: list[tuple[str, bool]] = []  # name, and whether its tag was written
        self.open: Counter[str] = Counter()
        self.depth = 0

    def run(self) -> str:
        position = 0
        while match := OPENING.search(self.html, position):
            self._text(self.html[position : match.start()])
            position = self._markup(match.start())
        self._text(self.html[position:])
        while self.stack:
            self._pop()
        return "".join(self.written)

    def _text(self, piece: str) -> None:
        """A < that opens nothing must not open something once the tag behind it is gone."""
        self.written.append(piece.replace("<", "&lt;"))

    def _markup(self, start: int) -> int:
        """Deal with what opens at `start`; answer where reading goes on."""
        if self.html[start + 1] in "!?":
            return self._comment(start)
        tag = TAG.match(self.html, start)
        if tag is None:
            return self._unfinished(start)
        name = tag["name"].lower()
        if tag["end"]:
            self._end(name)
            return tag.end()
        return self._start(name, tag)

    def _unfinished(self, start: int) -> int:
        """A tag that the text ends in: its characters are text, and so is all that follows."""
        if self.html.startswith("</", start) and not self.html[start + 2 : start + 3].isalpha():
            end = self.html.find(">", start)
            return end + 1 if end >= 0 else len(self.html)
        self.written.append(self.html[start:].replace("<", "&lt;"))
        return len(self.html)

    def _comment(self, start: int) -> int:
        if not self.html.startswith("<!--", start):
            end = self.html.find(">", start)
            return end + 1 if end >= 0 else len(self.html)
        if self.html.startswith((">", "->"), start + 4):
            return self.html.index(">", start + 4) + 1
        end_match = COMMENT_END.search(self.html, start + 4)
        if end_match and MORE.fullmatch(self.html, start + 4, end_match.start()):
            self.written.append("<!--more-->")
        return end_match.end() if end_match else len(self.html)

    def _start(self, name: str, tag: re.Match[str]) -> int:
        if name in DROPPED or name in TEXT_ONLY:
            return self._opaque(name, tag)
        if name in UNWRAPPED or not PLAIN_NAME.fullmatch(name):
            return tag.end()
        while self.stack and name in ENDED_BY.get(self.stack[-1][0], ()):
            self._pop()
        if name in VOID:
            self.written.append(f"<{name}{_attributes(tag)}>" + (f"</{name}>" if name in ENDED else ""))
            return tag.end()
        if tag["rest"].endswith("/") and (self.open["svg"] or self.open["math"]):
            if self.depth < self.limit:
                self.written.append(f"<{name}{_attributes(tag)}></{name}>")
            return tag.end()
        self._push(name, tag)
        return tag.end()

    def _push(self, name: str, tag: re.Match[str]) -> None:
        shown = self.depth < self.limit
        self.stack.append((name, shown))
        self.open[name] += 1
        if shown:
            self.depth += 1
            self.written.append(f"<{name}{_attributes(tag)}>")

    def _opaque(self, name: str, tag: re.Match[str]) -> int:
        end = re.compile(rf"</{name}(?=[\s/>])[^>]*+>", re.I).search(self.html, tag.end())
        stop = end.start() if end else len(self.html)
        if name in TEXT_ONLY:
            self.written.append(f"<{name}>{self.html[tag.end() : stop].replace('<', '&lt;')}</{name}>")
        elif name == "iframe":
            self.written.append(f"<iframe{_attributes(tag)}></iframe>")
        elif name == "script":
            self.written.append(_shown_script(tag["rest"], self.html[tag.end() : stop]))
        return end.end() if end else stop

    def _end(self, name: str) -> None:
        while self.open[name] and self._pop() != name:
            pass

    def _pop(self) -> str:
        name, shown = self.stack.pop()
        self.open[name] -= 1
        if shown:
            self.depth -= 1
            self.written.append(f"</{name}>")
        return name


def _shown_script(rest: str, inner: str) -> str:
    """What a script would show, where that is known without running it: a formula, a gist."""
    if formula := FORMULA.search(rest):
        display = ' display="block"' if formula[1] else ""
        return f"<x-formula{display}>{CDATA.sub('', inner).replace('<', '&lt;')}</x-formula>"
    gist = GIST.search(rest)
    return f'<iframe src="{gist[1]}"></iframe>' if gist else ""


def _attributes(tag: re.Match[str]) -> str:
    """A tag's attributes. No parser may see another tag in them, nor a slash that would close the element."""
    return tag["rest"].rstrip().rstrip("/").replace("<", "&lt;")
