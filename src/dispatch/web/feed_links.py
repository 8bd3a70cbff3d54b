"""The Link header of a feed, by which a subscriber finds its hubs and its name (WebSub, section 4)."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from dispatch.syndicate.websub import link_header
from dispatch.web.media_types import is_feed

ARCHIVED = re.compile(r"(?:^|/)archive/\d+/[^/]+$")  # a page of the archive never changes once it is full


@dataclass(frozen=True, slots=True)
class FeedLinks:
    """Where the feeds below public/ are for the world."""

    base: str = ""  # address of public/, without a trailing slash
    hubs: tuple[str, ...] = ()  # addresses of the hubs that push them

    def header(self, path: str) -> str:
        """The header of a file below public/; empty for what nobody subscribes to."""
        if not is_feed(path.rsplit("/", 1)[-1]) or ARCHIVED.search(path) or not self.base:
            return ""
        return link_header(self.hubs, f"{self.base}/{quote(path)}")
