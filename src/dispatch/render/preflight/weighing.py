"""How heavy a picture's file is, and whether it moves."""

from dataclasses import dataclass

_GIF = (b"GIF87a", b"GIF89a")
_FRAME = b"\x00\x21\xf9\x04"  # GIF89a, section 23: the Graphic Control Extension before each frame, after a block's end


@dataclass(frozen=True, slots=True)
class Weighed:
    """A picture's file, as far as a reader's patience goes."""

    size: int  # bytes
    moves: bool  # an animated GIF


def weigh(data: bytes) -> Weighed:
    """Weigh the bytes of a picture's file."""
    return Weighed(len(data), data.startswith(_GIF) and data.count(_FRAME) > 1)
