"""Ids inside a post carry the post's name, so that two posts in one digest do not collide."""

from urllib.parse import unquote

from dispatch.content.tree import Element, elements


def targets(tree: Element) -> frozenset[str]:
    """The names that links of the post point at within it."""
    return frozenset(
        unquote(href[1:]) for link in elements(tree, "a") if (href := link.get("href", "")).startswith("#")
    )


def prefix(tree: Element, slug: str) -> None:
    """Put `slug` before each id that a link points at, and into the links; other ids go, for nobody uses them."""
    wanted = targets(tree)
    start = slug.replace("/", "-")
    ids = _keep_wanted(tree, wanted, start)
    for link in elements(tree, "a"):
        href = link.get("href", "")
        if href.startswith("#") and unquote(href[1:]) in ids:
            link.set("href", f"#{start}-{unquote(href[1:])}")


def _keep_wanted(tree: Element, wanted: frozenset[str], start: str) -> set[str]:
    ids: set[str] = set()
    for element in tree.iter("*"):
        name = element.attrib.pop("id", None) or (element.attrib.pop("name", None) if element.tag == "a" else None)
        if name in wanted and name not in ids:
            ids.add(name)
            element.set("id", f"{start}-{name}")
    return ids
