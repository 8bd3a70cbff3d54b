"""Which addresses of the site lead to something: posts, lists, tags, feeds, and files that lie in `public/`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from dispatch.context import Context
from dispatch.model.feed import FEED_FILES
from dispatch.store import addresses, posts
from dispatch.store.connect import Tx

# What the service answers itself, beside files: pages, and those of which a list or a token names one.
SERVED, NAMED = ("subscribe", "preferences"), ("subscribe/", "confirm/", "p/", "u/")
GONE = ".gone"  # beside the notice of a post that is no longer shown


@dataclass(frozen=True, slots=True)
class KnownPages:
    """Answers whether an address of the site is not dead."""

    site: str  # without a trailing slash
    public: Path
    names: frozenset[str]  # paths below the site, decoded, without slashes at the ends

    def __call__(self, url: str) -> bool:
        """Whether `url`, which begins with the site's address, leads to something."""
        name = _name(url, self.site)
        served = name in SERVED or name.startswith(NAMED)
        return not name or name in self.names or served or self._is_file(name)

    def including(self, names: Iterable[str]) -> "KnownPages":
        """The same with more paths below the site, such as those of files that the next pass will copy."""
        return replace(self, names=self.names.union(names))

    def _is_file(self, name: str) -> bool:
        place = self.public / name
        try:
            return ((place / "index.html").is_file() and not (place / GONE).exists()) or place.is_file()
        except (OSError, ValueError):  # a name that no file can have
            return False


async def known_pages(tx: Tx, context: Context) -> KnownPages:
    """All that the site has now, or will have after its next pass."""
    from dispatch.publish.topics import offer_of  # loads what writes the site, and most commands do not

    site = context.publication.url
    past = [f"lists/{one.slug}/issues" for one in context.lists.values() if one.archive]
    folders = ["", *(f"lists/{slug}" for slug in context.lists)]
    folders += offer_of(context).tag_folders(await posts.tags_in_use(tx))
    own = [_name(url, site) for url in await posts.live_addresses(tx) if url.startswith(f"{site}/")]
    past += [*context.config.redirects, *(one.path for one in await addresses.every(tx) if one.url)]  # which lead on
    return KnownPages(site, context.public, frozenset([*own, *past, *_topics(folders)]))


def _topics(folders: list[str]) -> Iterator[str]:
    for folder in folders:
        yield folder
        yield from (f"{folder}/{file.name}".lstrip("/") for file in FEED_FILES)


def _name(url: str, site: str) -> str:
    return unquote(url.removeprefix(site).partition("#")[0].partition("?")[0]).strip("/")
