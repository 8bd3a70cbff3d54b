"""What editors do with issues and lists."""

from collections import Counter
from dataclasses import dataclass

from dispatch.acts import issue as issue_acts
from dispatch.acts import pausing, shaping, timing
from dispatch.model.issue import Issue, IssueState
from dispatch.model.subscriber import Cadence
from dispatch.store import drafts, issues, posts

from .authors import Authors
from .desktop import Desktop
from .oracle import BY_HAND, LATE, Oracle, Target
from .script import Script

MANY = 100_000


@dataclass
class Newsroom:
    """They make issues by hand, cancel, send, pause."""

    desktop: Desktop
    oracle: Oracle
    script: Script
    authors: Authors
    resuming: str = ""  # a list that is paused

    def some_list(self) -> Target:
        """Any list that is not paused."""
        return self.script.random.choice([one for one in self.oracle.lists.values() if not one.paused])

    async def by_hand(self) -> bool | None:
        """An editor makes an issue from some recent posts."""
        one = self.some_list()
        recent = [post for post in self.oracle.posts[-8:] if post.live and post.tale == post.title]
        if not recent:
            return None
        chosen = self.script.random.sample(recent, min(len(recent), self.script.random.choice((1, 2))))
        async with self.desktop.context.store.read() as tx:
            ids = {post.title: post.id for post in await posts.everything(tx, MANY)}
        wish = shaping.Wish(posts=tuple(ids[post.title] for post in chosen))
        number = await shaping.make(self.desktop.desk, one.slug, wish)
        await timing.send(self.desktop.desk, number)
        self.oracle.by_hand.append((one, tuple(chosen)))
        return False

    async def draft(self) -> tuple[Target, str, Issue | None]:
        """The next issue of some list and cadence."""
        one = self.some_list()
        cadence = self.script.random.choice(list(one.rules))
        async with self.desktop.context.store.read() as tx:
            return one, cadence, await drafts.open_on(tx, self.desktop.context.lists[one.slug].id, Cadence(cadence))

    async def cancel_draft(self) -> bool | None:
        """An editor cancels the next issue."""
        one, cadence, draft = await self.draft()
        if draft is None:
            return None
        await issue_acts.cancel(self.desktop.desk, draft.number)
        self.oracle.cancel_draft(one.slug, cadence, self.desktop.now)
        return False

    async def send_draft(self) -> bool | None:
        """An editor lets the next issue go at once."""
        one, cadence, draft = await self.draft()
        if draft is None:
            return None
        await timing.send(self.desktop.desk, draft.number)
        self.oracle.send_draft(one.slug, cadence, self.desktop.now)
        return False

    async def leave_out(self) -> bool | None:
        """An editor leaves a post out of the next issue."""
        one, cadence, draft = await self.draft()
        copied = Counter(post.tale for post in self.oracle.posts)
        recent = [post for post in self.oracle.posts[-4:] if post.live and copied[post.tale] == 1 and one.takes(post)]
        if draft is None or not recent or self.authors.pair_is_open():
            return None
        post = self.script.random.choice(recent)
        async with self.desktop.context.store.read() as tx:
            known = {each.title: each.id for each in await posts.everything(tx, MANY)}
        await shaping.shape(self.desktop.desk, draft.number, shaping.Wish(leave_out=(known[post.title],)))
        one.slots[cadence].dropped.add(post)
        return False

    async def decide(self) -> bool | None:
        """An editor says what becomes of issues that are late."""
        for one in self.oracle.lists.values():
            for cadence, slot in one.slots.items():
                if slot.state == LATE and not one.paused:
                    await self.settle(one, cadence)
        return False

    async def settle(self, one: Target, cadence: str) -> None:
        """Send it, cancel it, or leave it to the next one."""
        async with self.desktop.context.store.read() as tx:
            draft = await drafts.open_on(tx, self.desktop.context.lists[one.slug].id, Cadence(cadence))
        said = (self.script.seed, self.desktop.now, one.slug, cadence, draft)
        assert draft, said
        assert draft.late, said
        wanted = self.script.random.choice(("send", "cancel", "neither"))
        if wanted == "send":
            await timing.send(self.desktop.desk, draft.number)
            self.oracle.send_draft(one.slug, cadence, self.desktop.now)
        elif wanted == "cancel":
            await issue_acts.cancel(self.desktop.desk, draft.number)
            self.oracle.cancel_draft(one.slug, cadence, self.desktop.now)

    async def stop(self) -> bool | None:
        """An editor cancels an issue of which some have not had theirs."""
        under_way = sorted(key for key in self.oracle.on_the_way if key[1] != BY_HAND)
        if not under_way or self.script.random.random() < 0.5:
            return None
        slug, kind, begun = self.script.random.choice(under_way)
        async with self.desktop.context.store.read() as tx:
            found = await issues.in_states(tx, [IssueState.SENDING])
        (number,) = [one.number for one in found if (one.list_slug, one.cadence, one.frozen) == (slug, kind, begun)]
        await issue_acts.cancel(self.desktop.desk, number)
        self.oracle.stop((slug, kind, begun))
        return False

    async def pause_list(self) -> bool | None:
        """A list is paused, or goes on."""
        one = self.oracle.lists[self.resuming] if self.resuming else self.some_list()
        act = pausing.resume_list if self.resuming else pausing.pause_list
        await act(self.desktop.desk, one.slug)
        one.paused = not self.resuming
        self.resuming = "" if self.resuming else one.slug
        return False
