"""The style sheets that stay in a mail, taken apart: at-rules, and the rules inside them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One `head { body }` of a style sheet."""

    head: str  # selectors, or an at-rule with its conditions
    body: str

    @property
    def is_at_rule(self) -> bool:
        """Whether it is `@media` or the like."""
        return self.head.startswith("@")


def blocks(css: str) -> Iterator[Block]:
    """The outermost blocks of a style sheet, or of an at-rule's body, in order."""
    css, depth, start, opened = _COMMENT.sub(" ", css), 0, 0, 0
    for at, sign in enumerate(css):
        if sign == "{":
            opened = at if depth == 0 else opened
            depth += 1
        elif sign == "}" and depth:
            depth -= 1
            if depth == 0:
                yield Block(css[start:opened].rpartition(";")[2].strip(), css[opened + 1 : at].strip())
                start = at + 1


def dark_rules(css: str) -> Iterator[Block]:
    """The rules for those who read in dark mode."""
    for block in blocks(css):
        if block.is_at_rule and "prefers-color-scheme" in block.head and "dark" in block.head:
            yield from (rule for rule in blocks(block.body) if not rule.is_at_rule)
