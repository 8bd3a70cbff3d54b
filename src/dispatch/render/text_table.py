"""A data table as plain text."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.render.wrap import WIDTH, columns, pad, wrap

GAP = 2  # columns between two cells


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table, from column `first` on."""

    text: str
    first: int
    span: int = 1
    align: str = "left"  # left | right | center

    @property
    def columns(self) -> range:
        """The columns that it covers."""
        return range(self.first, self.first + self.span)


Row = Sequence[Cell]


def table_lines(rows: Sequence[Row], heads: int, width: int = WIDTH) -> list[str]:
    """The rows in aligned columns, a rule below the head; where that is too wide, a line a cell.

    The first `heads` rows name the columns.
    """
    heads = sum(_says(row) for row in rows[:heads])
    rows = [row for row in rows if _says(row)]
    if not rows:
        return []
    sizes = _sizes(rows)
    if sum(sizes) + GAP * (len(sizes) - 1) > width:
        return _stacked(rows, heads, width)
    lines = [_aligned(row, sizes) for row in rows]
    rule = [(" " * GAP).join("-" * size for size in sizes)] if heads else []
    return [*lines[:heads], *rule, *lines[heads:]]


def _says(row: Row) -> bool:
    return any(cell.text for cell in row)


def _sizes(rows: Sequence[Row]) -> list[int]:
    """The width of each column; a cell over several widens the last of them, where they are too narrow for it."""
    cells = [cell for row in rows for cell in row if cell.text]
    sizes = [0] * max(cell.first + cell.span for cell in cells)
    for cell in sorted(cells, key=lambda cell: cell.span):
        sizes[cell.columns[-1]] += max(columns(cell.text) - _room(cell, sizes), 0)
    return sizes


def _room(cell: Cell, sizes: Sequence[int]) -> int:
    return sum(sizes[cell.first : cell.first + cell.span]) + GAP * (cell.span - 1)


def _aligned(row: Row, sizes: Sequence[int]) -> str:
    line, reached = "", 0
    for cell in row:
        if cell.text:
            start = sum(sizes[: cell.first]) + GAP * cell.first
            line += " " * (start - reached) + pad(cell.text, _room(cell, sizes), cell.align)
            reached = start + _room(cell, sizes)
    return line.rstrip()


def _stacked(rows: Sequence[Row], heads: int, width: int) -> list[str]:
    """Each row as a paragraph of `head: cell` lines."""
    names = {column: cell.text for row in rows[:heads] for cell in row for column in cell.columns if cell.text}
    lines: list[str] = []
    for row in rows[heads:] or rows:
        for cell in row:
            head = names.get(cell.first, "")
            if cell.text:
                lines += wrap(f"{head}: {cell.text}" if head and head != cell.text else cell.text, width)
        lines.append("")
    return lines[:-1]
