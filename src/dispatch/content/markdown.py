"""Markdown becomes HTML: CommonMark with tables, strikethrough, footnotes, task lists and definition lists.

The only importer of markdown-it.
"""

import re
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from dispatch.content import markdown_rules
from dispatch.content.limits import HIDDEN_BRACKET, flatten_marks, hide_brackets
from dispatch.content.notes import Notes

# `limits.flatten_marks` keeps text above this: what lies deeper the parser would drop without a word.
NESTING = 200
INLINE_TAG = re.compile(r"</?(?:b|i|em|strong|code|sub|sup|span|small|mark|abbr|kbd|wbr|br)(?:\s[^<>]*)?/?>", re.I)
BRACKETS = "A paragraph holds too many [ that are never closed; some of its links may be shown as text. Part it in two."


def _hide_brackets(state: StateCore) -> None:
    """Only what is read for links: a block of code is no such token, and rendering shows all brackets again."""
    for token in state.tokens:
        if token.type == "inline":
            before, token.content = token.content, hide_brackets(token.content)
            state.env["brackets"] = state.env.get("brackets") or token.content != before


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": NESTING, "html": True})
    parser.enable(["table", "strikethrough"])
    parser.core.ruler.before("inline", "brackets", _hide_brackets)
    parser.use(footnote_plugin, always_match_refs=True).use(tasklists_plugin).use(deflist_plugin)
    return parser.use(markdown_rules.use)


BODY = _parser()
TITLE = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def to_html(text: str, notes: Notes) -> str:
    """The Markdown text as HTML, not yet safe."""
    env: dict[str, Any] = {}
    html = str(BODY.render(flatten_marks(text), env))
    if not env.get("brackets"):
        return html
    notes.add(BRACKETS)
    return html.replace(HIDDEN_BRACKET, "[").replace(quote(HIDDEN_BRACKET), "%5B")


def plain_line(text: str) -> str:
    """A line of Markdown, such as a title, without its marks: `*new* in `x`` → new in x."""
    shown = []
    for token in TITLE.parseInline(INLINE_TAG.sub("", text))[0].children or []:
        shown.append(" " if token.type in ("softbreak", "hardbreak") else token.content)
    return " ".join("".join(shown).split())
