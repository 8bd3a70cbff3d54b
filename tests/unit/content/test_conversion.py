"""Pictures made for mail by a child process, within bounds."""

import io
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from dispatch.content import conversion
from dispatch.content.conversion import Job, convert, needed
from dispatch.content.vectors import Vector, read_vector

from .drawn import bars, saved, svg

SHELLS = "<g opacity='0.5'>" * 250 + '<rect width="9" height="9"/>' + "</g>" * 250
BLUR = (
    '<filter id="f" x="-9" y="-9" width="90" height="90">' + '<feGaussianBlur stdDeviation="999"/>' * 99 + "</filter>"
)
USES = "".join(f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, 12))


def drawing(inside: str) -> bytes:
    """What is drawn of an SVG."""
    vector = read_vector(svg(inside))
    assert isinstance(vector, Vector)
    return vector.drawing


def drawn(inside: str, width: int = 600) -> Image.Image:
    """A drawing as the PNG that a child made of it."""
    made = convert(Job(drawing(inside), width))
    assert isinstance(made, tuple)
    assert made[0] == ".png"
    return Image.open(io.BytesIO(made[1]))


def test_a_drawing_is_drawn_as_wide_as_it_is_asked_for():
    """What it leaves free is transparent."""
    picture = drawn('<rect width="150" height="100" fill="red"/>')
    assert picture.size == (600, 200)
    assert picture.getpixel((10, 10)) == (255, 0, 0, 255)
    assert picture.getpixel((590, 10))[3] == 0


@pytest.mark.parametrize(
    ("ink", "mode"), [("black", "RGB"), ("#204080", "RGB"), ("white", "RGBA"), ("#ff8000", "RGBA")]
)
def test_dark_ink_has_white_paper(ink, mode):
    """Lines drawn for a page would vanish in a mail that is read on black; light ones are seen there."""
    picture = drawn(f'<path d="M9 9L290 90" stroke="{ink}" stroke-width="9"/>')
    assert picture.mode == mode
    assert mode == "RGBA" or picture.getpixel((1, 199)) == (255, 255, 255)


def test_letters_are_drawn():
    """In whatever fonts there are, for one that the machine lacks too."""
    letters = drawn('<text x="9" y="80" font-size="60" font-family="Nonesuch">Tide</text>').convert("L")
    assert letters.getextrema()[0] < 50


@pytest.mark.parametrize("inside", [SHELLS, BLUR + '<rect width="300" height="100" filter="url(#f)"/>', USES])
def test_a_hostile_drawing_costs_itself_alone(inside, monkeypatch):
    """What overflows the stack, or would compute for hours, ends in words and in time."""
    monkeypatch.setattr(conversion, "SECONDS", 0.3)
    begin = time.monotonic()
    assert "too" in str(convert(Job(drawing(inside), 600)))
    assert time.monotonic() - begin < 5


def test_a_broken_picture_ends_in_words():
    """Cut off in the middle."""
    data = saved(bars((400, 300)), "WEBP")
    assert convert(Job(data[: len(data) // 2])) == conversion.UNKNOWN


def test_the_child_knows_no_secrets():
    """A decoder that is taken over finds none in its environment."""
    assert needed({"SMTP_PASSWORD": "hush", "HOME": "/home/ada"}) == {"HOME": "/home/ada"}


def test_a_signal_to_the_whole_group_leaves_the_picture_whole():
    """Ctrl-C and a service manager tell the children, too: a picture broken off would be taken for a bad one."""
    data = saved(bars((400, 400)), "BMP")
    command = [sys.executable, "-m", conversion.__name__, "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        child.stdin.write(data[:-9])  # more than a pipe holds: it has begun to read
        child.send_signal(signal.SIGTERM)
        child.send_signal(signal.SIGINT)
        made, _ = child.communicate(data[-9:], timeout=60)
    assert child.returncode == 0
    assert made.startswith(b".png\n")
