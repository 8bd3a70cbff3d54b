"""Which file below public/ an address means, and where else a reader is sent."""

import os
from urllib.parse import quote

from dispatch.web.conditional import Asked
from dispatch.web.media_types import is_feed
from dispatch.web.replies import Reply, make_reply

INDEX = "index.html"
FOLLOW = "follow"  # the folder beside a feed whose page tells people what a feed is
PEOPLE = (f"./{FOLLOW}/", "./")  # a page of an archive has a page of its own for people
VISIBLE = ".well-known"  # the one name with a dot that the world may ask for (RFC 8615)


def find(folder: str, address: str) -> str:
    """The path on disk, or "" for one that is hidden, malformed or outside the folder.

    Names that begin with a dot are hidden, and so are the hosts' control files, which begin with an underscore at the
    root: `_redirects`, `_headers`. The folder itself may be a link that leads elsewhere by the next request.
    """
    parts = [part for part in address.split("/") if part]
    hidden = any(part.startswith(".") and part != VISIBLE for part in parts) or (len(parts) == 1 and parts[0][0] == "_")
    if hidden or "\0" in address or "\\" in address:
        return ""
    root = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(root, *parts))
    inside = path == root or path.startswith(root + os.sep)
    return folder + path[len(root) :] if inside and (os.path.isdir(path) or not address.endswith("/")) else ""


def page(path: str) -> str:
    """The file to serve: a folder's is its index.html."""
    return os.path.join(path, INDEX) if os.path.isdir(path) else path


def with_slash(path: str, address: str) -> Reply | None:
    """Sends who asked for a folder as if it were a file: the relative links of its page would lead astray."""
    if not path or address.endswith("/") or not os.path.isdir(path):
        return None
    name = address.rsplit("/", 1)[-1]
    return make_reply(308, {"location": f"./{quote(name, safe='')}/", "content-length": "0"})


def to_people(path: str, asked: Asked) -> Reply | None:
    """Sends a person who opens a feed in a browser to the page beside it, where there is one."""
    folder, name = os.path.split(path)
    if not is_feed(name) or not is_visit(asked):
        return None
    page = next((one for one in PEOPLE if os.path.isfile(os.path.join(folder, one, INDEX))), None)
    if page is None:
        return None
    values = {"location": page, "cache-control": "no-store", "vary": "Accept-Encoding, Sec-Fetch-Dest"}
    return make_reply(303, {**values, "content-length": "0"})


def is_visit(asked: Asked) -> bool:
    """Whether a browser goes there to show it in a window (Fetch Metadata); no feed reader says so."""
    return asked.get(b"sec-fetch-mode") == b"navigate" and asked.get(b"sec-fetch-dest") == b"document"
