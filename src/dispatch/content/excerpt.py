"""A post in a few plain words."""

import re

from dispatch.content.tree import Element, comments, text_before, text_of

MAX_CHARACTERS = 300
ENOUGH = 80  # characters: a first paragraph shorter than this takes the next one in
SKIPPED = ("table", "pre", "figure", "section", "nav")


def summarise(tree: Element) -> str:
    """The text before `<!--more-->`, else the first paragraphs; plain, at most 300 characters, cut at a word's end."""
    for comment in comments(tree):
        if re.match(r"\s*more\b", comment.text or "", re.I) and (before := text_before(tree, comment)):
            return shorten(before)
    return shorten(_first_paragraphs(tree))


def _first_paragraphs(tree: Element) -> str:
    taken = ""
    for paragraph in tree.iter("p"):
        if "data-caption" in paragraph.attrib or any(parent.tag in SKIPPED for parent in paragraph.iterancestors()):
            continue
        taken = f"{taken} {_without_notes(paragraph)}".strip()
        if len(taken) >= ENOUGH:
            break
    return taken or text_of(tree)


def _without_notes(paragraph: Element) -> str:
    """The paragraph's text without the numbers of footnotes."""
    texts = paragraph.xpath(".//text()[not(ancestor::sup[a[starts-with(@href, '#')]])]")
    return " ".join("".join(texts).split())


def shorten(text: str, limit: int = MAX_CHARACTERS) -> str:
    """The text on one line in at most `limit` characters, cut at a word's end where that leaves half of it."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at_word = cut if text[limit - 1] == " " else cut.rpartition(" ")[0]
    return (at_word if len(at_word) >= limit // 2 else cut).rstrip(" ,;:.–—-(") + "…"
