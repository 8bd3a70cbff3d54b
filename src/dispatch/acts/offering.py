"""What is offered to whoever subscribes: a publication's lists, the tags of their posts, its languages; time zones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

from dispatch.compose.gate import folded
from dispatch.context import Context
from dispatch.model.issue import MailingList
from dispatch.model.tags import SINCE
from dispatch.store.sorts import Sort, sorts

FRESH = timedelta(minutes=1)  # how long an answer serves: forms are asked for more often than posts appear
FEW = 12  # tags that a person can look through
REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@dataclass(frozen=True, slots=True)
class Offering:
    """All there is to choose from, at a moment."""

    lists: Mapping[str, MailingList]
    languages: tuple[str, ...]  # the publication's first
    tags: Mapping[str, tuple[str, ...]]  # the commonest of each list's posts, in order

    @property
    def open(self) -> Mapping[str, MailingList]:
        """The lists that anybody may join."""
        return {slug: one for slug, one in self.lists.items() if one.sign_up}


class Offerings:
    """Looks into the store at most once a minute."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._last: tuple[datetime, Offering] | None = None

    async def now(self) -> Offering:
        """What is on offer. Raises StoreError."""
        now = self._context.clock()
        if self._last is None or not timedelta(0) <= now - self._last[0] < FRESH:
            async with self._context.store.read() as tx:
                found = await sorts(tx)
            self._last = now, self._offering(found)
        return self._last[1]

    def _offering(self, found: Sequence[Sort]) -> Offering:
        own = self._context.publication.language
        others = sorted({one.language for one in found if one.language} - {own})
        lists = self._context.lists
        return Offering(lists, (own, *others), {slug: common_tags(found, one) for slug, one in lists.items()})


def common_tags(found: Sequence[Sort], one: MailingList) -> tuple[str, ...]:
    """The tags that most posts of a list carry, in order; the one by which the list itself is chosen says nothing.

    One with a semicolon cannot be chosen: between two tags there is one.
    """
    wanted = folded(one.tags)
    counted: Counter[str] = Counter()
    for sort in found:
        if (not one.sources or sort.source in one.sources) and (not wanted or wanted & folded(sort.tags)):
            counted.update({tag: sort.count for tag in sort.tags if SINCE not in tag})
    spelt: dict[str, str] = {}
    for tag in sorted(counted, key=lambda tag: (-counted[tag], tag)):
        spelt.setdefault(tag.casefold(), tag)
    if len(wanted) == 1:
        spelt.pop(next(iter(wanted)), None)
    return tuple(sorted(list(spelt.values())[:FEW], key=str.casefold))


@cache
def zones() -> tuple[str, ...]:
    """The IANA's zones that are named after places; one such as `localtime` means another zone on each machine."""
    return tuple(sorted(zone for zone in available_timezones() if zone.partition("/")[0] in REGIONS))
