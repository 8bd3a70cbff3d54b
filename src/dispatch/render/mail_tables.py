"""Data tables fit for mail: heads that say what they head, and a way to survive a narrow screen.

A table may break its words where they have no room, by the classes `tight` and `wide` and `kept.css`; one of many
columns scrolls in a box of its own, which not every client lets a finger do (caniemail: css-overflow). Rows as blocks
with the names of their columns in each cell would read better still, but what is hidden from all others counts as
spam (rspamd: MANY_INVISIBLE_PARTS).
"""

from lxml.etree import Element, _Element

from dispatch.render.text_grid import cells_of, rows_of
from dispatch.render.wrap import longest_word

PHONE = 280  # pixels between the margins on the narrowest
LETTER, GAP = 8, 10  # pixels of a column of text, and between two cells
MOST_COLUMNS = 6  # that a phone can show side by side


def fit_table(table: _Element, direction: str, column: int) -> None:
    """Mark a table as data, its heads by scope and alignment; choose how it fits a mail of `column` pixels."""
    _scope(table, direction)
    widths = _widths(table)
    width = sum(widths) * LETTER + len(widths) * GAP
    nested = any(True for _ in table.iterdescendants("table"))
    if width <= PHONE or nested:
        table.set("class", "data")
    elif len(widths) > MOST_COLUMNS:
        _scroll(table)
    else:
        table.set("class", "data wide" if width > column else "data tight")


def _scope(table: _Element, direction: str) -> None:
    for row in rows_of(table):
        cells = list(cells_of(row))
        heads_row = any(cell.tag == "td" for cell in cells)
        for head in (cell for cell in cells if cell.tag == "th"):
            if not head.get("align"):  # it would be centred
                head.set("align", "right" if direction == "rtl" else "left")
            head.set("scope", head.get("scope") or ("row" if heads_row else "col"))
            if heads_row:
                head.set("class", "side")


def _widths(table: _Element) -> list[int]:
    """The length of each column's longest word, in letters: it cannot be narrower."""
    widest: dict[int, int] = {}
    for row in rows_of(table):
        for index, cell in enumerate(cells_of(row)):
            word = longest_word("".join(map(str, cell.itertext())))
            widest[index] = max(widest.get(index, 0), word)
    return list(widest.values())


def _scroll(table: _Element) -> None:
    """Put a table into a box that scrolls, which the keyboard can reach (WCAG 2.2, 2.1.1)."""
    table.set("class", "data")
    parent = table.getparent()
    if parent is None:
        return
    box = Element("div", {"class": "scroll", "tabindex": "0"})
    box.tail, table.tail = table.tail, None
    parent.replace(table, box)
    box.append(table)
