"""Preflight: an edition is looked over before it goes out, with all that this publication knows around it."""

import asyncio
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from pathlib import Path

from dispatch.acts.act import Desk
from dispatch.acts.known_pages import KnownPages, known_pages
from dispatch.acts.preview import Preview
from dispatch.content.files import MAX_BYTES
from dispatch.content.renditions import Renditions
from dispatch.context import Context
from dispatch.errors import ContentError
from dispatch.model.post import Asset, Post
from dispatch.render.preflight.remark import Remark
from dispatch.render.preflight.sources import INTRO, Written
from dispatch.render.preflight.weighing import Weighed, weigh

Remarks = tuple[Remark, ...]


async def preflight(desk: Desk, shown: Preview) -> Remarks:
    """What is wrong with one edition, the worst first. Touches no state and fetches nothing. Raises StoreError."""
    async with desk.context.store.read() as tx:
        known = await known_pages(tx, desk.context)
    return await asyncio.to_thread(_examined, desk.context, shown, known)


def _examined(context: Context, shown: Preview, known: KnownPages) -> Remarks:
    from dispatch.render.preflight.checks import examine  # loads the tree work, and most commands look at no mail
    from dispatch.render.preflight.proof import Scene

    publication, assets = context.publication, [asset for post in shown.posts for asset in post.assets]
    scene = Scene(
        site=publication.url,
        address=publication.address,
        is_known_page=known.including([*(asset.target for asset in assets), *_page_to_come(shown, publication.url)]),
        posts=shown.posts,
        written=tuple(_written(context, shown)),
        settings=(Written(context.config.path.name, context.config.text),),
        files=_files(publication.url, assets),
        weights=_weights(publication.url, assets, Renditions(context.renditions)),
        cut=shown.cut,
        folders=_folders(context),
    )
    return examine(shown.message, scene)


def _folders(context: Context) -> tuple[str, ...]:
    """The folders below the site where posts have their pages."""
    patterns = [context.publication.permalink, *(one.permalink for one in context.config.sources.values())]
    starts = {pattern.strip("/").partition("{")[0] for pattern in patterns if pattern}
    return tuple(sorted(start for start in starts if start.endswith("/")))


def _page_to_come(shown: Preview, site: str) -> Iterator[str]:
    """The folder below public/ of the mail's own page, which is written when the mail goes out."""
    page = str(message_from_bytes(shown.message)["Archived-At"] or "").strip("<> ")
    if page.startswith(f"{site}/"):
        yield page.removeprefix(f"{site}/").strip("/")


def _written(context: Context, shown: Preview) -> Iterator[Written]:
    """The posts' own files, and the editor's words."""
    for post in shown.posts:
        if text := _text(context.config.folder, post):
            yield Written(post.where, text)
    if shown.intro:
        yield Written(INTRO, shown.intro)


def _text(folder: Path, post: Post) -> str:
    """A post's file; nothing for one that came from a feed, or is gone."""
    try:
        return (folder / post.where).read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _files(site: str, assets: list[Asset]) -> Mapping[str, str]:
    """The author's own name for the file behind each address, also where mail shows a picture made of that file."""
    names = {asset.target: asset.source.name for asset in assets}
    return {f"{site}/{asset.target}": names.get(asset.mails, asset.source.name) for asset in assets}


def _weights(site: str, assets: list[Asset], renditions: Renditions) -> Mapping[str, Weighed]:
    found = ((f"{site}/{asset.target}", _weighed(asset, renditions)) for asset in assets)
    return {url: weighed for url, weighed in found if weighed}


def _weighed(asset: Asset, renditions: Renditions) -> Weighed | None:
    from dispatch.content.picture_file import picture_for_mail  # loads what paints: as above

    try:
        if asset.mails:
            return weigh(picture_for_mail(asset, renditions))
        return weigh(asset.source.read_bytes()) if asset.source.stat().st_size <= MAX_BYTES else None
    except (OSError, ContentError):
        return None
