"""Pictures made in code, as cameras and drawing programs save them."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms

PLACE = 0x8825  # EXIF 2.32, section 4.6.3: where the camera stood
TURN = 0x0112


def bars(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue, so that a turn is seen."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    return picture.convert(mode)


def photo(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Something with as many colours as the world has."""
    gradient = Image.radial_gradient("L").resize(size)
    grain = Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * turn).resize(size) for turn in range(3)])
    return Image.blend(grain, Image.merge("RGB", [gradient] * 3), 0.5)


def saved(picture: Image.Image, name: str, **options: Any) -> bytes:
    """The bytes of a file."""
    buffer = io.BytesIO()
    picture.save(buffer, name, **options)
    return buffer.getvalue()


def noted(turn: int = 1) -> Image.Exif:
    """What a telephone notes: how it was held, where it was, whose it is."""
    exif = Image.Exif()
    exif[TURN] = turn
    exif[0x013B] = "Ada Secret"
    exif.get_ifd(PLACE)[1] = "N"
    exif.get_ifd(PLACE)[2] = (54.0, 19.0, 30.0)
    return exif


def swapped_profile() -> bytes:
    """A colour profile in which red shines blue, and blue red."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")


def png(size: tuple[int, int], pixels: bytes) -> bytes:
    """A file whose head says one size, whatever its pixels are."""
    head = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    sums = ((kind + data, len(data)) for kind, data in chunks)
    parts = (struct.pack(">I", length) + body + struct.pack(">I", zlib.crc32(body)) for body, length in sums)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def svg(inside: str, around: str = 'width="300" height="100"', before: str = "") -> bytes:
    """A drawing."""
    return (
        f'{before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {around}>'
        f"{inside}</svg>"
    ).encode()
