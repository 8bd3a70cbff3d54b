"""Pictures made of pixels: measured by their heads, and made anew for mail. The only importer of Pillow."""

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageCms, ImageOps

MAX_PIXELS = 50_000_000  # more is no picture for a reader, and perhaps a bomb
Image.MAX_IMAGE_PIXELS = None  # Pillow would warn or fail at numbers of its own
LONGEST = 1200  # pixels of the longer side in mail: twice what the column shows
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "TIFF", "BMP")
EXTENSIONS = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "WEBP": ".webp", "AVIF": ".avif"}  # what browsers draw
MAILED = ("PNG", "JPEG", "GIF")  # what every mail program draws
ORIENTATION, SIDEWAYS = 0x0112, (5, 6, 7, 8)  # EXIF 2.32, section 4.6.4: rotated by a quarter turn
UPRIGHT = (0, 1)  # not rotated, or not said
QUALITY = 82  # of a JPEG
DARK, INKED = 72, 0.02  # shades of 256 that black swallows; the share of them that makes a drawing one in dark ink
PNG_MAY_COST = 1.5  # times the bytes of a JPEG: flat colours and letters stay sharp


@dataclass(frozen=True, slots=True)
class Look:
    """What the head of a picture's file tells."""

    format: str  # one of FORMATS
    width: int  # pixels, as shown
    height: int
    mailable: bool  # False: mail needs another picture in its place


def look(data: bytes) -> Look | None:
    """Measure a picture by its head alone; nothing is decoded. None for what is no picture of these formats."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            return _looked(picture)
    except Exception:  # a broken picture makes Pillow's readers fail in any way at all
        return None


def _looked(picture: Image.Image) -> Look:
    width, height = picture.size
    name = "JPEG" if picture.format == "MPO" else str(picture.format)  # a telephone's: several in one file
    if width * height > MAX_PIXELS:
        return Look(name, width, height, False)
    turn = _turn(picture, name)
    if turn in SIDEWAYS:
        width, height = height, width
    moves = name == "GIF" and bool(getattr(picture, "is_animated", False))
    fits = max(width, height) <= LONGEST and turn in UPRIGHT and picture.mode != "CMYK"
    return Look(name, width, height, name in MAILED and (fits or moves))


def _turn(picture: Image.Image, name: str) -> int:
    """How a picture is to be turned, if its head tells: for notes at a PNG's end Pillow decodes all before them."""
    headless = name == "PNG" and "exif" not in picture.info
    return 1 if headless or name in ("GIF", "TIFF") else picture.getexif().get(ORIENTATION, 1)


def for_mail(data: bytes, *, drawing: bool = False) -> tuple[str, bytes]:
    """The picture as mail programs draw it, as an extension and bytes: upright, in sRGB, and of nothing but pixels.

    At most 1200 pixels long; of moving pictures the first frame. Where there is transparency it is a PNG, and so it
    is where a PNG is hardly larger; otherwise a JPEG. A drawing in dark ink on nothing gets white paper, for mail may
    be read on black. Raises whatever Pillow does for a broken file.
    """
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        photo = opened.format in ("JPEG", "MPO")
        opened.draft(None, (LONGEST, LONGEST))  # a JPEG is decoded no larger than is needed
        picture = _in_srgb(_small(_deep(ImageOps.exif_transpose(opened))))
    if drawing:
        picture = _on_paper(picture)
    picture.info = {}  # what a camera and an editor noted: places, times, names
    if picture.mode == "RGBA":
        return ".png", _png(picture)
    jpeg = _written(picture, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    png = b"" if photo else _png(picture)
    return (".png", png) if png and len(png) <= len(jpeg) * PNG_MAY_COST else (".jpg", jpeg)


def _deep(picture: Image.Image) -> Image.Image:
    """The picture in a mode that can be made smaller: palettes and sixteen bits are none."""
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("L", "RGB", "RGBA", "CMYK", "LA") and "transparency" not in picture.info:
        return picture
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "I", "F") else "RGB")


def _small(picture: Image.Image) -> Image.Image:
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    """RGB in the colours of the web, or RGBA where anything shines through."""
    alpha = picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None
    solid = picture if alpha is None else picture.convert({"RGBA": "RGB", "LA": "L"}[picture.mode])
    plain = _by_profile(solid, picture.info.get("icc_profile")) or solid.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        plain.putalpha(alpha)
    return plain


def _on_paper(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    alpha = picture.getchannel("A")
    shades = picture.convert("L").histogram(alpha.point(lambda value: 255 * (value > 127)))
    if sum(shades[:DARK]) < sum(shades) * INKED:
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=alpha)
    return paper


def _by_profile(picture: Image.Image, profile: bytes | None) -> Image.Image | None:
    """The picture in sRGB by its own colour profile; None where it has none that can be used."""
    if not profile:
        return None
    try:
        known = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, known, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _png(picture: Image.Image) -> bytes:
    return _written(picture, "PNG", optimize=True)


def _written(picture: Image.Image, name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, name, **options)
    return buffer.getvalue()
