"""A post's pictures get absolute addresses, sizes and a text; those beside the post become assets."""

import re

from dispatch.content.fields import PictureField
from dispatch.content.files import find_file
from dispatch.content.links import Home, absolute, fits, is_local
from dispatch.content.notes import Notes
from dispatch.content.picture_file import LocalPicture, read_picture
from dispatch.content.tree import Element, elements, replace_by_text
from dispatch.model.post import Asset, Picture

LAZY = ("data-src", "data-original", "data-lazy-src")
PIXELS = re.compile(r"\s*(\d{1,4})(?:\.\d+)?\s*(?:px)?\s*")


def resolve_pictures(tree: Element, home: Home, notes: Notes) -> list[Asset]:
    """Deal with every <img>; answers the files to copy. A picture that cannot be shown leaves its text."""
    assets: list[Asset] = []
    for image in elements(tree, "img"):
        address = _address(image)
        local = _local(address, home, notes) if is_local(address) else None
        if isinstance(local, LocalPicture):
            assets += local.assets
            _show(image, home.public(local.shown), local)
        elif local is False or (url := _elsewhere(address, home, notes)) is None:
            replace_by_text(image, image.get("alt", ""))
        else:
            _show(image, url, None)
    return assets


def own_picture(field: PictureField, home: Home, notes: Notes) -> tuple[Picture | None, tuple[Asset, ...]]:
    """The picture that front matter names, and its files where it lies beside the post."""
    local = _local(field.source, home, notes, field.line) if is_local(field.source) else None
    if isinstance(local, LocalPicture):
        return Picture(home.public(local.shown), field.alt, local.width, local.height), local.assets
    url = None if local is False else _elsewhere(field.source, home, notes)
    return (Picture(url, field.alt) if url else None), ()


def _address(image: Element) -> str:
    source = image.get("src", "").strip()
    if source and not source.startswith("data:"):
        return str(source)
    return next((str(image.get(name)).strip() for name in LAZY if image.get(name)), source)


def _local(address: str, home: Home, notes: Notes, line: int | None = None) -> LocalPicture | bool | None:
    """The picture beside the post; None where it is to be sought at its address, False where it must go."""
    if home.path is None or not address:
        return None
    file = find_file(address, home.path, home.root)
    if file is None:
        notes.add(f"The picture {address!r} is not there. Put it beside the post, or mend its path.", line, address)
        return None
    picture = read_picture(file, home.renditions)
    if isinstance(picture, str):
        notes.add(f"The picture {address!r} {picture}. It was left out.", line, address)
        return False
    if picture.remark:
        notes.add(f"The picture {address!r} {picture.remark}.", line, address)
    return picture


def _elsewhere(address: str, home: Home, notes: Notes) -> str | None:
    url = absolute(address, home) if address and not address.startswith("#") else None
    if url is None or not url.startswith(("http://", "https://")) or not fits(url):
        what = f"{address[:40]!r}" if address else "without an address"
        notes.add(f"The picture {what} was left out. Save it as a file beside the post.", about=address[:40])
        return None
    return url


def _show(image: Element, url: str, local: LocalPicture | None) -> None:
    width, height = _pixels(image, "width"), _pixels(image, "height")
    if local:
        wanted = width or (height and round(local.width * height / local.height)) or local.width
        width, height = wanted, max(1, round(local.height * wanted / local.width))
    for name in list(image.attrib):
        if name not in ("alt", "title", "id", "lang", "dir"):
            del image.attrib[name]
    image.set("src", url)
    image.set("alt", " ".join(image.get("alt", "").split()))
    for name, value in (("width", width), ("height", height)):
        if value:
            image.set(name, str(value))


def _pixels(image: Element, name: str) -> int | None:
    match = PIXELS.fullmatch(image.get(name, ""))
    return int(match[1]) or None if match else None
