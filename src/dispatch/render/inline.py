"""CSS inlined into style attributes: the only importer of premailer and cssutils.

premailer gets a tree parsed by html5lib, for lxml's own HTML parser drops a lower-case doctype, takes the link
from `<a><table>` and deletes what is nested deeper than 254. Nothing is ever fetched, whatever a style sheet
imports. premailer shares state between threads, so one lock guards it.
"""

import logging
import os
import threading
from functools import lru_cache
from typing import Any

os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "4096")  # read once, at the import below

import cssutils
from lxml.etree import _ElementTree
from premailer import Premailer

from dispatch.render.tree import parse_page, serialise

KEPT = "data-premailer"  # marks a style sheet that stays as it is
_LOCK = threading.Lock()
_OPTIONS = {
    "allow_network": False,
    "keep_style_tags": False,
    "strip_important": False,  # else the media queries that stay lose theirs
    "disable_validation": True,
    "disable_basic_attributes": ["width", "height", "align", "valign", "bgcolor"],
    "align_floating_images": False,
    "cssutils_logging_level": logging.CRITICAL,
}


_SHEETS = 64  # style sheets whose rules are remembered: a few a publication and language


class _Inliner(Premailer):  # type: ignore[misc]  # it has no types
    """premailer, which reads a style sheet once instead of once a page: that was most of its time."""

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        rules, leftover = _rules(css_body, ruleset_index)
        return list(rules), list(leftover)


@lru_cache(_SHEETS)
def _rules(style: str, index: int) -> tuple[list[Any], list[Any]]:
    """What premailer makes of a style sheet; `index` is its place among those of a page."""
    rules, leftover = Premailer("<p></p>", **_OPTIONS)._parse_style_rules(style, index)
    return rules, leftover


def _fetch_nothing(_url: str) -> None:
    """Stand in for cssutils' fetcher: an @import finds nothing."""


cssutils.util._defaultFetcher = _fetch_nothing
cssutils.ser.prefs.minimizeColorHash = False  # some clients read no three-digit colours


def inline(page: str) -> str:
    """The page with its `<style>` elements inlined, those marked data-premailer="ignore" kept as they are.

    Takes a whole HTML document whose style sheets use type, class and descendant selectors only.
    """
    tree = parse_page(page)
    inline_tree(tree)
    return serialise(tree)


def inline_tree(tree: _ElementTree) -> None:
    """The same for a document that html5lib has parsed, in place."""
    with _LOCK:
        _Inliner(tree.getroot(), **_OPTIONS).transform()
    for element in tree.iter():
        if style := element.attrib.get("style"):
            element.set("style", str(style).replace('"', "'"))  # so that all attributes stand in double quotes
