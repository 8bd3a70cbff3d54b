"""What a pass on a copy would have sent, looked over before the real one sends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dispatch.acts.act import Desk
from dispatch.acts.preflight import Remarks, preflight
from dispatch.acts.preview import Preview, Reader, preview_issue


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the readers of one language would have got with an issue."""

    issue: int
    file: Path  # its HTML
    findings: Remarks  # of preflight, but for those that another of these has already


async def rehearsed(desk: Desk, numbers: Iterable[int]) -> tuple[Rehearsed, ...]:
    """Write the mails of issues that have begun below `preview/` and look them over. Raises StoreError."""
    found: list[Rehearsed] = []
    for number in numbers:
        for shown in await preview_issue(desk, number, Reader()):
            found.append(await _looked_over(desk, number, shown, found))
    return tuple(found)


async def _looked_over(desk: Desk, number: int, shown: Preview, before: Iterable[Rehearsed]) -> Rehearsed:
    told = {one.thing for mail in before for one in mail.findings}
    html, *_ = shown.write(desk.context.workplace / "preview" / str(number))
    return Rehearsed(number, html, tuple(one for one in await preflight(desk, shown) if one.thing not in told))
