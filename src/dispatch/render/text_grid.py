"""The cells of an HTML table in their columns."""

from collections.abc import Callable, Iterator, Sequence

from lxml.etree import _Element

from dispatch.render.text_table import Cell, Row

MOST = 200  # columns of a table whose cells may span
_ALIGNS = frozenset({"left", "right", "center"})
# In a cell they need lines of their own: such a table is for layout, not for data.
_LARGE = ("table", "ul", "ol", "dl", "pre", "blockquote", "h2", "h3", "h4", "h5", "h6", "hr")


def rows_of(table: _Element) -> Iterator[_Element]:
    """The rows of a table, without those of tables in it."""
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from child.iterchildren("tr")


def cells_of(row: _Element) -> Iterator[_Element]:
    """The cells of a row."""
    return row.iterchildren("td", "th")


def is_layout(table: _Element) -> bool:
    """Whether a cell holds more than running text."""
    return any(next(cell.iter(*_LARGE), None) is not None for row in rows_of(table) for cell in cells_of(row))


def heads_of(table: _Element) -> int:
    """How many of the first rows name the columns."""
    rows = [[cell.tag for cell in cells_of(row)] for row in rows_of(table)]
    return next((index for index, tags in enumerate(rows) if not tags or "td" in tags), len(rows))


def grid(table: _Element, words: Callable[[_Element], str]) -> list[Row]:
    """The rows of cells, each cell in its columns: those that reach down from above push others to the right."""
    rows = [list(cells_of(row)) for row in rows_of(table)]
    places = _places(rows)
    return _clipped([list(map(_cell, row, map(words, row), found)) for row, found in zip(rows, places, strict=True)])


def _places(rows: Sequence[Sequence[_Element]]) -> list[list[range]]:
    """The columns of each cell; in a table that would be wider than any is, each has but one."""
    reaching: dict[int, int] = {}  # column: how many rows more it is taken
    places: list[list[range]] = []
    for index, row in enumerate(rows):
        taken, reaching = reaching, {column: left - 1 for column, left in reaching.items() if left > 1}
        places.append([])
        for element in row:
            first = _free(places[-1], taken)
            place = range(first, first + _count(element, "colspan", MOST))
            if place.stop > MOST:
                return [[range(at, at + 1) for at in range(len(row))] for row in rows]
            if (down := _count(element, "rowspan", len(rows) - index) - 1) > 0:
                reaching |= dict.fromkeys(place, down)
            places[-1].append(place)
    return places


def _free(before: list[range], taken: dict[int, int]) -> int:
    column = before[-1].stop if before else 0
    while taken.get(column):
        column += 1
    return column


def _cell(element: _Element, text: str, place: range) -> Cell:
    align = str(element.get("align") or "left")
    return Cell(text, place.start, len(place), align if align in _ALIGNS else "left")


def _clipped(rows: list[Row]) -> list[Row]:
    """No cell reaches over columns where none begins."""
    count = max((cell.first + 1 for row in rows for cell in row), default=0)
    return [[Cell(cell.text, cell.first, min(cell.span, count - cell.first), cell.align) for cell in r] for r in rows]


def _count(element: _Element, name: str, most: int) -> int:
    value = str(element.get(name) or "1")
    return max(1, min(int(value), most)) if value.isascii() and value.isdigit() and len(value) < 9 else 1
