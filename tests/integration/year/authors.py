"""What authors do with their files, and when the oracle sees it."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from .desktop import Desktop
from .oracle import Oracle
from .reader import Story
from .script import Plan, Script

SOON = timedelta(hours=6)


@dataclass
class Authors:
    """They save posts and delete some."""

    desktop: Desktop
    oracle: Oracle
    script: Script
    waiting: list[Plan] = field(default_factory=list)  # written, and not looked at yet
    scheduled: list[Plan] = field(default_factory=list)  # looked at, and of a date to come

    async def write(self, plan: Plan) -> bool:
        """An author saves a post."""
        story, front = plan.story, {"title": plan.story.title, "tags": f"[{', '.join(sorted(plan.story.tags))}]"}
        front |= {"canonical": plan.canonical} if plan.canonical else {}
        front |= {"date": plan.date.isoformat()} if plan.date else {}
        lines = [f"{key}: {value}" for key, value in front.items()]
        path = self.path(story)
        path.write_text("\n".join(["---", *lines, "---", "", f"Of {story.title}.", ""]))
        os.utime(path, (self.desktop.now.timestamp(),) * 2)
        self.waiting.append(plan)
        return True

    def path(self, story: Story) -> Path:
        """The file of a post."""
        return self.desktop.folder / story.source / f"{story.title}.md"

    async def withdraw(self, story: Story) -> bool | None:
        """An author deletes a post."""
        if len(self.oracle.posts) < 9:
            return None
        self.path(story).unlink(missing_ok=True)
        story.live = False
        self.waiting = [one for one in self.waiting if one.story is not story]
        self.scheduled = [one for one in self.scheduled if one.story is not story]
        return True

    def collect(self, *, look: bool) -> None:
        """What the oracle sees of posts in a pass."""
        now, fresh = self.desktop.now, self.waiting if look else []
        old = sorted((one for one in self.scheduled if one.date and one.date <= now), key=lambda one: one.date)
        self.scheduled = [one for one in self.scheduled if one not in old]
        for plan in old:
            self.oracle.appear(plan.story, plan.date or now)
        for plan in sorted(fresh, key=lambda one: (one.story.source, one.date or now, one.story.title)):
            plan.story.published = plan.date or now
            if plan.date and plan.date > now:
                self.scheduled.append(plan)
            else:
                self.oracle.appear(plan.story, now)
        if look:
            self.waiting = []

    def pair_is_open(self) -> bool:
        """Whether a copy of a post is about to appear: for whoever changes between them it is a matter of taste."""
        written = {one.story.tale for one in self.waiting} | {one.tale for one in self.oracle.posts[-3:]}
        soon = self.desktop.now + timedelta(hours=6)
        coming = [
            one.given[0] for one in self.script.events if self.desktop.now < one.at < soon and one.what == "write"
        ]
        return any(plan.canonical and plan.story.tale in written for plan in coming) or any(
            plan.canonical for plan in self.waiting
        )
