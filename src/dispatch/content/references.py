"""Characters that came in by references such as `&#146;`, once the text itself was clean already."""

from dispatch.content.text_clean import clean_text
from dispatch.content.tree import Element

SAID = ("alt", "title", "aria-label")


def clean_references(tree: Element) -> None:
    """Clean the words of a tree as the text of a post is cleaned."""
    for element in tree.iter("*"):
        element.text, element.tail = _clean(element.text), _clean(element.tail)
        for name in SAID:
            if name in element.attrib:
                element.set(name, clean_text(element.get(name)))


def _clean(text: str | None) -> str | None:
    return text if text is None or text.isascii() else clean_text(text)
