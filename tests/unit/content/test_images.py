"""What mail needs of a picture made of pixels, and how it is made."""

import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import GifImagePlugin, Image

from dispatch.content.images import LONGEST, Look, for_mail, look

from .drawn import PLACE, TURN, bars, noted, photo, png, saved, swapped_profile


def opened(made: tuple[str, bytes]) -> Image.Image:
    """The picture that was made."""
    return Image.open(io.BytesIO(made[1]))


@pytest.mark.parametrize(
    ("name", "size", "options", "mailable"),
    [
        ("PNG", (60, 40), {}, True),
        ("JPEG", (1200, 10), {}, True),
        ("JPEG", (1201, 10), {}, False),
        ("PNG", (10, 1201), {}, False),
        ("JPEG", (60, 40), {"exif": noted(turn=3)}, False),
        ("PNG", (60, 40), {"exif": noted(turn=3)}, False),
        ("GIF", (60, 40), {}, True),
        ("GIF", (1201, 10), {}, False),
        ("GIF", (1201, 10), {"save_all": True, "append_images": [Image.new("RGB", (1201, 10))]}, True),
        ("WEBP", (60, 40), {}, False),
        ("AVIF", (60, 40), {}, False),
        ("TIFF", (60, 40), {}, False),
        ("BMP", (60, 40), {}, False),
    ],
)
def test_what_every_program_draws_is_left_as_it_is(name, size, options, mailable):
    """PNG, JPEG and GIF of at most 1200 pixels that lie upright, and whatever moves."""
    assert look(saved(bars(size), name, **options)) == Look(name, *size, mailable)


def test_a_bomb_is_measured_and_not_decoded(monkeypatch):
    """A small file of 13,000 by 13,000 pixels; nor is any other PNG, though its notes may stand behind its pixels."""
    decoded = []
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: decoded.append(self.size))
    row = zlib.compress(bytes(13_001 * 130), 9)
    for size in ((13_000, 13_000), (60_000, 60_000), (130, 100)):
        seen = look(png(size, row))
        assert (seen.width, seen.height) == size
    assert decoded == []


def test_of_many_frames_no_more_than_two_are_read(monkeypatch):
    """They tell that it moves."""
    data = saved(bars(), "GIF", save_all=True, append_images=[photo() for _ in range(20)])
    read = []
    seek = GifImagePlugin.GifImageFile._seek
    monkeypatch.setattr(
        GifImagePlugin.GifImageFile,
        "_seek",
        lambda self, frame, *more: (read.append(frame), seek(self, frame, *more))[1],
    )
    assert look(data).mailable
    assert max(read) == 1


def test_a_telephone_s_file_of_several_pictures_is_a_jpeg():
    """Many cameras append a second one; browsers show the first."""
    data = saved(bars(), "MPO", save_all=True, append_images=[bars()])
    assert look(data) == Look("JPEG", 60, 40, True)
    assert for_mail(data)[0] == ".jpg"


def test_print_colours_are_no_mail_s():
    """CMYK comes out inverted in some programs."""
    data = saved(bars().convert("CMYK"), "JPEG")
    assert look(data) == Look("JPEG", 60, 40, False)
    assert opened(for_mail(data)).mode == "RGB"


@pytest.mark.parametrize(
    ("picture", "name", "extension"),
    [
        (photo((400, 300)), "WEBP", ".jpg"),
        (photo((400, 300)), "AVIF", ".jpg"),
        (photo((400, 300)), "JPEG", ".jpg"),
        (bars((400, 300)), "WEBP", ".png"),
        (bars((400, 300)), "TIFF", ".png"),
        (bars((400, 300)), "JPEG", ".jpg"),
        (bars((400, 300), "P"), "PNG", ".png"),
    ],
)
def test_photos_become_jpeg_and_flat_colours_png(picture, name, extension):
    """Letters and lines stay sharp, and what was a JPEG stays one."""
    made = for_mail(saved(picture, name))
    assert made[0] == extension
    assert opened(made).format == {".jpg": "JPEG", ".png": "PNG"}[extension]


@pytest.mark.parametrize("name", ["WEBP", "PNG", "AVIF", "TIFF"])
def test_what_is_transparent_stays_so(name):
    """As a PNG, even of a photo; a channel that hides nothing is none."""
    clear, solid = photo((80, 60)), photo((80, 60))
    clear.putalpha(Image.linear_gradient("L").resize((80, 60)))
    solid.putalpha(255)
    made = opened(for_mail(saved(clear, name)))
    assert (made.format, made.mode) == ("PNG", "RGBA")
    assert made.getchannel("A").getextrema()[0] < 9
    assert opened(for_mail(saved(solid, name))).mode == "RGB"


def test_a_palette_with_a_hole_keeps_it():
    """GIF's and PNG's transparent colour."""
    picture = bars((1300, 40), "P")
    made = opened(for_mail(saved(picture, "PNG", transparency=picture.getpixel((0, 0)))))
    assert made.getpixel((1, 1))[3] == 0
    assert made.getpixel((1100, 1)) == (0, 0, 255, 255)


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "AVIF", "TIFF"])
def test_a_picture_stands_upright_and_says_nothing_of_its_author(name):
    """Its turn is carried out; places, names and profiles are gone."""
    made = for_mail(saved(bars((2400, 1600)), name, exif=noted(turn=6)))
    picture = opened(made)
    assert picture.size == (800, 1200)
    red, blue = picture.convert("RGB").getpixel((400, 100)), picture.convert("RGB").getpixel((400, 1100))
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]
    assert not picture.getexif().get_ifd(PLACE)
    assert TURN not in picture.getexif()
    assert b"Secret" not in made[1]


def test_colours_are_those_of_the_web():
    """A picture with a profile of its own is brought into sRGB, without it; a broken profile is passed by."""
    moved = opened(for_mail(saved(bars(), "PNG", icc_profile=swapped_profile())))
    kept = opened(for_mail(saved(bars(), "PNG", icc_profile=b"no profile")))
    assert "icc_profile" not in {*moved.info, *kept.info}
    assert moved.convert("RGB").getpixel((1, 1)) == (0, 0, 255)
    assert kept.convert("RGB").getpixel((1, 1)) == (255, 0, 0)


def test_sixteen_bits_are_not_washed_out():
    """Scanners save greys of two bytes; the lower one is given up, not the upper."""
    made = opened(for_mail(saved(Image.new("I;16", (40, 30), 0x8000), "PNG")))
    assert made.convert("L").getpixel((5, 5)) == 128


@settings(max_examples=20, deadline=None)
@given(width=st.integers(1, 1600), height=st.integers(1, 1600), mode=st.sampled_from(["L", "RGB", "P", "1", "LA"]))
def test_every_picture_fits_and_keeps_its_shape(width, height, mode):
    """At most 1200 pixels, never enlarged, and the same bytes each time."""
    data = saved(Image.new(mode, (width, height)), "PNG")
    made = for_mail(data)
    got = opened(made).size
    scale = min(1, LONGEST / max(width, height))
    assert max(got) <= LONGEST
    assert abs(got[0] - max(1, width * scale)) <= 1
    assert abs(got[1] - max(1, height * scale)) <= 1
    assert for_mail(data) == made
