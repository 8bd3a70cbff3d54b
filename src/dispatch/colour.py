"""Colours that can be read: contrast as WCAG 2.2 (success criterion 1.4.3) computes it."""

from collections.abc import Iterator

ENOUGH = 4.5  # the ratio that text of ordinary size needs
STEPS = 20  # shades tried between a colour and black or white


def readable(colour: str, background: str) -> str:
    """`colour` itself if text in it can be read on `background`, else the nearest shade of it that can.

    Both are #rrggbb. On a light background the shade is darker, on a dark one lighter.
    """
    return next(shade for shade in _shades(colour, background) if contrast(shade, background) >= ENOUGH)


def contrast(one: str, other: str) -> float:
    """How much two colours differ in brightness: 1 (not at all) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _shades(colour: str, background: str) -> Iterator[str]:
    target = 0 if contrast("#000000", background) > contrast("#ffffff", background) else 255
    for step in range(STEPS + 1):
        mixed = (round(channel + (target - channel) * step / STEPS) for channel in _channels(colour))
        yield "#" + "".join(f"{channel:02x}" for channel in mixed)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
