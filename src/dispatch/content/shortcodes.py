"""What another program would have filled in. It is never shown as it is written.

A few shortcodes mean something that mail can show, as `shortcode_meaning` knows. All others are taken out and their
author is told; of a pair, such as `{{% note %}} … {{% /note %}}`, what stands between stays. Code is left as it is, and
so is any `{{ name }}` in prose, for that is how people write about templates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from dispatch.content.notes import Notes
from dispatch.content.running import put, running_text
from dispatch.content.shortcode_call import CALLS, Call, read_call
from dispatch.content.shortcode_meaning import MEANINGS, SILENT, filled_address
from dispatch.content.tree import Element

MARKS = ("{{", "{%", "[", ":::")
TAKEN = (
    "The shortcode {!r} was taken out: only the program that it was written for can run it. Write what it stands for."
)


def fill_shortcodes(tree: Element, notes: Notes) -> None:
    """Replace the shortcodes in running text and in addresses."""
    for name in ("href", "src"):
        for element in tree.iter("*"):
            if (address := element.get(name)) and (address.startswith("@/") or "{" in address):
                element.set(name, filled_address(address))
    found = [(element, is_tail, [*_pieces(text)]) for element, is_tail, text in running_text(tree, *MARKS)]
    closed = {
        part.call.name for _, _, parts in found for part in parts if isinstance(part, _Found) and part.call.closes
    }
    for element, is_tail, parts in found:
        if len(parts) > 1:
            put(element, is_tail, [*chain.from_iterable(_shown(part, closed, notes) for part in parts)])
            _drop_if_empty(element.getparent() if is_tail else element, tree)


@dataclass(frozen=True, slots=True)
class _Found:
    """A shortcode in its place."""

    call: Call
    written: str


def _pieces(text: str) -> Iterator[str | _Found]:
    """Text and shortcodes in turns; one piece where there is none."""
    place = 0
    for match in CALLS.finditer(text):
        call = read_call(match)
        if call is not None:
            yield text[place : match.start()]
            yield _Found(call, match[0])
            place = match.end()
    yield text[place:]


def _shown(part: str | _Found, closed: set[str], notes: Notes) -> Iterator[str | Element]:
    """What stands in a part's place."""
    if isinstance(part, str):
        yield part
    elif not part.call.name:
        yield part.call.shown
    elif not part.call.closes and not (part.call.name in SILENT and part.call.name in closed):
        yield from _meaning(part, notes)


def _meaning(part: _Found, notes: Notes) -> Iterator[Element]:
    find = MEANINGS.get(part.call.name)
    found = find(part.call) if find else None
    if found is None:
        notes.add(TAKEN.format(" ".join(part.written.split())[:60]), about=part.written.partition("\n")[0])
    else:
        yield found


def _drop_if_empty(element: Element, tree: Element) -> None:
    """A paragraph that held nothing but shortcodes goes with them; one with a figure alone is that figure."""
    if element is tree or element.tag != "p":
        return
    words = (element.text or "") + "".join(child.tail or "" for child in element)
    if not words.strip() and all(child.tag == "figure" for child in element):
        element.drop_tag()
