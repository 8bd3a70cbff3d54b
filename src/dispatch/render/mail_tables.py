"""Data tables fit for mail: heads that say what they head, and a way to survive a narrow screen.

What a telephone can show with every word whole stays as it is, perhaps in smaller letters (class `tight`); a larger
table scrolls in a box of its own, where it is as wide as on a desk. Only addresses and their like are broken (`long`).
`kept.css` has the rest. Rows as blocks with the names of their columns in each cell would read better still, but what
is hidden from all others counts as spam (rspamd: MANY_INVISIBLE_PARTS).
"""

from lxml.etree import Element, _Element

from dispatch.render.text_grid import cells_of, rows_of
from dispatch.render.wrap import columns, longest_word

PHONE = 300  # pixels between the margins on most; in the narrowest a table of few words is somewhat wider than these
LETTER, SMALL, GAP = 8, 7, 10  # pixels of a column of text, of one in smaller letters, and between two cells
SENTENCE = 14  # letters that a line of a sentence needs, lest its row be very tall
LONGEST = 24  # letters of a word that is left whole


def fit_table(table: _Element, direction: str) -> None:
    """Mark a table as data, its heads by scope and alignment; choose how it fits a narrow screen."""
    _scope(table, direction)
    widths = _widths(table)
    gaps, letters = len(widths) * GAP, sum(widths)
    table.set("class", "data")
    if letters * LETTER + gaps <= PHONE or any(True for _ in table.iterdescendants("table")):
        return
    if letters * SMALL + gaps <= PHONE:
        table.set("class", "data tight")
    else:
        _scroll(table)


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
    """The letters that each column needs side by side: those of its longest word, and more for a sentence."""
    widest: dict[int, int] = {}
    for row in rows_of(table):
        for index, cell in enumerate(cells_of(row)):
            widest[index] = max(widest.get(index, 0), _needed(cell))
    return list(widest.values())


def _needed(cell: _Element) -> int:
    """The letters that a cell needs; in one with longer words than that, they may break."""
    text = " ".join("".join(map(str, cell.itertext())).split())
    longest = longest_word(text)
    if longest > LONGEST:
        cell.set("class", f"{cell.get('class') or ''} long".strip())
    return max(min(longest, LONGEST), min(columns(text), SENTENCE))


def _scroll(table: _Element) -> None:
    """Put a table into a box that scrolls, which the keyboard can reach (WCAG 2.2, 2.1.1)."""
    parent = table.getparent()
    if parent is None:
        return
    box = Element("div", {"class": "scroll", "tabindex": "0"})
    box.tail, table.tail = table.tail, None
    parent.replace(table, box)
    box.append(table)
