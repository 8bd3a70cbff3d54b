"""An accent colour that can be read on its background: WCAG 2.2, success criterion 1.4.3, asks for 4.5 to 1."""

ENOUGH = 4.5
STEPS = 50

Channels = tuple[int, int, int]


def readable(accent: str, background: str) -> str:
    """`accent` (#rrggbb), moved towards black or white only as far as 4.5:1 on `background` needs."""
    colour, paper = _channels(accent), _channels(background)
    goal = (0, 0, 0) if _luminance(paper) > 0.18 else (255, 255, 255)
    mixes = (_mix(colour, goal, step / STEPS) for step in range(STEPS + 1))
    return _text(next((mix for mix in mixes if contrast(_text(mix), background) >= ENOUGH), goal))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(_channels(one)), _luminance(_channels(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> Channels:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _text(channels: Channels) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _mix(colour: Channels, goal: Channels, share: float) -> Channels:
    red, green, blue = (round(old + (new - old) * share) for old, new in zip(colour, goal, strict=True))
    return red, green, blue


def _luminance(channels: Channels) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
