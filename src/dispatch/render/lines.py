"""How templates of plain text set their lines."""

from dispatch.render.wrap import WIDTH, columns, wrap


def wrapped(text: str, indent: int = 0) -> str:
    """Lines of at most 76 columns, all but the first indented."""
    return ("\n" + " " * indent).join(wrap(text, WIDTH - indent))


def underlined(text: str, rule: str) -> str:
    """The same, with a line of `rule` below that is as long as the longest of them."""
    lines = wrap(text)
    return "\n".join([*lines, rule * max(map(columns, lines), default=0)])
