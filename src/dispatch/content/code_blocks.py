"""Blocks of code as other programs wrote them: the language found, their colours taken off, so that ours can go on."""

import re
from itertools import islice

from dispatch.content.tree import Element, elements, make

# Rouge and Prism, Google's prettify, GitHub, SyntaxHighlighter (WordPress).
LANGUAGE = re.compile(r"(?:language|lang|highlight-source|highlight|brush|sourceCode)[-:]\s*([\w+#.-]+)")
NO_LANGUAGE = frozenset({"none", "plaintext", "text", "plain", "nohighlight", "source", "highlighter", "rouge"})
COLOURING = frozenset({"span", "div", "code", "br", "font", "b", "i", "ins", "x-unwrapped"})
AROUND = 3  # elements around a block that may name its language


def mark_code(tree: Element) -> None:
    """Make blocks of code in a known language `<pre><code class="language-…">` with nothing but text in it."""
    for block in elements(tree, "pre"):
        language = _language(block, tree)
        tags = {inner.tag for inner in block.iterdescendants()}
        if language and COLOURING.issuperset(tags) and tags != {"code"}:
            _plain(block)
        if language and block.find("code") is not None:
            block.find("code").set("class", f"language-{language}")


def _language(block: Element, tree: Element) -> str:
    """What a block, the code in it or an element close around it says."""
    places = [*block.iter("code"), block]
    for around in list(block.iterancestors())[:AROUND]:
        if around is tree or len(list(islice(around.iter("pre"), 2))) != 1:
            break
        places.append(around)
    return next((name for place in places if (name := _named(place))), "")


def _named(element: Element) -> str:
    given = element.get("data-lang") or element.get("data-language") or ""
    found = (match[1] for match in LANGUAGE.finditer(element.get("class") or ""))
    return next((name.lower() for name in (given, *found) if name and name.lower() not in NO_LANGUAGE), "")


def _plain(block: Element) -> None:
    for line_end in block.iter("br"):
        line_end.text = "\n"
    text = block.text_content()
    for child in list(block):
        block.remove(child)
    block.text = None
    block.append(make("code", text))
