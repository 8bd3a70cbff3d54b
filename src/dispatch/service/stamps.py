"""How a file looks from outside: enough to see that it has been saved."""

from pathlib import Path

Stamp = tuple[int, int, int]  # inode, size, time of the last change; zeros: it is not there
ABSENT: Stamp = (0, 0, 0)


def stamp(path: Path) -> Stamp:
    """How one file looks now."""
    try:
        found = path.stat()
    except OSError:
        return ABSENT
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def stamps(folder: Path, pattern: str) -> list[tuple[str, Stamp]]:
    """How the files of a folder look, by name."""
    return [(path.name, stamp(path)) for path in sorted(folder.glob(pattern))]
