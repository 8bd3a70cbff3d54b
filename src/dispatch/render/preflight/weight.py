"""How much a reader has to load, as far as the pictures' files are at hand."""

from collections.abc import Iterator

from dispatch.render.preflight.proof import HTML, Proof
from dispatch.render.preflight.remark import Remark, Severity

ONE = 1_000_000  # bytes of one picture
ALL = 2_000_000


def weight(proof: Proof) -> Iterator[Remark]:
    """Heavy pictures, heavy mails, and pictures that move."""
    pictures = {url: picture for picture, url in reversed(list(proof.pictures()))}  # each is loaded once
    weights = {url: proof.scene.weights[url] for url in reversed(pictures) if url in proof.scene.weights}
    for url, weighed in weights.items():
        where, name = proof.place_of_picture(pictures[url]), proof.scene.files.get(url, "") or url
        if weighed.size > ONE:
            about, cure = f"{name}, {_megabytes(weighed.size)}", "Save it smaller: 1200 pixels in width are enough."
            yield Remark(Severity.WARNING, where, f"a picture weighs over {_megabytes(ONE)}", cure, about)
        if weighed.moves:
            said, cure = "a GIF moves; Outlook shows its first frame alone", "Let the first frame say it all."
            yield Remark(Severity.NOTE, where, said, cure, name)
    total = sum(one.size for one in weights.values())
    if total > ALL:
        said = f"the pictures weigh {_megabytes(total)} together; many readers pay for each"
        yield Remark(Severity.WARNING, HTML, said, "Save them smaller, or show fewer.")


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
