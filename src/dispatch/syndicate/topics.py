"""Which topics a post belongs to: all posts, those of a list, a tag, an author, a language."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from dispatch.content.slug import make_slug
from dispatch.model.issue import MailingList
from dispatch.model.post import Post, PostState

ALL = ""  # the path of the topic that every post belongs to


@dataclass(frozen=True, slots=True)
class Offer:
    """What has a topic, as dispatch.toml says it; of tags and authors None means all."""

    language: str  # the publication's
    lists: tuple[MailingList, ...]
    tags: frozenset[str] | None  # folded
    authors: frozenset[str] | None  # folded

    def topics(self, post: Post) -> dict[str, str]:
        """The folder of each topic that shows the post, with the name of its tag, author or language, else "".

        None for a post that readers may not see.
        """
        if post.state is not PostState.LIVE:
            return {}
        language = post.language or self.language
        found = {ALL: "", language_folder(ALL, language): language}
        for one in self.lists:
            if _is_on(post, one):
                folder = f"lists/{one.slug}"
                found |= {folder: "", language_folder(folder, language): language}
        tags = self.tag_folders(sorted(post.tags, reverse=True))
        authors = {author_folder(name): name for name in post.authors if _offered(name, self.authors)}
        return found | tags | authors

    def tag_folders(self, tags: Iterable[str]) -> dict[str, str]:
        """The folders of those tags that have a topic, each with its tag."""
        return {tag_folder(tag): tag for tag in tags if _offered(tag, self.tags)}

    def has(self, path: str, name: str) -> bool:
        """Whether there still is this topic. `name` is the one that its topic has."""
        kind, _, rest = path.partition("/")
        if kind == "lists":
            return rest.partition("/")[0] in {one.slug for one in self.lists}
        return {"tags": _offered(name, self.tags), "authors": _offered(name, self.authors)}.get(kind, True)


def tag_folder(tag: str) -> str:
    """Where the posts of a tag are: C++ and C# keep what tells them from C, all other marks become dashes."""
    return f"tags/{make_slug(tag.replace('+', ' plus ').replace('#', ' sharp ')) or 'tag'}"


def author_folder(name: str) -> str:
    """Where the posts of an author are."""
    return f"authors/{make_slug(name) or 'author'}"


def language_folder(topic: str, language: str) -> str:
    """Where the posts of a topic are that are written in one language."""
    return f"{topic}/languages/{language.lower()}".lstrip("/")


def languages_of(path: str) -> str | None:
    """The folder of all languages beside a language's topic, with a slash at its end; None for any other topic."""
    folder, mark, _ = path.rpartition("languages/")
    return folder + mark if mark and folder in ("", *([folder] if folder.startswith("lists/") else [])) else None


def _is_on(post: Post, one: MailingList) -> bool:
    wanted = {tag.casefold() for tag in one.tags}
    by_tag = not wanted or not wanted.isdisjoint(tag.casefold() for tag in post.tags)
    return by_tag and (not one.sources or post.source in one.sources)


def _offered(name: str, offered: Collection[str] | None) -> bool:
    return offered is None or name.casefold() in offered
