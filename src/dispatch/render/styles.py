"""Style sheets and colours, read as CSS has them: the only importer of tinycss2."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2
from tinycss2.color4 import Color, parse_color

_STYLES = 4096  # declarations remembered: one style stands at many elements
_WITH_BLOCKS = ("qualified-rule", "at-rule")


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
    """The outermost blocks of a style sheet, or of an at-rule's body, in order; what has none is left out."""
    for node in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if node.type in _WITH_BLOCKS and node.content is not None:
            name = f"@{node.lower_at_keyword}" if node.type == "at-rule" else ""
            yield Block(f"{name}{_text(node.prelude)}".strip(), _text(node.content).strip())


@lru_cache(_STYLES)
def declarations(style: str, *, important: bool = False) -> Mapping[str, str]:
    """The declarations of a `style` attribute or of one rule, in lower case; perhaps only those marked `!important`."""
    found = tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)
    said = [one for one in found if one.type == "declaration" and (one.important or not important)]
    return {one.lower_name: text for one in said if (text := _text(one.value).strip().lower())}


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour of sRGB."""

    channels: tuple[float, ...]  # red, green, blue: 0.0 to 1.0
    alpha: float  # 0.0: nothing of it is seen; 1.0: nothing of what is behind it

    def on(self, ground: str | None) -> str | None:
        """How it looks on a ground, both #rrggbb; None: nobody can tell."""
        if ground is None and self.alpha < 1:
            return None
        behind = bytes.fromhex(ground[1:]) if ground else b"\0\0\0"
        pairs = zip(self.channels, behind, strict=True)
        return "#" + "".join(f"{round(255 * own * self.alpha + under * (1 - self.alpha)):02x}" for own, under in pairs)


def shade(value: str) -> Shade | None:
    """The colour in a value, perhaps amid other words; None where there is none, or one beyond sRGB (CSS Color 4)."""
    found = map(parse_color, tinycss2.parse_component_value_list(value, skip_comments=True))
    colour = next((one for one in found if isinstance(one, Color)), None)
    if colour is None:
        return None
    try:
        channels = colour.to("srgb").coordinates
    except NotImplementedError:
        return None
    return Shade(tuple(map(_within, channels)), _within(colour.alpha))


def _within(value: float) -> float:
    return min(max(0.0, value), 1.0)  # in this order: what is no number is none (CSS Values 4, section 10.9)


def _text(tokens: list[Any]) -> str:
    with suppress(RecursionError):  # brackets within hundreds of others say nothing
        return str(tinycss2.serialize([one for one in tokens if one.type != "comment"]))
    return ""
