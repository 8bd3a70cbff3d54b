"""A picture beside a post: what the web shows, what mail shows, and that it is made once."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from dispatch.content.picture_file import LocalPicture, picture_for_mail, read_picture
from dispatch.content.prepare import ContentSetting
from dispatch.content.renditions import Renditions
from dispatch.errors import ContentError

from .drawn import bars, noted, photo, saved, svg

DOT = '<rect width="50" height="50" fill="red"/>'
LABEL = '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">Tide</p></foreignObject>'
SITE = "https://news.example.org"


@pytest.fixture
def renditions(tmp_path: Path) -> Renditions:
    """An empty folder for pictures made."""
    return Renditions(tmp_path / "cache")


@pytest.fixture
def read(tmp_path: Path, renditions: Renditions):
    """Read a picture that has these bytes."""

    def _read(data: bytes, name: str = "boat") -> LocalPicture | str:
        (tmp_path / name).write_bytes(data)
        return read_picture(tmp_path / name, renditions)

    return _read


def endings(picture: LocalPicture) -> list[str]:
    """How the names of the files to copy end, behind the folder that their content names."""
    return [asset.target.split("/")[2] for asset in picture.assets]


@pytest.mark.parametrize(
    ("data", "names", "size"),
    [
        (saved(bars(), "PNG"), ["boat.png"], (60, 40)),
        (saved(bars(), "WEBP"), ["boat.webp", "boat-mail.png"], (60, 40)),
        (saved(photo((400, 300)), "AVIF"), ["boat.avif", "boat-mail.jpg"], (400, 300)),
        (saved(photo((2400, 1200)), "JPEG"), ["boat.jpg", "boat-mail.jpg"], (2400, 1200)),
        (saved(bars(), "JPEG", exif=noted(6)), ["boat.jpg", "boat-mail.jpg"], (40, 60)),
        (saved(bars((2400, 1600)), "TIFF"), ["boat-mail.png"], (1200, 800)),
        (saved(bars(), "BMP"), ["boat-mail.png"], (60, 40)),
        (svg(DOT), ["boat.svg", "boat-mail.png"], (300, 100)),
        (svg(DOT + "<script/>"), ["boat-mail.png"], (300, 100)),
        (svg(DOT + LABEL), ["boat.svg"], (300, 100)),
    ],
)
def test_the_web_shows_the_file_and_mail_what_it_can(read, data, names, size):
    """Where the web cannot show the file, or had better not, it shows what mail shows."""
    picture = read(data)
    assert endings(picture) == names
    assert (picture.width, picture.height) == size


def test_a_drawing_is_made_for_fine_screens(read, renditions):
    """Two pixels for each one shown, up to 1200."""
    picture = read(svg(DOT))
    assert isinstance(picture, LocalPicture)
    assert picture.mailed is not None
    picture_for_mail(picture.mailed, renditions)
    (made,) = renditions.folder.iterdir()
    assert Image.open(made).size == (600, 200)


def test_a_drawing_that_holds_more_is_named(read):
    """Its author learns what was taken out, and how to keep it."""
    assert "<script>" in read(svg(DOT + "<script/>")).remark
    assert "text as HTML" in read(svg(DOT + LABEL)).remark


def test_a_picture_is_made_once(read, renditions):
    """Neither a second look nor another name of the same content makes it again; nobody else's write is in the way."""
    data = saved(bars(), "WEBP")
    first = read(data)
    (kept,) = renditions.folder.iterdir()
    written = kept.stat()
    assert endings(read(data, "other"))[1] == "other-mail.png"
    assert picture_for_mail(first.mailed, Renditions(renditions.folder)) == kept.read_bytes()
    assert list(renditions.folder.iterdir()) == [kept]
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (written.st_ino, written.st_mtime_ns)


def test_what_was_made_and_lost_is_made_again_with_the_same_bytes(read, renditions):
    """The folder needs no backup."""
    picture = read(saved(photo(), "WEBP"))
    (kept,) = renditions.folder.iterdir()
    before = kept.read_bytes()
    kept.unlink()
    assert picture_for_mail(picture.mailed, renditions) == before


def test_a_picture_that_a_disk_has_lost_half_of_is_made_again(read, renditions):
    """A file is what its name says, or it is not used."""
    picture = read(saved(bars(), "WEBP"))
    (kept,) = renditions.folder.iterdir()
    before = kept.read_bytes()
    for damaged in (b"", before[: len(before) // 2], before + b"x"):
        kept.write_bytes(damaged)
        assert picture_for_mail(picture.mailed, renditions) == before


def test_a_lost_file_is_named(read, renditions):
    """With what to do."""
    picture = read(saved(bars(), "WEBP"))
    with pytest.raises(ContentError, match=r"gone/boat, of which .* cannot be read .*Put the picture back"):
        picture_for_mail(replace(picture.mailed, source=picture.mailed.source.parent / "gone" / "boat"), renditions)


def test_a_picture_that_breaks_later_on_is_shown_where_it_can_be(read):
    """The web shows what it can of it, mail links to it or shows the same, and its author hears of it."""
    photograph, scan = saved(photo((2400, 900)), "JPEG"), saved(photo((400, 300)), "TIFF")
    picture = read(photograph[:4000])
    assert endings(picture) == ["boat.jpg"]
    assert "cannot be converted for mail" in picture.remark
    assert "cannot be converted" in str(read(scan[: len(scan) // 2]))


def test_a_folder_that_cannot_be_written_costs_no_post(tmp_path):
    """The web shows the picture; the message names the folder."""
    (tmp_path / "cache").write_bytes(b"a file")
    (tmp_path / "boat").write_bytes(saved(bars(), "WEBP"))
    picture = read_picture(tmp_path / "boat", Renditions(tmp_path / "cache"))
    assert isinstance(picture, LocalPicture)
    assert str(tmp_path / "cache") in picture.remark


def test_a_post_s_revision_tells_of_pictures_made_for_mail(make, tmp_path, renditions):
    """So that the site takes them up; a post without any keeps the revision that it had before there were such."""
    setting = ContentSetting(SITE)
    (tmp_path / "a.webp").write_bytes(saved(bars(), "WEBP"))
    with_mail = replace(setting, renditions=renditions)
    assert make("![a](a.webp)", setting=setting).revision != make("![a](a.webp)", setting=with_mail).revision
    assert make("![a](b.webp)", setting=setting).revision == make("![a](b.webp)", setting=with_mail).revision


def test_the_author_hears_of_it_by_file_and_line(make, tmp_path, renditions):
    """As of any picture."""
    (tmp_path / "a.svg").write_bytes(svg(DOT + "<script/>"))
    post = make("---\ntitle: T\n---\n\n![a](a.svg)", setting=ContentSetting(SITE, renditions=renditions))
    (problem,) = post.problems
    assert (problem.where, problem.line, problem.fatal) == ("posts/hello.md", 5, False)
    assert "'a.svg' holds more than a picture" in problem.message
    assert "a-mail.png" in post.html
