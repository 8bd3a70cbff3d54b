"""Code in colours that survive mail: inline styles, contrast fit for white. The only importer of pygments."""

import re
from functools import lru_cache
from html import escape, unescape

from pygments import highlight as colour
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

BLOCK = re.compile(r'<pre><code class="language-([^"\s]+)">(.*?)</code></pre>', re.S)
# Code beyond is shown in one colour: some lexers take the square of a block's length, on what is made to be slow.
MAX_CHARACTERS, MAX_BLOCK = 30_000, 8_000  # of a post, of a block
# xcode's colours reach a contrast of 5.07 on white; WCAG 2.2 wants 4.5.
FORMATTER: HtmlFormatter[str] = HtmlFormatter(style="xcode", noclasses=True, nowrap=True)


def highlight(html: str) -> str:
    """Clean HTML with its code blocks coloured by inline styles, for mail and pages; the text stays the same.

    What is stored stays without colours. A language nobody knows, or code with mark-up of its own, is left as it is.
    """
    left = MAX_CHARACTERS

    def coloured(match: re.Match[str]) -> str:
        nonlocal left
        left -= len(match[2])
        return _block(match) if left >= 0 and len(match[2]) <= MAX_BLOCK else match[0]

    return BLOCK.sub(coloured, html)


def _block(match: re.Match[str]) -> str:
    lexer = _lexer(unescape(match[1]).lower())
    source = unescape(match[2])
    if lexer is None or "<" in match[2]:
        return match[0]
    coloured = colour(source, lexer, FORMATTER)
    return f'<pre><code class="language-{escape(unescape(match[1]))}">{coloured}</code></pre>'


@lru_cache(maxsize=200)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
