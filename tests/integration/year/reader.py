"""One person on one list, as the oracle knows them: what they want, and the set of posts that they are owed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

EVERYTHING = ""


@dataclass(eq=False)
class Story:
    """A post, as far as its title, tags and copies go."""

    title: str
    source: str
    tags: frozenset[str]
    tale: str  # what it has in common with its copies
    published: datetime
    arrival: int = 0  # its place in the order in which posts appeared
    arrived: datetime | None = None
    live: bool = True


@dataclass(frozen=True)
class Mail:
    """What somebody finds in their inbox."""

    who: str
    slug: str  # of the list
    kind: str
    titles: tuple[str, ...]  # in the order shown
    more: int = 0


@dataclass(eq=False)
class Reader:
    """A subscription. `owed` says of each post by which of the person's tags it is theirs."""

    who: str
    slug: str  # of the list
    cadence: str
    tags: frozenset[str]
    zone: str = ""
    hour: str = ""
    there: bool = True
    away_until: datetime | None = None
    owed: dict[Story, frozenset[str]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)  # tales
    by_hand: set[Story] = field(default_factory=set)
    had: set[Story] = field(default_factory=set)
    behind: int = 0  # posts up to here were there when an issue last counted them in: for those who leave and come back
    under_way: list["Share"] = field(default_factory=list)

    def wants(self, post: Story) -> frozenset[str]:
        """By which of their tags a post is theirs; none: it is not."""
        return self.tags & post.tags if self.tags else frozenset([EVERYTHING])

    def owe(self, post: Story) -> None:
        """A post has appeared."""
        if self.there and (why := self.wants(post)):
            self.owed[post] = why

    def choose(self, tags: frozenset[str]) -> None:
        """Other tags from now on: what was theirs by a tag that they keep stays theirs."""
        for owed in (self.owed, *(share.due for share in self.under_way)):
            for post, why in list(owed.items()):
                left = why if not tags else why & tags | (post.tags & tags if EVERYTHING in why else frozenset())
                if left:
                    owed[post] = left
                else:
                    del owed[post]
        self.tags = tags

    def serve(self, due: Iterable[Story]) -> None:
        """What is due is theirs no longer, shown or not."""
        for post in due:
            self.owed.pop(post, None)
            self.told.add(post.tale)
            self.had.add(post)


@dataclass(eq=False)
class Share:
    """What an issue has for one reader, until it is there."""

    reader: Reader
    mail: Mail
    due: dict[Story, frozenset[str]]
    news: set[str]  # tales that nobody had told them before
    behind: int  # how far they had come before
    leaves: datetime

    def give_back(self) -> None:
        """It will not be mailed: all of it is owed again, but what came by hand meanwhile."""
        reader = self.reader
        reader.under_way.remove(self)
        back = {post: why for post, why in self.due.items() if post not in reader.by_hand}
        reader.owed |= back
        reader.had -= back.keys()
        reader.told -= self.news - {post.tale for post in reader.by_hand}
        reader.behind = min(reader.behind, self.behind)

    def hand_over(self) -> Mail | None:
        """It is mailed, unless the reader has left."""
        self.reader.under_way.remove(self)
        return self.mail if self.reader.there else None
