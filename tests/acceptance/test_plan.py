"""Golden dry runs: whole publications, and what is planned for them, word for word.

Each folder below tests/golden is a publication with a transcript: lines that begin with "$ " are commands, and what
follows one is all that it says. A pass says nothing here, for its words are not the matter.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest

GOLDEN = sorted(path.parent for path in (Path(__file__).parents[1] / "golden").glob("*/transcript.txt"))


def _replayed(publication: Any, transcript: str) -> str:
    """The same commands, with what they say now."""
    lines = []
    for line in transcript.splitlines():
        if line.startswith("$ dispatch "):
            done = publication.run(*line.split()[2:])
            assert done.returncode == 0, done.stderr
            lines += [line, *(done.stdout.splitlines() if " plan " in line else [])]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_a_plan_says_word_for_word(folder: Path, publication: Any) -> None:
    """What a dry run prints changes only where somebody wanted it to."""
    shutil.copytree(folder, publication.folder, dirs_exist_ok=True)
    transcript = (folder / "transcript.txt").read_text()
    assert _replayed(publication, transcript) == transcript
