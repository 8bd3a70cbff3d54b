"""A picture's file beside a post: what the web shows of it, and what mail shows."""

from dataclasses import dataclass, replace
from pathlib import Path

from dispatch.content import files, images, vectors
from dispatch.content.conversion import Job
from dispatch.content.renditions import Made, Renditions
from dispatch.errors import ContentError
from dispatch.model.post import Asset

TWICE = 2  # pixels for each one shown, in a vector's picture for mail: fine screens have as many
MORE_THAN_A_PICTURE = (
    "holds more than a picture ({}): it was not published, and what is left of it was shown in pixels. "
    "Export it as plain SVG, or as PNG"
)
LABELS = (
    "holds text as HTML (foreignObject), which only browsers draw: mail links to it. "
    "Export it with its text as SVG text or as paths, or as PNG"
)
NO_PICTURE = "is no PNG, JPEG, GIF, WebP, AVIF, SVG, TIFF or BMP picture; save it as one of these"


@dataclass(frozen=True, slots=True)
class LocalPicture:
    """A picture of the author's own."""

    shown: Asset  # what pages and feeds show
    width: int  # pixels, as shown
    height: int
    mailed: Asset | None = None  # what mail shows in its place; None: the same
    remark: str = ""  # what its author should know, to follow its name

    @property
    def assets(self) -> tuple[Asset, ...]:
        """The files to copy."""
        return (self.shown, self.mailed) if self.mailed else (self.shown,)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What a file turned out to be."""

    extension: str  # of the file below public/; empty: it may not or need not be published
    width: int
    height: int
    job: Job | None  # how its picture for mail is made; None: mail has the file itself
    remark: str = ""


def read_picture(file: Path, renditions: Renditions | None) -> LocalPicture | str:
    """Measure a picture's file and make its picture for mail, if it needs another.

    Answers a reason where it cannot be shown. Without a folder for pictures made, nothing is made.
    """
    data = _read(file)
    sight = data if isinstance(data, str) else _see(data)
    if isinstance(data, str) or isinstance(sight, str):
        return str(sight)
    original = files.make_asset(file, data, sight.extension)
    picture = LocalPicture(original, sight.width, sight.height, None, sight.remark)
    if sight.job is None or (renditions is None and sight.extension):
        return picture
    made = renditions.of(sight.job) if renditions else "there is no folder for it"
    if isinstance(made, Made):
        mailed = Asset(file, f"{original.target.removesuffix(sight.extension)}-mail{made.extension}", original.target)
        return replace(picture, mailed=mailed) if sight.extension else replace(picture, shown=mailed)
    if not sight.extension:
        return f"cannot be converted: {made}"
    return replace(picture, remark=f"cannot be converted for mail: {made}")


def picture_for_mail(asset: Asset, renditions: Renditions) -> bytes:
    """The bytes of an asset that stands for another in mail. Raises ContentError where they cannot be made."""
    data = _read(asset.source)
    sight = data if isinstance(data, str) else _see(data)
    made = renditions.of(sight.job) if isinstance(sight, _Sight) and sight.job else sight
    if isinstance(made, Made):
        return made.data
    reason = made if isinstance(made, str) else "has changed since"
    raise ContentError(
        f"shows {asset.source}, of which no picture for mail can be made: {reason}. "
        "Put the picture back, or save the post anew."
    )


def _read(file: Path) -> bytes | str:
    try:
        if file.stat().st_size > files.MAX_BYTES:
            return "is over 25 MB; make it smaller"
        return file.read_bytes()
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _see(data: bytes) -> _Sight | str:
    look = images.look(data)
    if look is not None:
        return _see_pixels(look, data)
    vector = vectors.read_vector(data)
    return _see_lines(vector) if isinstance(vector, vectors.Vector) else vector or NO_PICTURE


def _see_pixels(look: images.Look, data: bytes) -> _Sight | str:
    if look.width * look.height > images.MAX_PIXELS:
        return f"has {look.width} × {look.height} pixels; make it smaller"
    if extension := images.EXTENSIONS.get(look.format):
        return _Sight(extension, look.width, look.height, None if look.mailable else Job(data))
    scale = min(1.0, images.LONGEST / max(look.width, look.height))
    return _Sight("", max(1, round(look.width * scale)), max(1, round(look.height * scale)), Job(data))


def _see_lines(vector: vectors.Vector) -> _Sight:
    scale = min(TWICE, images.LONGEST / max(vector.width, vector.height))
    job = Job(vector.drawing, max(1, round(vector.width * scale)))
    if vector.taken_out:
        return _Sight("", vector.width, vector.height, job, MORE_THAN_A_PICTURE.format(vector.taken_out))
    if vector.labels:
        return _Sight(".svg", vector.width, vector.height, None, LABELS)
    return _Sight(".svg", vector.width, vector.height, job)
