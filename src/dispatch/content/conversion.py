"""A picture made anew for mail, by a child process: what breaks a decoder, or keeps it busy, costs this picture alone.

The child gets the picture on its standard input, none of our environment's secrets, and bounds on time and memory.
"""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

SECONDS = 10  # of work; a photo of 12 megapixels takes a quarter of one
MEMORY = 3 * 1024**3  # bytes of address space
LIMITS = (
    (resource.RLIMIT_CPU, SECONDS),
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
)
NEEDED = ("PATH", "HOME", "LANG", "XDG_DATA_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")  # to find fonts
NO_FONTS = "no fonts"
UNKNOWN = "it is broken, or too intricate; save it anew, or as PNG or JPEG"
REASONS = {
    NO_FONTS: "this machine has no fonts for its letters; install some, or turn the letters into paths",
    "MemoryError": "it takes too much memory; make it simpler or smaller",
}


@dataclass(frozen=True, slots=True)
class Job:
    """A picture to be made for mail."""

    data: bytes  # a picture's file, or a drawing of `vectors`
    drawn_at: int = 0  # pixels of width at which a drawing is drawn; 0: it is no drawing


def convert(job: Job) -> tuple[str, bytes] | str:
    """The picture for mail as an extension and bytes; a reason where it cannot be made. Takes at most half a minute."""
    command = [sys.executable, "-B", "-P", "-m", __name__, str(job.drawn_at)]
    known = {**needed(os.environ), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(command, input=job.data, capture_output=True, env=known, timeout=3 * SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired:
        return "it takes too long; make it simpler"
    except OSError as error:
        return f"no process could be started for it ({error.strerror})"
    if done.returncode < 0:
        return "it takes too long or too much memory; make it simpler"
    if done.returncode:
        return REASONS.get(done.stderr.decode(errors="replace").strip().rpartition("\n")[2], UNKNOWN)
    extension, _, made = done.stdout.partition(b"\n")
    return extension.decode(), made


def needed(environment: Mapping[str, str]) -> dict[str, str]:
    """Of an environment, what a child may know: passwords lie there too."""
    return {name: environment[name] for name in NEEDED if name in environment}


def _work() -> None:
    """What the child does."""
    for number in (signal.SIGTERM, signal.SIGINT):  # what stops us reaches our children too: it is ours to obey
        signal.signal(number, signal.SIG_IGN)
    for limit, value in LIMITS:
        with suppress(OSError, ValueError):  # not every system knows each
            resource.setrlimit(limit, (value, value))
    data, drawn_at = sys.stdin.buffer.read(), int(sys.argv[1])
    extension, made = _converted(data, drawn_at)
    sys.stdout.buffer.write(extension.encode() + b"\n" + made)


def _converted(data: bytes, drawn_at: int) -> tuple[str, bytes]:
    from dispatch.content.images import for_mail
    from dispatch.content.rasterise import NoFonts, rasterise

    try:
        return for_mail(rasterise(data, drawn_at), drawing=True) if drawn_at else for_mail(data)
    except NoFonts:
        sys.exit(NO_FONTS)
    except Exception as error:
        sys.exit(type(error).__name__)


if __name__ == "__main__":
    _work()
