"""Says who gets what when: slow and obvious. It knows people and sets of posts; no marks, no cohorts, no SQL."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .hours import Place, Rule, first_moment, last_moment, moment
from .reader import Mail, Reader, Share, Story

IMMEDIATE, BY_HAND = "immediate", "by hand"
PATIENCE = timedelta(hours=24)
ACT, LEAVE = "act", "leave"
OPEN, LATE, SENT = "open", "late", "sent"
Due = dict[Story, frozenset[str]]


@dataclass
class Slot:
    """The next issue of a list and cadence: its day, and what has become of it."""

    day: date
    before: int = 0  # posts that had appeared when the previous one came
    state: str = OPEN  # of the issue: waits for its day, for an editor's word, or goes with the next pass
    upto: int = 0  # the last post that a late or sent issue may bring
    issue_day: date | None = None
    dropped: set[Story] = field(default_factory=set)  # left out of the draft


@dataclass
class Target:
    """A list."""

    slug: str
    rules: dict[str, Rule]
    immediate: bool = False
    sources: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    zone: str = "Europe/Berlin"
    local_time: bool = False
    min_posts: int = 1
    max_posts: int | None = None
    cutoff: timedelta = timedelta(0)
    if_late: str = "ask"
    paused: bool = False
    unseen: int = 0  # posts up to here have been immediate issues
    slots: dict[str, Slot] = field(default_factory=dict)
    left_out: dict[str, set[Story]] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)

    def takes(self, post: Story) -> bool:
        """Whether the list may mail a post."""
        return (not self.sources or post.source in self.sources) and (not self.tags or bool(self.tags & post.tags))

    def on(self, cadence: str, now: datetime) -> list[Reader]:
        """Who gets an issue of a cadence."""
        found = [one for one in self.readers.values() if one.there and (cadence == one.cadence or cadence == BY_HAND)]
        return [one for one in found if one.away_until is None or one.away_until <= now]

    def places(self, cadence: str, now: datetime) -> list[Place]:
        """Where the hours of a cadence count."""
        found = {(one.zone or self.zone, one.hour) for one in self.on(cadence, now)} if self.local_time else set()
        return sorted(found) or [(self.zone, "")]


class Oracle:
    """All lists, all posts that have appeared, and what is on its way."""

    def __init__(self, lists: Iterable[Target], start: datetime) -> None:
        self.lists = {one.slug: one for one in lists}
        self.posts: list[Story] = []
        self.on_the_way: dict[tuple[str, str, datetime], list[Share]] = {}
        self.by_hand: list[tuple[Target, tuple[Story, ...]]] = []
        for one in self.lists.values():
            for cadence, rule in one.rules.items():
                days = rule.days_from(start.date() - timedelta(days=2))
                day = next(day for day in days if moment(day, rule.hour, one.zone) > start)
                one.slots[cadence] = Slot(day)

    # what happens to posts and people

    def appear(self, post: Story, now: datetime) -> None:
        """A post is there."""
        self.posts.append(post)
        post.arrival, post.arrived = len(self.posts), now
        for one in self.lists.values():
            if one.takes(post):
                for reader in one.readers.values():
                    reader.owe(post)

    def join(self, reader: Reader) -> None:
        """Somebody joins, or comes back: from the slot before on or, to an immediate list, from now on."""
        one = self.lists[reader.slug]
        slot = one.slots.get(reader.cadence)
        start = one.unseen if slot is None else slot.before
        earlier = one.readers.get(reader.who)
        if earlier:
            reader.had, reader.told, reader.by_hand = earlier.had, earlier.told, earlier.by_hand
            start = reader.behind = max(start, earlier.behind)
        one.readers[reader.who] = reader
        for post in self.posts:
            if not one.takes(post) or post in reader.had:
                continue
            if post.arrival > start:
                reader.owe(post)
            elif reader.wants(post):
                reader.told.add(post.tale)

    # what editors do

    def cancel_draft(self, slug: str, cadence: str, now: datetime) -> None:
        """The next issue is not to be: its slot passes, or what was late goes with the next one."""
        one = self.lists[slug]
        slot = one.slots[cadence]
        if slot.state == OPEN:
            places, rule = one.places(cadence, now), one.rules[cadence]
            due = first_moment(rule, slot.day, places)
            slot.day = next(day for day in rule.days_from(slot.day) if first_moment(rule, day, places) > max(now, due))
        slot.state, slot.dropped = OPEN, set()

    def send_draft(self, slug: str, cadence: str, now: datetime) -> None:
        """The next issue goes now, with what is there."""
        one = self.lists[slug]
        slot = one.slots[cadence]
        if slot.state == OPEN:
            due = first_moment(one.rules[cadence], slot.day, one.places(cadence, now))
            slot.upto, slot.issue_day = self._closed(one, due, now), None
        else:
            slot.issue_day = None
        slot.state = SENT

    def stop(self, key: tuple[str, str, datetime]) -> None:
        """An issue under way is cancelled."""
        for share in self.on_the_way.pop(key, []):
            share.give_back()

    # what time does

    def turn(self, now: datetime) -> list[Mail]:
        """A pass at a moment, and the deliveries of that moment."""
        for one in self.lists.values():
            if not one.paused:
                self._immediate(one, now, back=self._welcome_back(one, now))
                for cadence in one.rules:
                    self._digest(one, cadence, now)
        self._hand_made(now)
        return [mail for mail in self._deliver(now) if mail]

    def next_moment(self, now: datetime) -> tuple[datetime, str] | None:
        """When time does something next, and what: a pass is due, or mail only leaves."""
        found = [(share.leaves, LEAVE) for shares in self.on_the_way.values() for share in shares]
        for one in self.lists.values():
            if not one.paused:
                found += [(at, ACT) for at in self._acts(one, now)]
        return min((at for at in found if at[0] > now), default=None)

    def has_returned(self, now: datetime) -> bool:
        """Whether somebody's rest is over that no pass has ended yet."""
        everybody = (each for one in self.lists.values() for each in one.readers.values())
        return any(each.away_until and each.away_until <= now for each in everybody)

    def _acts(self, one: Target, now: datetime) -> Iterator[datetime]:
        there = [each for each in one.readers.values() if each.there]
        wanted = {each.cadence for each in there}
        for cadence in one.slots.keys() & wanted:
            yield first_moment(one.rules[cadence], one.slots[cadence].day, one.places(cadence, now))
        yield from (each.away_until for each in there if each.away_until and each.cadence == IMMEDIATE)

    def _welcome_back(self, one: Target, now: datetime) -> bool:
        """Whether somebody is back to whom an immediate list owes what they missed."""
        back = [each for each in one.readers.values() if each.there and each.away_until and each.away_until <= now]
        for reader in back:
            reader.away_until = None
        return any(reader.cadence == IMMEDIATE for reader in back)

    def _immediate(self, one: Target, now: datetime, *, back: bool) -> None:
        fresh = [post for post in self.posts[one.unseen :] if post.live and one.takes(post)]
        one.unseen = len(self.posts)
        if one.immediate and (fresh or back):
            self._begin(one, IMMEDIATE, one.unseen, now, None)

    def _digest(self, one: Target, cadence: str, now: datetime) -> None:
        slot, rule, places = one.slots[cadence], one.rules[cadence], one.places(cadence, now)
        if slot.state == SENT:
            self._pass_by(one, cadence, now)
            self._begin_slot(one, cadence, now)
            return
        if first_moment(rule, slot.day, places) > now:
            return
        day, slot.before = self._pass_by(one, cadence, now)
        late = now - last_moment(rule, day, places) > PATIENCE
        somebody = any(self._offer(one, reader, cadence, slot.before)[1] for reader in one.on(cadence, now))
        if not somebody or (late and one.if_late == "skip"):
            slot.state = OPEN
            return
        slot.state, slot.upto, slot.issue_day = LATE, slot.before, day
        if not late or one.if_late == "send":
            self._begin_slot(one, cadence, now)

    def _pass_by(self, one: Target, cadence: str, now: datetime) -> tuple[date, int]:
        """Go on to the first day that is still to come; returns the last one that has come, and what belongs to it."""
        slot, rule, places = one.slots[cadence], one.rules[cadence], one.places(cadence, now)
        come = slot.day
        for day in rule.days_from(slot.day):
            if first_moment(rule, day, places) > now:
                break
            come = day
            slot.before = self._closed(one, first_moment(rule, come, places), now)
        slot.day = day
        return come, slot.before

    def _closed(self, one: Target, due: datetime, now: datetime) -> int:
        """The last post that belongs to a slot."""
        if one.cutoff and due - one.cutoff <= now:
            return max((post.arrival for post in self.posts if post.arrived <= due - one.cutoff), default=0)
        return len(self.posts)

    def _begin_slot(self, one: Target, cadence: str, now: datetime) -> None:
        slot = one.slots[cadence]
        self._begin(one, cadence, slot.upto, now, slot.issue_day)
        one.left_out.setdefault(cadence, set()).update(slot.dropped)
        slot.state, slot.dropped = OPEN, set()

    def _begin(self, one: Target, cadence: str, upto: int, now: datetime, day: date | None) -> None:
        """An issue starts: everybody's share is what they are owed."""
        offers = [(reader, *self._offer(one, reader, cadence, upto)) for reader in one.on(cadence, now)]
        if cadence == IMMEDIATE and not any(chosen for _, _, chosen, _ in offers):
            return
        for reader, due, chosen, waits in offers:
            if waits:
                continue
            share = self._share(one, reader, cadence, due, chosen, self._leaves(one, reader, cadence, day, now))
            reader.serve(due)
            reader.behind = max(reader.behind, upto)
            if chosen:
                self._send_off(share, now)

    def _share(
        self, one: Target, reader: Reader, cadence: str, due: Due, chosen: list[Story], leaves: datetime
    ) -> Share:
        shown = chosen[: one.max_posts]
        mail = Mail(reader.who, one.slug, cadence, _titles(shown), len(chosen) - len(shown))
        return Share(reader, mail, due, {post.tale for post in due} - reader.told, reader.behind, leaves)

    def _send_off(self, share: Share, now: datetime) -> None:
        share.reader.under_way.append(share)
        self.on_the_way.setdefault((share.mail.slug, share.mail.kind, now), []).append(share)

    def _offer(self, one: Target, reader: Reader, cadence: str, upto: int) -> tuple[Due, list[Story], bool]:
        """What is due to a reader, what of it they would be shown, and whether that is too little yet."""
        due = {post: why for post, why in reader.owed.items() if post.arrival <= upto}
        slot = one.slots.get(cadence)
        dropped = one.left_out.get(cadence, set()) | (slot.dropped if slot else set())
        chosen: dict[str, Story] = {}
        for post in sorted(due, key=lambda post: post.arrival):
            if post.live and post not in dropped and post.tale not in reader.told:
                chosen.setdefault(post.tale, post)
        shown = sorted(chosen.values(), key=lambda post: (post.published, post.arrival), reverse=True)
        fewest = 1 if cadence == IMMEDIATE else one.min_posts
        return due, shown if len(shown) >= fewest else [], 0 < len(shown) < fewest

    def _leaves(self, one: Target, reader: Reader, cadence: str, day: date | None, now: datetime) -> datetime:
        if not one.local_time or day is None:
            return now
        return max(now, moment(day, reader.hour or one.rules[cadence].hour, reader.zone or one.zone))

    def _hand_made(self, now: datetime) -> None:
        """What editors made by hand goes to everybody, whatever they are owed or have had."""
        left = []
        for one, chosen in self.by_hand:
            if one.paused:
                left.append((one, chosen))
                continue
            shown = [post for post in chosen if post.live]
            for reader in one.on(BY_HAND, now) if shown else ():
                mail = Mail(reader.who, one.slug, BY_HAND, _titles(shown))
                reader.by_hand |= {*shown}
                reader.serve(shown)
                self._send_off(Share(reader, mail, {}, set(), reader.behind, now), now)
        self.by_hand = left

    def _deliver(self, now: datetime) -> Iterable[Mail | None]:
        for key, shares in list(self.on_the_way.items()):
            gone = [share for share in shares if share.leaves <= now]
            self.on_the_way[key] = [share for share in shares if share.leaves > now]
            if not self.on_the_way[key]:
                del self.on_the_way[key]
            yield from [share.hand_over() for share in gone]


def _titles(posts: Iterable[Story]) -> tuple[str, ...]:
    return tuple(post.title for post in posts)
