"""What publishing programs put around and between the words of a post, as plain elements or not at all.

Bookmark cards (Ghost, Notion, WordPress) become links, players' buttons and line numbers go, callouts keep their kind.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dispatch.content.tree import Element, classes, elements, make, replace, text_of

# Buttons, icons and menus that mean nothing without the program behind them.
FURNITURE_IN_WORDS = (
    "addtoany_share_save_container anchor-link anchorjs-link copy-button header-anchor heading-anchor headerlink "
    "jp-relatedposts kg-audio-player kg-audio-thumbnail kg-file-card-icon kg-toggle-card-icon kg-video-overlay "
    "kg-video-player-container line-numbers-rows lineno linenos lnt rouge-gutter sharedaddy zola-anchor"
)
FURNITURE = frozenset(FURNITURE_IN_WORDS.split())
NUMBERED = frozenset({"lntable", "rouge-table", "highlighttable", "rouge-line-table"})
BOOKMARKS = frozenset({"kg-bookmark-container", "bookmark"})
TITLES = frozenset({"kg-bookmark-title", "bookmark-title"})
DESCRIPTIONS = frozenset({"kg-bookmark-description", "bookmark-description"})
HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none\b", re.I)
ADDRESS = re.compile(r"https?://\S+")
CALLOUT = re.compile(r"\[!([a-z]+)\][+-]?[ \t]*([^\n]*)\n?", re.I)  # of GitHub and Obsidian
SIGNS = "#¶§🔗"


def plain_cards(tree: Element) -> None:
    """Make the cards of a post's body plain."""
    for element in elements(tree, "*"):
        if element.getparent() is not None and isinstance(element.tag, str):
            change = _change(element)
            if change:
                change(element)


def _change(element: Element) -> Callable[[Element], None] | None:
    named = classes(element)
    if element.get("hidden") is not None or named & FURNITURE or HIDDEN.search(element.get("style") or ""):
        return _drop
    for known, change in BY_CLASS.items():
        if named & known:
            return change
    return BY_TAG.get(element.tag)


def _drop(element: Element) -> None:
    element.drop_tree()


def _code(table: Element) -> None:
    """A table of line numbers and code is its code."""
    blocks = list(table.iter("pre"))
    if blocks:
        replace(table, blocks[-1])


def _bookmark(link: Element) -> None:
    address, title, description = link.get("href"), _worded(link, TITLES), _worded(link, DESCRIPTIONS)
    if not (address and title):
        return
    paragraph = make("p")
    paragraph.append(make("a", title, href=address))
    if description and description != title:
        paragraph.append(make("br"))
        paragraph[-1].tail = description
    replace(link, paragraph)


def _worded(element: Element, names: frozenset[str]) -> str:
    return next((text_of(inner) for inner in element.iter("*") if classes(inner) & names), "")


def _embed(wrapper: Element) -> None:
    """WordPress fills an address in a wrapper with what it finds there."""
    text = wrapper.text_content().strip()
    if len(wrapper) == 0 and ADDRESS.fullmatch(text):
        wrapper.text = None
        wrapper.append(make("iframe", src=text))


def _other_blog(element: Element) -> None:
    """Beside the frame of another WordPress blog stands its link, which is enough."""
    if element.tag == "iframe":
        element.drop_tree()


def _instagram(quotation: Element) -> None:
    if address := quotation.get("data-instgrm-permalink"):
        paragraph = make("p")
        paragraph.append(make("a", "Post on Instagram", href=address.partition("?")[0]))
        replace(quotation, paragraph)


def _lite_video(element: Element) -> None:
    if video := element.get("videoid"):
        title = element.get("playlabel") or element.get("title")
        titled = {"title": title.removeprefix("Play: ")} if title else {}
        replace(element, make("iframe", src=f"https://www.youtube.com/embed/{video}", **titled))


def _callout(quotation: Element) -> None:
    """`> [!NOTE]` opens a quotation that is none."""
    first = next(iter(quotation), None)
    match = CALLOUT.match((first.text or "").lstrip()) if first is not None and first.tag == "p" else None
    if first is None or match is None:
        return
    label = make("strong", f"{(match[2] or match[1].capitalize()).strip()}:")
    label.tail = " " + (first.text or "").lstrip()[match.end() :]
    first.text = None
    first.insert(0, label)


def _permalink(link: Element) -> None:
    """A sign behind a heading that leads to it."""
    if (link.get("href") or "").startswith("#") and text_of(link) and not text_of(link).strip(SIGNS):
        link.drop_tree()


BY_CLASS: Mapping[frozenset[str], Callable[[Element], None]] = MappingProxyType(
    {
        NUMBERED: _code,
        BOOKMARKS: _bookmark,
        frozenset({"wp-block-embed__wrapper"}): _embed,
        frozenset({"wp-embedded-content"}): _other_blog,
        frozenset({"instagram-media"}): _instagram,
    }
)
BY_TAG: Mapping[str, Callable[[Element], None]] = MappingProxyType(
    {"a": _permalink, "blockquote": _callout, "lite-youtube": _lite_video}
)
