"""Standard output that writes all of it."""

import io
import sys


def write_whole() -> None:
    """Put a buffer before an unbuffered standard output.

    With PYTHONUNBUFFERED, Python hands a text to the system once, and what a pipe has no room for is lost without a
    word (io.RawIOBase.write: fewer bytes may be written than were given). A buffer tries until all is out.
    """
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper) and isinstance(out.buffer, io.RawIOBase):
        encoding, errors = out.encoding, out.errors
        whole = io.BufferedWriter(out.detach())
        sys.stdout = io.TextIOWrapper(whole, encoding=encoding, errors=errors, line_buffering=True)
