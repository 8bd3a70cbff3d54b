"""Tables: a cell's alignment as an attribute, for styles do not survive the cleaning."""

import re

from dispatch.content.tree import Element, elements

ALIGNED = re.compile(r"text-align\s*:\s*(left|right|center)", re.I)


def align(tree: Element) -> None:
    """Turn `style="text-align:right"` on cells into `align="right"`."""
    for cell in elements(tree, "td", "th"):
        if match := ALIGNED.search(cell.get("style", "")):
            cell.set("align", match[1].lower())
