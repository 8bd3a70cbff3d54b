"""What the law asks of every newsletter: who sends it, from where, and how one leaves."""

from collections.abc import Iterator

from dispatch.render.preflight.proof import HTML, TEXT, Proof
from dispatch.render.preflight.remark import NO_ADDRESS, Remark, Severity


def footer(proof: Proof) -> Iterator[Remark]:
    """The postal address and a visible link to leave by, in both parts. Mail to one person needs neither."""
    if proof.of_list:
        yield from _address(proof)
        yield from _way_out(proof)


def _address(proof: Proof) -> Iterator[Remark]:
    address = _line(proof.scene.address)
    if not address:
        yield Remark(Severity.WARNING, HTML, NO_ADDRESS, "Write it in `address` of [publication].")
        return
    cure = "Show publication.address in the block `footer` of your templates."
    for where, words in ((HTML, proof.seen), (TEXT, proof.text)):
        if address not in _line(words):
            yield Remark(Severity.WARNING, where, f"the postal address is not shown in {where}", cure)


def _way_out(proof: Proof) -> Iterator[Remark]:
    url, cure = proof.unsubscribe, "Link to slots.unsubscribe in the block `footer` of your templates."
    shown = {HTML: url in [href for _, href in proof.links()], TEXT: url in proof.text}
    for where, is_shown in shown.items():
        if url and not is_shown:
            yield Remark(Severity.FAULT, where, f"no link to leave by can be seen in {where}", cure)


def _line(words: str) -> str:
    return " ".join(words.split())
