"""The files that go with a post, such as an episode to listen to: named in front matter, or by somebody else's feed.

A value that cannot be used is noted, with its field, and the post goes on without it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from dispatch.content.fields import Found
from dispatch.content.files import find_file, lies_outside, make_large_asset
from dispatch.content.links import Home, absolute, fits, is_local
from dispatch.content.notes import Notes
from dispatch.model.media_types import BROUGHT, REGISTERED
from dispatch.model.post import Asset, Enclosure

MOST = 50  # of one post
MAX_BYTES = 200 * 1024 * 1024
SOURCE = ("file", "url", "src", "href", "path")
TYPE = ("type", "mimetype", "mediatype")
LENGTH = ("length", "size", "bytes", "sizeinbytes")
DURATION = ("duration", "seconds", "durationinseconds")
OUT, OVER = "it was left out", "that was passed over"
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")  # RFC 6838, section 4.2
CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6})(?:\.\d+)?")


def own_enclosures(given: Sequence[Found], home: Home, notes: Notes) -> tuple[tuple[Enclosure, ...], tuple[Asset, ...]]:
    """The enclosures that the fields name, and the files of those that lie beside the post."""
    named = [item for field in given for item in _items(field)]
    if len(named) > MOST:
        _note(named[MOST], notes, f"there are more than {MOST}; the others were left out. Put them into one .zip")
    found = [_read(item, home, notes) for item in named[:MOST]]
    enclosures = {one.url: one for one, _ in reversed([pair for pair in found if pair])}
    return tuple(enclosures.values())[::-1], tuple(asset for pair in found if pair for asset in pair[1])


def _items(field: Found) -> Iterator[Found]:
    """Each of a field's values by itself."""
    values = field.value if isinstance(field.value, list | tuple) else [field.value]
    for value in values:
        if value not in (None, "", {}):
            yield Found(field.key, value, field.line)


def _read(item: Found, home: Home, notes: Notes) -> tuple[Enclosure, tuple[Asset, ...]] | None:
    told = _told(item.value)
    address = _word(told, SOURCE)
    if not address:
        _note(item, notes, f"must name a file or an address, as `file` or `url`; {OUT}")
        return None
    return _beside(item, told, address, home, notes) if is_local(address) else _remote(item, told, address, home, notes)


def _told(value: Any) -> Mapping[str, Any]:
    """What is said of one enclosure, by names without case, `_` and `-`; a bare word is its address."""
    if not isinstance(value, dict):
        return {"url": value}
    return {re.sub(r"[ _-]", "", str(key).lower()): held for key, held in value.items()}


def _word(told: Mapping[str, Any], names: Sequence[str]) -> str:
    value = next((told[name] for name in names if told.get(name) not in (None, "")), "")
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _beside(
    item: Found, told: Mapping[str, Any], address: str, home: Home, notes: Notes
) -> tuple[Enclosure, tuple[Asset, ...]] | None:
    """A file of the author's own: its size and its type are what they are, whatever is said."""
    file = find_file(address, home.path, home.root)
    if file is None:
        _note(item, notes, f"the file {address[:60]!r} {_missing(address, home)}", address)
        return None
    made = _published(file)
    if isinstance(made, str):
        _note(item, notes, f"the file {address[:60]!r} {made}", address)
        return None
    asset, size = made
    media_type = BROUGHT[file.suffix.lower()]
    return Enclosure(home.public(asset), size, media_type, _seconds(item, told, notes)), (asset,)


def _missing(address: str, home: Home) -> str:
    if lies_outside(address, home.path, home.root):
        return f"lies outside of its source's folder, and nothing there is published; {OUT}. Put it beside the post"
    return f"is not there; {OUT}. Put it beside the post, or mend its path"


def _published(file: Path) -> tuple[Asset, int] | str:
    """The file below public/ and its size, or why it cannot be there."""
    if file.suffix.lower() not in BROUGHT:
        return f"is of a kind that is not published; {OUT}. Pack it as .zip, or write an address"
    try:
        size = file.stat().st_size
        return (
            (make_large_asset(file), size)
            if size <= MAX_BYTES
            else f"is over 200 MB; {OUT}. Put it on a server of its own"
        )
    except OSError as error:
        return f"cannot be read ({error.strerror}); {OUT}. Let this user read it"


def _remote(
    item: Found, told: Mapping[str, Any], address: str, home: Home, notes: Notes
) -> tuple[Enclosure, tuple[Asset, ...]] | None:
    """A file of which only its author knows how long it is: it is never fetched."""
    url = absolute(address, home)
    if url is None or not re.match(r"https?://[^/?#]", url) or not fits(url):
        _note(item, notes, f"{address[:60]!r} is no address; {OUT}. It must begin with http:// or https://", address)
        return None
    media_type = _media_type(item, told, url, notes)
    if not media_type:
        wanted = f"cannot be told from its name; {OUT}. Add `type`, such as audio/mpeg"
        _note(item, notes, f"what {address[:60]!r} is {wanted}", address)
        return None
    return Enclosure(url, _length(item, told, notes), media_type, _seconds(item, told, notes)), ()


def _media_type(item: Found, told: Mapping[str, Any], url: str, notes: Notes) -> str:
    by_name = BROUGHT.get(Path(unquote(urlsplit(url).path)).suffix.lower(), "")
    given = _word(told, TYPE).partition(";")[0].strip().lower()
    if given and not MEDIA_TYPE.fullmatch(given):
        _note(item, notes, f"`type` must be a media type such as audio/mpeg (it says {given[:60]!r}); {OVER}", given)
        return by_name
    return REGISTERED.get(given, given) or by_name


def _length(item: Found, told: Mapping[str, Any], notes: Notes) -> int:
    given = _word(told, LENGTH)
    if not re.fullmatch(r"\d{0,15}", given, re.ASCII):
        _note(item, notes, f"`length` must be the number of its bytes (it says {given[:60]!r}); {OVER}", given)
        return 0
    return int(given or 0)


def _seconds(item: Found, told: Mapping[str, Any], notes: Notes) -> int | None:
    given = _word(told, DURATION)
    clock = CLOCK.fullmatch(given)
    if given and not clock:
        _note(
            item,
            notes,
            f"`duration` must be seconds, or such as 12:34 or 1:02:03 (it says {given[:60]!r}); {OVER}",
            given,
        )
    if not clock:
        return None
    hours, minutes, seconds = (int(part or 0) for part in clock.groups())
    return (hours * 60 + minutes) * 60 + seconds or None


def _note(item: Found, notes: Notes, message: str, about: str = "") -> None:
    notes.add(f"{item.key}: {message}.", item.line, about)
