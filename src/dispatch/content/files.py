"""Files that a post shows or offers, found beside it and never outside its source's folder."""

import hashlib
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dispatch.content.slug import make_slug
from dispatch.model.post import Asset

MAX_BYTES = 25 * 1024 * 1024


def find_file(address: str, beside: Path | None, root: Path | None) -> Path | None:
    """The file that a relative or root-absolute address names, or None if there is none below `root`.

    Links and `..` are followed first, so that nothing outside `root` is ever answered.
    """
    if root is None:
        return None
    return next((file for place in _places(address, beside, root) if (file := _inside(place, root))), None)


def lies_outside(address: str, beside: Path | None, root: Path | None) -> bool:
    """Whether an address leads out of `root`, be there a file or not."""
    if root is None:
        return False
    try:
        places = [place.resolve() for place in _places(address, beside, root)]
        return bool(places) and not any(place.is_relative_to(root.resolve()) for place in places)
    except (OSError, RuntimeError, ValueError):
        return False


def _places(address: str, beside: Path | None, root: Path) -> list[Path]:
    """Where the file that an address names may be."""
    name = unquote(urlsplit(address).path)
    if beside is None or not name or "\0" in name:
        return []
    if name.startswith("/"):
        return [root / name.lstrip("/"), root / "static" / name.lstrip("/")]
    return [beside.parent / name]


def _inside(place: Path, root: Path) -> Path | None:
    try:
        file = place.resolve(strict=True)
        return file if file.is_file() and file.is_relative_to(root.resolve()) else None
    except (OSError, RuntimeError, ValueError):
        return None


def make_large_asset(file: Path) -> Asset:
    """The file as `make_asset` makes it, without having all of it in memory."""
    with file.open("rb") as opened:
        return _asset(file, hashlib.file_digest(opened, "sha256").hexdigest(), file.suffix.lower())


def make_asset(file: Path, data: bytes, extension: str) -> Asset:
    """The file as it is copied below public/: named by its content, so that a changed one gets a new address."""
    return _asset(file, hashlib.sha256(data).hexdigest(), extension)


def _asset(file: Path, digest: str, extension: str) -> Asset:
    name = re.sub(r"[^a-z0-9-]", "", make_slug(file.stem)) or "file"
    return Asset(file, f"media/{digest[:12]}/{name[:60]}{extension}")
