"""What a picture says to those who do not see it: many mail programs show none until they are asked to."""

import re
from collections.abc import Iterator

from lxml.etree import _Element

from dispatch.render.pictures import is_named_beside
from dispatch.render.preflight.proof import Proof
from dispatch.render.preflight.remark import Remark, Severity

_FILE = re.compile(r"[\w %.()-]+\.(?:jpe?g|png|gif|webp|avif|heic|svg|tiff?|bmp)", re.IGNORECASE).fullmatch
_CAMERA = re.compile(  # and what editors write when they write nothing
    r"(?:img|dsc[nf]?|dscf|pxl|mvi|screenshot|bildschirmfoto|image|picture|photo|bild|foto|untitled)[\d _.-]*",
    re.IGNORECASE,
).fullmatch
CURE = "Write between the brackets of ![…](picture) what one sees, as you would tell it on the telephone."


def alt(proof: Proof) -> Iterator[Remark]:
    """Pictures without a text, and those whose text is a file's name; but the logo, which the title stands beside."""
    for picture, url in proof.pictures():
        words = (picture.get("alt") or "").strip()
        if (said := _fault(picture, words)) and not proof.is_of_settings(url):
            about = words or proof.scene.files.get(url, "") or url
            yield Remark(Severity.WARNING, proof.place_of_picture(picture), said, CURE, about)


def _fault(picture: _Element, words: str) -> str:
    if not words:
        return "" if _is_ornament(picture) else "a picture has no text in its place"
    return "the text of a picture is a file's name, not what one sees" if _FILE(words) or _CAMERA(words) else ""


def _is_ornament(picture: _Element) -> bool:
    """Whether it is marked as saying nothing (WAI-ARIA 1.2), too small to say anything, or named beside."""
    marked = picture.get("role") in ("presentation", "none") or picture.get("aria-hidden") == "true"
    return marked or picture.get("width") in ("0", "1", "2") or is_named_beside(picture)
