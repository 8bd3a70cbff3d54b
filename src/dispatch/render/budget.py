"""How much of an issue one mail may hold: Gmail clips HTML near 102,000 bytes."""

from collections.abc import Sequence

WARN = 80_000  # bytes of HTML, before quoted-printable: from here on an editor should know
LIMIT = 96_000  # what is longer is cut; leaves room for what each person's own values add
INTRO = 80_000  # of these an editor's intro may have so many; the rest is for a post to be named


def fitting(sizes: Sequence[int], room: int) -> int:
    """How many of the first pieces, of these sizes in bytes, have room."""
    used = 0
    for count, size in enumerate(sizes):
        used += size
        if used > room:
            return count
    return len(sizes)


def fewer(sizes: Sequence[int], kept: int, measured: int, room: int) -> int:
    """How many pieces to try next, when the first `kept` made `measured` bytes and there is room for `room` only.

    `sizes` are theirs before their styles came in, which adds to all of them in about the same measure. The answer is
    less than `kept`.
    """
    share = max(room, 0) / max(measured, 1)
    return min(fitting(sizes[:kept], int(sum(sizes[:kept]) * share)), kept - 1)
