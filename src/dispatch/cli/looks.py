"""How a preview is answered: the files that were written, and what preflight found in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dispatch.acts.preflight import Remarks
from dispatch.acts.preview import Preview
from dispatch.cli.session import Session
from dispatch.render.preflight.remark import in_words


@dataclass(frozen=True, slots=True)
class Look:
    """One edition that was looked at."""

    shown: Preview
    files: list[Path]
    findings: Remarks

    @property
    def size(self) -> int:
        """Bytes of HTML."""
        return len(self.shown.html.encode())

    @property
    def as_json(self) -> dict[str, Any]:
        """As `--json` has it."""
        one = self.shown
        named = {"name": one.name, "subject": one.subject, "people": one.people, "bytes": self.size, "cut": one.cut}
        return {**named, "files": self.files, "findings": self.findings}


def print_looks(session: Session, looks: Sequence[Look]) -> None:
    """Each edition's files, its size, and a line a finding."""
    for look in looks:
        if len(looks) > 1:
            session.say(f"{look.shown.name or 'largest'}: {look.shown.subject!r}, to {look.shown.people}")
        session.say("\n".join(map(str, look.files)))
        session.say(f"{look.size:,} bytes of HTML; {in_words(look.findings) or 'nothing to mend'}")
        for one in look.findings:
            session.say(f"{one.severity.value:<7}  {one.check}: {one}")
