"""Pictures: found, measured, and named for the public site. The only importer of Pillow."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from dispatch.content import files
from dispatch.model.post import Asset

MAX_PIXELS = 50_000_000  # more is no picture for a reader, and perhaps a bomb
EXTENSIONS = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "WEBP": ".webp"}
ORIENTATION, SIDEWAYS = 0x0112, (5, 6, 7, 8)  # EXIF 2.32, section 4.6.4: rotated by a quarter turn


@dataclass(frozen=True, slots=True)
class LocalPicture:
    """A picture of the author's own."""

    asset: Asset
    width: int  # pixels, as shown
    height: int


def read_picture(file: Path) -> LocalPicture | str:
    """Measure a picture file by its head alone; nothing is decoded. Answers a reason where it cannot be shown."""
    try:
        if file.stat().st_size > files.MAX_BYTES:
            return "is over 25 MB; make it smaller"
        data = file.read_bytes()
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    measured = _measure(file)
    if measured is None:
        return "is no PNG, JPEG, GIF or WebP picture; mail shows no others"
    extension, width, height = measured
    if width * height > MAX_PIXELS:
        return f"has {width} × {height} pixels; make it smaller"
    return LocalPicture(files.make_asset(file, data, extension), width, height)


def _measure(file: Path) -> tuple[str, int, int] | None:
    try:
        with Image.open(file, formats=tuple(EXTENSIONS)) as picture:
            width, height = picture.size
            if picture.format == "JPEG" and picture.getexif().get(ORIENTATION) in SIDEWAYS:
                width, height = height, width
            return EXTENSIONS[str(picture.format)], width, height
    except Image.DecompressionBombError:
        return ".png", MAX_PIXELS, MAX_PIXELS
    except Exception:  # a broken picture makes Pillow's readers fail in any way at all
        return None
