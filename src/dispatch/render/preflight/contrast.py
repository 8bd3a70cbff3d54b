"""Words that can hardly be told from what is behind them (WCAG 2.2, success criterion 1.4.3)."""

from collections.abc import Iterator, Mapping

from lxml.etree import _Element

from dispatch.colour import ENOUGH
from dispatch.colour import contrast as ratio
from dispatch.render.preflight.look import Look
from dispatch.render.preflight.proof import Proof, line_in_html
from dispatch.render.preflight.remark import Remark, Severity

LARGE = 3.0  # the ratio that large letters need
LARGE_SIZE, LARGE_BOLD = 24.0, 18.66  # pixels: 18 and 14 points
UNSEEN = 1.2  # below, nobody sees them, and filters take them for hidden


def contrast(proof: Proof) -> Iterator[Remark]:
    """In light mode by the inlined styles, in dark mode by the style sheet that stays; what stands for pictures too."""
    yield from _faint(proof, proof.light, "", "email/inline.css")
    yield from _faint(proof, proof.dark, " in dark mode", "email/kept.css")


def _faint(proof: Proof, drawn: Mapping[_Element, Look], mode: str, sheet: str) -> Iterator[Remark]:
    for element, words, look in (*proof.passages(drawn), *proof.spoken(drawn)):
        if not look.shown or look.colour is None or look.ground is None or not any(map(str.isalnum, words)):
            continue
        found, needed = ratio(look.colour, look.ground), needed_by(look)
        if found < needed:
            severity = Severity.FAULT if found < UNSEEN else Severity.WARNING
            said = f"{look.colour} on {look.ground} has a contrast of {found:.1f}{mode} and needs {needed}"
            cure = f"Make the letters darker or lighter in {sheet} of your templates, or choose another accent."
            yield Remark(severity, line_in_html(element), said, cure, _short(words), alike=True)


def needed_by(look: Look) -> float:
    """The ratio that words of this size need."""
    return LARGE if look.size >= (LARGE_BOLD if look.bold else LARGE_SIZE) else ENOUGH


def _short(words: str) -> str:
    return f"“{words}”" if len(words) <= 40 else f"“{words[:39].rstrip()}…”"
