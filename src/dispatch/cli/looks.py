"""How a preview is answered: the files that were written, and what preflight found in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dispatch.acts.preflight import Remarks
from dispatch.acts.preview import Preview
from dispatch.cli.session import Session
from dispatch.render.preflight.remark import ORDER, Remark, in_words


@dataclass(frozen=True, slots=True)
class Look:
    """One edition that was looked at."""

    shown: Preview
    files: list[Path]
    findings: Remarks

    @property
    def name(self) -> str:
        """What to call it among others of the same issue."""
        return self.shown.name or "largest"

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
    """Each edition's files and size, then a line a finding."""
    for look in looks:
        if len(looks) > 1:
            people = f", to {look.shown.people}" if look.shown.people else ""
            session.say(f"{look.name}: '{look.shown.subject}'{people}")
        session.say("\n".join(map(str, look.files)))
        session.say(f"{look.size:,} bytes of HTML; {in_words(look.findings) or 'nothing to mend'}")
    for line in _findings(looks):
        session.say(line)


def _findings(looks: Sequence[Look]) -> Iterator[str]:
    """Each finding once, the worst first, with the names of the editions that have it where not all have."""
    first: dict[tuple[str, ...], Remark] = {}
    for one in (one for look in looks for one in look.findings):
        first.setdefault(one.thing, one)
    for thing, one in sorted(first.items(), key=lambda item: ORDER.index(item[1].severity)):
        names = [look.name for look in looks if thing in {found.thing for found in look.findings}]
        only = f" ({', '.join(names)})" if len(names) < len(looks) else ""
        yield f"{one.severity.value:<7}  {one.check}{only}: {one}"
