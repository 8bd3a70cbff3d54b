"""Colours as style sheets write them."""

import re
from typing import Final

UNSAID: Final = ""  # the value sets no colour of its own: what is there already stays
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})").fullmatch
_RGB = re.compile(r"rgb\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)\s*\)").fullmatch
_KEEPING = frozenset(["", "inherit", "transparent", "none", "unset", "initial", "currentcolor"])
# CSS 2.1, section 4.3.6, and the greys that people write by name.
_NAMED = {
    "aqua": "#00ffff",
    "black": "#000000",
    "blue": "#0000ff",
    "darkgray": "#a9a9a9",
    "darkgrey": "#a9a9a9",
    "dimgray": "#696969",
    "dimgrey": "#696969",
    "fuchsia": "#ff00ff",
    "gray": "#808080",
    "green": "#008000",
    "grey": "#808080",
    "lightgray": "#d3d3d3",
    "lightgrey": "#d3d3d3",
    "lime": "#00ff00",
    "maroon": "#800000",
    "navy": "#000080",
    "olive": "#808000",
    "orange": "#ffa500",
    "purple": "#800080",
    "red": "#ff0000",
    "silver": "#c0c0c0",
    "teal": "#008080",
    "white": "#ffffff",
    "yellow": "#ffff00",
}


def read_hue(said: str) -> str | None:
    """#rrggbb of a colour's value, in lower case; UNSAID for one that sets none; None for one not known here."""
    value = said.strip().lower()
    if value in _KEEPING:
        return UNSAID
    if _HEX(value):
        return value if len(value) == 7 else "#" + "".join(digit * 2 for digit in value[1:])
    if match := _RGB(value):
        return "#" + "".join(f"{min(int(channel), 255):02x}" for channel in match.groups())
    return _NAMED.get(value)
