"""How long the HTML is: Gmail clips a mail near 102,000 bytes, and hides its end with the link to leave by."""

from collections.abc import Iterator

from dispatch.render.budget import WARN
from dispatch.render.preflight.proof import HTML, Proof
from dispatch.render.preflight.remark import Remark, Severity

CLIPPED = 100_000  # bytes of HTML, before quoted-printable: no mail ever has so many


def size(proof: Proof) -> Iterator[Remark]:
    """Near the limit, beyond it, or cut because of it."""
    length, cut = len(proof.html.encode()), proof.scene.cut
    if cut:
        said = f"cut after {cut.kept} of {cut.total} {cut.of}; the rest is on the web"
        cure = "Nothing has to be done; for more in the mail, write shorter posts or send fewer at a time."
        yield Remark(Severity.NOTE, HTML, said, cure)
    shorter = "Shorten its longest post, or send fewer posts in one issue."
    if length >= CLIPPED:
        said = f"the HTML has {length:,} bytes, and Gmail hides what comes after some {CLIPPED:,}"
        yield Remark(Severity.FAULT, HTML, said, shorter)
    elif length >= WARN and not cut:
        said = f"the HTML has {length:,} bytes; from {CLIPPED:,} on Gmail hides the end"
        yield Remark(Severity.WARNING, HTML, said, shorter)
