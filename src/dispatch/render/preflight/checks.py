"""The table of all checks, and the door of this package. docs/preflight.md lists them for people."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from dispatch.render.preflight.alt import alt
from dispatch.render.preflight.contrast import contrast
from dispatch.render.preflight.coverage import coverage
from dispatch.render.preflight.footer import footer
from dispatch.render.preflight.headers import headers
from dispatch.render.preflight.links import links
from dispatch.render.preflight.pictures import pictures
from dispatch.render.preflight.proof import Proof, Scene
from dispatch.render.preflight.remark import Remark, gathered
from dispatch.render.preflight.size import size
from dispatch.render.preflight.stylesheet import stylesheet
from dispatch.render.preflight.subject import subject
from dispatch.render.preflight.weight import weight
from dispatch.render.preflight.wiles import wiles

Check = Callable[[Proof], Iterable[Remark]]
CHECKS: Mapping[str, Check] = {
    "size": size,
    "subject": subject,
    "links": links,
    "alt": alt,
    "pictures": pictures,
    "weight": weight,
    "contrast": contrast,
    "style": stylesheet,
    "filters": wiles,
    "headers": headers,
    "footer": footer,
    "text": coverage,
}


def examine(message: bytes, scene: Scene) -> tuple[Remark, ...]:
    """All that the checks find in one message (RFC 5322, spliced), the worst first, each thing once."""
    proof = Proof(message, scene)
    return gathered(replace(one, check=name) for name, check in CHECKS.items() for one in check(proof))
