"""The running text of a post: what stands outside code, to be read as words, and what is put in its place."""

from collections.abc import Iterator, Sequence

from dispatch.content.tree import Element, insert_after

AS_WRITTEN = frozenset({"code", "pre", "kbd", "samp", "var", "textarea", "x-formula"})


def running_text(
    tree: Element, *marks: str, outside: frozenset[str] = AS_WRITTEN
) -> Iterator[tuple[Element, bool, str]]:
    """Each text that holds one of the marks, with the element that it is the text of, or (True) follows.

    Elements named in `outside` are left out. What is yielded may be changed meanwhile.
    """
    for element in list(tree.iter("*")):
        for is_tail, text in ((True, element.tail), (False, element.text)):
            place = element.getparent() if is_tail else element
            if text and place is not None and any(mark in text for mark in marks) and not _within(place, outside):
                yield element, is_tail, text


def _within(element: Element | None, names: frozenset[str]) -> bool:
    while element is not None:
        if element.tag in names:
            return True
        element = element.getparent()
    return False


def put(element: Element, is_tail: bool, pieces: Sequence[str | Element]) -> None:
    """Put text and elements in turns where a text was."""
    text, others = "", list[Element]()
    for piece in pieces:
        if not isinstance(piece, str):
            piece.tail = ""
            others.append(piece)
        elif others:
            others[-1].tail += piece
        else:
            text += piece
    if is_tail:
        insert_after(element, text, others)
    else:
        element.text, element[0:0] = text, others
