"""Markdown becomes HTML: CommonMark with tables, strikethrough, footnotes, task lists and definition lists.

The only importer of markdown-it.
"""

import re

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from dispatch.content.limits import cut_brackets, flatten_marks

# `limits.flatten_marks` keeps text above this: what lies deeper the parser would drop without a word.
NESTING = 200
INLINE_TAG = re.compile(r"</?(?:b|i|em|strong|code|sub|sup|span|small|mark|abbr|kbd|wbr|br)(?:\s[^<>]*)?/?>", re.I)
FENCE = re.compile(r"(?:(?<=\n)|^)(`{3,}|~{3,}).*?(?:\n\1|\Z)", re.S)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": NESTING, "html": True})
    parser.enable(["table", "strikethrough"])
    return parser.use(footnote_plugin, always_match_refs=True).use(tasklists_plugin).use(deflist_plugin)


BODY = _parser()
TITLE = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def to_html(text: str) -> str:
    """The Markdown text as HTML, not yet safe."""
    return str(BODY.render(cut_brackets(flatten_marks(text))))


def plain_line(text: str) -> str:
    """A line of Markdown, such as a title, without its marks: `*new* in `x`` → new in x."""
    shown = []
    for token in TITLE.parseInline(INLINE_TAG.sub("", text))[0].children or []:
        shown.append(" " if token.type in ("softbreak", "hardbreak") else token.content)
    return " ".join("".join(shown).split())
