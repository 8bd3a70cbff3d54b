"""Pictures that mail cannot show, or shows only after the text has jumped."""

import re
from collections.abc import Iterator

from dispatch.render.pictures import NOT_DRAWN
from dispatch.render.preflight.proof import Proof
from dispatch.render.preflight.remark import Remark, Severity
from dispatch.render.preflight.sources import clues_of_address, place

WIDEST = 600  # pixels
_SOURCE = re.compile(r'<img\b[^>]*?\bsrc="([^"]+)"')


def pictures(proof: Proof) -> Iterator[Remark]:
    """Left as a link, without a size, too wide for Outlook, or not there."""
    yield from _left_as_links(proof)
    for picture, url in proof.pictures():
        where, width = proof.place_of_picture(picture), picture.get("width") or ""
        if proof.is_dead(url):
            severity = Severity.FAULT if proof.is_in_our_care(url) else Severity.WARNING
            cure = "Put the file beside the post, or mend its path."
            yield Remark(severity, where, "a picture of the site is not there", cure, url)
        elif not width.isdigit():
            cure = "Write width and height on the <img>, in pixels."
            yield Remark(Severity.WARNING, where, "a picture has no width, so Outlook shows it in full size", cure, url)
        elif int(width) > WIDEST:
            cure = f"Let it be at most {WIDEST} pixels wide; a larger file may stand behind it."
            yield Remark(Severity.WARNING, where, f"a picture is {width} pixels wide in the mail", cure, url)
        elif not (picture.get("height") or "").isdigit():
            cure = "Put the file beside the post, or write width and height on the <img>."
            said = "a picture's height is not known, so the text jumps while it loads"
            yield Remark(Severity.NOTE, where, said, cure, url)


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
