"""Memory that a pass needed and nobody needs any more: glibc would keep it, for there is always something above it."""

import ctypes


def give_back() -> None:
    """Return what is free to the system, which takes milliseconds; with another C library than glibc do nothing."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
