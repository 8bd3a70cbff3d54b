"""How much of an issue one mail may hold: Gmail clips HTML near 102,000 bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 80_000  # bytes of HTML, before quoted-printable
FRAME = 9_000  # bytes, about, of what stands around the content


@dataclass(frozen=True, slots=True)
class Cut:
    """How many pieces of an issue a mail shows: blocks of its one post, or posts of a digest."""

    kept: int
    total: int

    @property
    def left_out(self) -> int:
        """How many pieces are on the web only; 0: nothing was cut."""
        return self.total - self.kept


def fitting(sizes: Sequence[int], room: int) -> int:
    """How many of the first pieces, of these sizes in bytes, have room."""
    used = 0
    for count, size in enumerate(sizes):
        used += size
        if used > room:
            return count
    return len(sizes)


def fewer(sizes: Sequence[int], kept: int, measured: int, fixed: int = FRAME) -> int:
    """How many pieces to try next, when `kept` of them made more than LIMIT. Less than `kept`.

    Sizes in bytes: `measured` is the whole mail, `fixed`, about, what stands in it however few pieces there are.
    """
    share = max(LIMIT - fixed, 0) / max(measured - fixed, 1)
    return min(fitting(sizes[:kept], int(sum(sizes[:kept]) * share)), kept - 1)


def without_heading_last(blocks: Sequence[str], kept: int) -> int:
    """A cut moved up so that no heading stands last, its text cut off."""
    while kept and kept < len(blocks) and blocks[kept - 1].startswith(("<h2", "<h3", "<h4", "<h5", "<h6", "<hr")):
        kept -= 1
    return kept
