"""A post's headings start at h2: the page, the mail and the digest put the title above them."""

from collections.abc import Callable

from dispatch.content.slug import make_slug
from dispatch.content.tree import Element, elements, text_of, unwrap

LEVELS = ("h1", "h2", "h3", "h4", "h5", "h6")


def first_h1(tree: Element) -> str:
    """The text of the first h1, or nothing."""
    return next((text for heading in elements(tree, "h1") if (text := text_of(heading))), "")


def drop_title(tree: Element, title: str) -> None:
    """Take the first h1 out where it only says the title again."""
    for heading in elements(tree, "h1")[:1]:
        if _same(text_of(heading), title):
            heading.drop_tree()


def _same(one: str, other: str) -> bool:
    letters: Callable[[str], str] = lambda text: "".join(filter(str.isalnum, text.casefold()))  # noqa: E731
    return letters(one) == letters(other)


def shift(tree: Element) -> None:
    """Move all headings by as many levels as bring the highest to h2, and none more than one below the one before.

    Nothing goes below h6. Empty ones go.
    """
    headings = elements(tree, *LEVELS)
    for heading in headings:
        if not text_of(heading) and heading.find(".//img") is None:
            unwrap(heading)
    headings = [heading for heading in headings if heading.tag in LEVELS]
    by = 2 - min((LEVELS.index(str(heading.tag)) + 1 for heading in headings), default=2)
    level = 1
    for heading in headings:
        level = min(LEVELS.index(str(heading.tag)) + 1 + by, level + 1, 6)
        heading.tag = LEVELS[level - 1]


def anchor(tree: Element, wanted: frozenset[str]) -> None:
    """Give an id to each heading that a link of the post points at as site generators would have named it."""
    known = {element.get("id") for element in tree.iter("*")}
    for heading in elements(tree, *LEVELS):
        name = make_slug(text_of(heading))
        if name in wanted and name not in known and not heading.get("id"):
            heading.set("id", name)
            known.add(name)
