"""Which rules for dark mode meet which element: the only importer of cssselect."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from cssselect import HTMLTranslator, SelectorError, parse
from cssselect.parser import Selector
from lxml.etree import _Element

from dispatch.render.styles import Block, blocks, declarations

_XPATH = HTMLTranslator()


def darkened(root: _Element, css: str) -> dict[_Element, Mapping[str, str]]:
    """What dark mode lays over each element that a rule meets; the more specific rule wins, then the later one.

    Only what is marked `!important`: all else loses against the styles inlined.
    """
    meetings = [(one.specificity(), one, rule) for rule in _dark_rules(css) for one in _selectors(rule)]
    over: dict[_Element, dict[str, str]] = {}
    for _, selector, rule in sorted(meetings, key=lambda meeting: meeting[0]):
        for element in _met(root, selector):
            over.setdefault(element, {}).update(declarations(rule.body, important=True))
    return dict(over)


def _dark_rules(css: str) -> Iterator[Block]:
    for block in blocks(css):
        if block.is_at_rule and "prefers-color-scheme" in block.head and "dark" in block.head:
            yield from (rule for rule in blocks(block.body) if not rule.is_at_rule)


def _selectors(rule: Block) -> list[Selector]:
    """The rule's selectors; none where one is beyond us, for then it meets nothing here."""
    with suppress(SelectorError):
        return list(parse(rule.head))
    return []


def _met(root: _Element, selector: Selector) -> list[_Element]:
    with suppress(SelectorError):
        found = root.xpath(_XPATH.selector_to_xpath(selector, prefix="descendant-or-self::"))
        return [one for one in found if isinstance(one, _Element)] if isinstance(found, list) else []
    return []
