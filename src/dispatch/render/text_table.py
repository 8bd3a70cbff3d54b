"""A data table as plain text."""

from collections.abc import Sequence

from dispatch.render.wrap import WIDTH, columns, pad, wrap

Row = Sequence[str]


def table_lines(rows: Sequence[Row], headed: bool, width: int = WIDTH) -> list[str]:
    """The rows in aligned columns, a rule below the head; where that is too wide, a line a cell."""
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    count = max(len(row) for row in rows)
    whole = [[*row, *[""] * (count - len(row))] for row in rows]
    widths = [max(columns(row[index]) for row in whole) for index in range(count)]
    if sum(widths) + 2 * (count - 1) > width:
        return _stacked(whole, headed, width)
    lines = ["  ".join(pad(cell, size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in whole]
    rule = ["  ".join("-" * size for size in widths)] if headed else []
    return [*lines[: int(headed)], *rule, *lines[int(headed) :]]


def _stacked(rows: Sequence[Row], headed: bool, width: int) -> list[str]:
    """Each row as a paragraph of `head: cell` lines."""
    heads = rows[0] if headed else [""] * len(rows[0])
    lines: list[str] = []
    for row in rows[int(headed) :] or rows:
        for head, cell in zip(heads, row, strict=True):
            if cell:
                lines += wrap(f"{head}: {cell}" if head and head != cell else cell, width)
        lines.append("")
    return lines[:-1]
