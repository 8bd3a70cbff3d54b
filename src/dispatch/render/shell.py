"""A page with places for pieces of HTML: page and pieces get their styles by themselves, each once.

A piece looks as if it had stood in the page from the start, for it is styled amid the elements around its place; a
style sheet of type, class and descendant selectors can tell no difference. So what many editions share is inlined once.
"""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache

from lxml.etree import _Element, _ElementTree

from dispatch.errors import TemplateError
from dispatch.render.inline import KEPT, inline_tree
from dispatch.render.tree import parse_page, serialise, serialise_children

_PLACE = "data-place"
MISPLACED = (
    "templates/email/: the HTML of a post and the intro have to stand alone in an element, without a filter, and once: "
    "<div>{{ post.html }}</div>."
)
_REMEMBERED = 32  # pieces, of at most some 100 KB each


class Shell:
    """A page of ours. Where a name of `places` is the only text of an element, a piece can stand.

    Raises TemplateError for a page that holds such a name anywhere else, or more than once.
    """

    def __init__(self, page: str, places: tuple[str, ...]) -> None:
        self._tree = parse_page(page)
        self._style = _style(self._tree)
        self._around = {place: _around(element) for place, element in _found(self._tree, places).items()}
        for place in places:
            if page.lower().count(place.lower()) != (place in self._around):
                raise TemplateError(MISPLACED)

    @cached_property
    def html(self) -> str:
        """The page with its styles inlined, the names of its places still in it."""
        inline_tree(self._tree)
        return serialise(self._tree)

    def styled(self, place: str, html: str) -> str:
        """A piece as it stands at that place; empty where the page has no such place."""
        around = self._around.get(place)
        return _styled(self._style, around, html) if around is not None and html else ""

    def filled(self, pieces: Mapping[str, str]) -> str:
        """The page with styled pieces at their places."""
        if not self._around:
            return self.html
        places = re.compile("|".join(map(re.escape, self._around)))
        return places.sub(lambda found: pieces[found[0]], self.html)


@lru_cache(_REMEMBERED)
def _styled(style: str, around: tuple[str, ...], html: str) -> str:
    """A piece within these start tags, its styles inlined by this style sheet."""
    opened = "".join(around[:-1]) + around[-1].replace(">", f" {_PLACE}>")
    page = f"<!DOCTYPE html><html><head><style>{style}</style></head>{opened}{html}"
    tree = parse_page(page)
    inline_tree(tree)
    return serialise_children(next(element for element in tree.iter() if element.get(_PLACE) is not None))


def _style(tree: _ElementTree) -> str:
    """All style sheets that are to be inlined."""
    return "".join(element.text or "" for element in tree.iter("style") if element.get(KEPT) is None)


def _found(tree: _ElementTree, places: tuple[str, ...]) -> dict[str, _Element]:
    texts = {(element.text or "").strip(): element for element in tree.iter() if isinstance(element.tag, str)}
    return {place: texts[place] for place in places if place in texts}


def _around(element: _Element) -> tuple[str, ...]:
    """The start tags from <body> to the element: all of them that a selector of ours can name."""
    chain = [element, *element.iterancestors()]
    return tuple(_start(one) for one in reversed(chain) if one.tag != "html")


def _start(element: _Element) -> str:
    classes = element.get("class")
    return f'<{element.tag} class="{classes}">' if classes else f"<{element.tag}>"
