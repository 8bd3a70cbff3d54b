"""How long the HTML is: Gmail clips a mail near 102,000 bytes, and hides its end with the link to leave by."""

from collections.abc import Iterator

from dispatch.render.budget import WARN
from dispatch.render.preflight.proof import HTML, Proof
from dispatch.render.preflight.remark import Remark, Severity

# By what a cut is of: what became of the rest, and how there would be room for it.
CUTS = {
    "paragraphs": (
        "the mail has room for the first {kept} of the post's {total} paragraphs; a link leads to the rest on the web",
        "Nothing has to be done; a shorter post comes whole.",
    ),
    "posts in full": (
        "the mail has room for {kept} of {total} posts in full; the others have their summary and a link",
        "Nothing has to be done; for more of them in full, send fewer in one issue.",
    ),
    "posts": (
        "the mail has room for {kept} of {total} posts; a link leads to the others on the web",
        "Nothing has to be done; to show all, send fewer in one issue.",
    ),
}
CLIPPED = 100_000  # bytes of HTML, before quoted-printable: no mail ever has so many


def size(proof: Proof) -> Iterator[Remark]:
    """Near the limit, beyond it, or cut because of it."""
    length, cut = len(proof.html.encode()), proof.scene.cut
    if cut:
        said, cure = CUTS[cut.of]
        yield Remark(Severity.NOTE, HTML, said.format(kept=cut.kept or "none", total=cut.total), cure)
    shorter = "Shorten its longest post, or send fewer posts in one issue."
    if length >= CLIPPED:
        said = f"the HTML has {length:,} bytes, and Gmail hides what comes after some {CLIPPED:,}"
        yield Remark(Severity.FAULT, HTML, said, shorter)
    elif length >= WARN and not cut:
        said = f"the HTML has {length:,} bytes; from {CLIPPED:,} on Gmail hides the end"
        yield Remark(Severity.WARNING, HTML, said, shorter)
