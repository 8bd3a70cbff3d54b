"""The W3C's Nu checker: whether a mail is HTML as the standard has it."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from .editions import HERE, Complaint, Mail

JAR = HERE / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss8m")  # a short run: less compiling, one thread

# What mail needs and the standard does not know: the checker's words, and why they stand.
FILTERED = {
    "CSS: “mso-[a-z-]+”": "Outlook for Windows is told in its own properties.",
}


def faults(mails: Sequence[Mail], folder: Path) -> list[Complaint]:
    """Every error that the checker finds; `folder` is for the files that it reads."""
    files = [folder / f"{number}.html" for number in range(len(mails))]
    for file, mail in zip(files, mails, strict=True):
        file.write_text(mail.html, encoding="utf-8")
    answer = subprocess.run(
        [*JAVA, "-jar", JAR, "--format", "json", "--errors-only", "--stdout", "--exit-zero-always", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr
    return list(_complaints(answer.stdout, mails))


def _complaints(answer: str, mails: Sequence[Mail]) -> Iterator[Complaint]:
    for one in json.loads(answer)["messages"]:
        if not any(re.match(known, one["message"]) for known in FILTERED):
            said = f"{one['message']}: {' '.join(one.get('extract', '').split())[:120]}"
            yield Complaint(mails[int(Path(one["url"]).stem)].name, said)
