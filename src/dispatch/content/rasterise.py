"""Vector pictures drawn in pixels. The only importer of resvg_py, which runs no scripts and fetches nothing.

It would read pictures that a drawing names by path; `vectors` has taken these names out.
"""

import resvg_py

LETTER = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9" font-size="9">M</text></svg>'


class NoFonts(Exception):
    """This machine has no fonts to draw letters with."""


def rasterise(drawing: bytes, width: int) -> bytes:
    """A drawing of `vectors` as a PNG of this width, what it leaves free transparent.

    Raises NoFonts where its letters could not be drawn, ValueError for what resvg refuses.
    """
    if b"<text" in drawing and _drawn(LETTER, 9) == _drawn(LETTER.replace(b"M", b" "), 9):
        raise NoFonts
    return _drawn(drawing, width)


def _drawn(drawing: bytes, width: int) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=drawing.decode(), width=width))
