"""The pictures that were made for mail, in place of those that the web shows. Nothing is read but the post."""

from collections.abc import Mapping
from dataclasses import replace

from dispatch.content.tree import elements, parse_flat, serialise
from dispatch.model.post import Post


def with_mail_pictures(post: Post) -> Post:
    """The post with the addresses that mail shows; sizes stay, for they are those at which a picture is shown.

    Links to a picture lead to the original. A post stored before there were such pictures comes back as it is.
    """
    made = {asset.mails: asset.target for asset in post.assets if asset.mails}
    if not made:
        return post
    tree = parse_flat(post.html)
    for picture in elements(tree, "img"):
        picture.set("src", _mailed(picture.get("src", ""), made))
    image = replace(post.image, url=_mailed(post.image.url, made)) if post.image else None
    return replace(post, html=serialise(tree), image=image)


def _mailed(url: str, made: Mapping[str, str]) -> str:
    """The address with its last three parts, such as media/0123456789ab/boat.webp, exchanged where these are known."""
    parts = url.rsplit("/", 3)
    target = made.get("/".join(parts[1:]))
    return f"{parts[0]}/{target}" if target else url
