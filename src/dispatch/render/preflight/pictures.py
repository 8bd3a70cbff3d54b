"""Pictures that mail cannot show, or shows only after the text has jumped."""

import re
from collections.abc import Iterator

from dispatch.render.pictures import NOT_DRAWN
from dispatch.render.preflight.proof import Proof, Scene
from dispatch.render.preflight.remark import Remark, Severity
from dispatch.render.preflight.sources import INTRO, clues_of_address, place

WIDEST = 600  # pixels
# What to do in a post, in an intro, anywhere else.
MISSING = (
    "Put the file beside the post, or mend its path.",
    "Give the full address of a picture on the web.",
    "Mend its address, or put the file there.",
)
UNKNOWN_HEIGHT = (
    "Put the file beside the post, or write width and height on the <img>.",
    *("Write it as an <img> with width and height.",) * 2,
)
_SOURCE = re.compile(r'<img\b[^>]*?\bsrc="([^"]+)"')


def pictures(proof: Proof) -> Iterator[Remark]:
    """Left as a link, without a size, too wide for Outlook, or not there."""
    yield from _left_as_links(proof)
    for picture, url in proof.pictures():
        where, width = proof.place_of_picture(picture), picture.get("width") or ""
        if proof.is_dead(url):
            severity = Severity.FAULT if proof.is_in_our_care(url) else Severity.WARNING
            cure = _cure(MISSING, where, proof.scene)
            yield Remark(severity, where, "a picture of the site is not there", cure, url)
        elif not width.isdigit():
            cure = "Write width and height on the <img>, in pixels."
            yield Remark(Severity.WARNING, where, "a picture has no width, so Outlook shows it in full size", cure, url)
        elif int(width) > WIDEST:
            cure = f"Let it be at most {WIDEST} pixels wide; a larger file may stand behind it."
            yield Remark(Severity.WARNING, where, f"a picture is {width} pixels wide in the mail", cure, url)
        elif not (picture.get("height") or "").isdigit():
            cure = _cure(UNKNOWN_HEIGHT, where, proof.scene)
            said = "a picture's height is not known, so the text jumps while it loads"
            yield Remark(Severity.NOTE, where, said, cure, url)


def _cure(cures: tuple[str, str, str], where: str, scene: Scene) -> str:
    """What to do in a post, which alone has files beside it, in an intro, and anywhere else."""
    of_post, of_intro, of_others = cures
    if where.endswith(INTRO):
        return of_intro
    return of_post if any(where.startswith(post.where) for post in scene.posts) else of_others


def _left_as_links(proof: Proof) -> Iterator[Remark]:
    """Pictures of the posts that the mail links to instead of showing them."""
    shown = {url for _, url in proof.pictures()}
    linked = {url for _, url in proof.links()} - shown
    for post in proof.scene.posts:
        for url in dict.fromkeys(_SOURCE.findall(post.html.replace("&amp;", "&"))):
            if url in linked and url.partition("?")[0].lower().endswith(NOT_DRAWN) and not proof.is_dead(url):
                clues = [proof.scene.files.get(url, ""), *clues_of_address(url, proof.scene.site)]
                where = place(proof.scene.written, clues) or post.where
                cure = "Save it as JPEG, PNG or GIF beside the post."
                yield Remark(Severity.NOTE, where, "mail shows no such picture, so readers get a link to it", cure, url)
