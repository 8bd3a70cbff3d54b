"""Which of some languages a visitor would rather read."""

from collections.abc import Sequence

LONGEST = 1000  # characters of the header
MOST = 30  # languages in it


def preferred(header: str, offered: Sequence[str]) -> str:
    """The one of `offered` that Accept-Language (RFC 9110, section 12.5.4) likes best; the first where it likes none.

    A range matches tags that begin with it, and `de-AT` is served by `de` where nothing is closer (RFC 4647, 3.4).
    """
    for wanted in _ranges(header):
        for asked in (wanted, wanted.partition("-")[0]):
            for tag in offered:
                if tag.lower() == asked or tag.lower().startswith(f"{asked}-"):
                    return tag
    return offered[0]


def _ranges(header: str) -> list[str]:
    """The ranges by their weight, the heaviest first; those that are not wanted are left out."""
    weighed = [_weighed(part) for part in header[:LONGEST].lower().split(",")[:MOST]]
    return [tag for tag, weight in sorted(weighed, key=lambda one: -one[1]) if weight > 0 and tag]


def _weighed(part: str) -> tuple[str, float]:
    tag, _, parameter = part.partition(";")
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return tag.strip(), 1.0
    try:
        return tag.strip(), float(value)
    except ValueError:
        return tag.strip(), 0.0
