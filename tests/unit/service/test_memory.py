"""What a pass needed does not stay with the process."""

import ctypes
import os
from pathlib import Path

import pytest

from dispatch.service.memory import give_back

MANY = 20_000


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc alone has it")
def test_free_memory_goes_back_though_some_above_it_is_in_use() -> None:
    """A few survivors in every megabyte keep nothing else."""
    blocks = [bytes([number % 250]) * 4000 for number in range(MANY)]
    survivors = blocks[::500]
    blocks.clear()
    before = resident()
    give_back()
    assert before - resident() > MANY * 4000 / 2
    assert len(survivors) == MANY / 500
