"""Posts become entries and feeds: clean, complete and the same whenever they are made."""

from dataclasses import replace
from datetime import UTC, datetime

from dispatch.content.text_clean import clean_text, one_line
from dispatch.errors import ContentError
from dispatch.model.feed import Entry, Feed
from dispatch.model.issue import Publication
from dispatch.model.post import Picture, Post, PostState, Problem
from dispatch.syndicate.characters import uri
from dispatch.syndicate.contents import ArchivePage, Topic, address, archive_folder
from dispatch.syndicate.fragments import lead_home

# A feed without entries has no date of its own, and Atom wants one: its own day (RFC 4287). Validators doubt any
# before 1990.
EMPTY_SINCE = datetime(2005, 12, 1, tzinfo=UTC)


def entry(post: Post, full_text: bool) -> Entry:
    """A post as feeds show it; without `full_text` its html is empty and the summary stands alone.

    Raises ContentError if it lacks what a feed cannot do without: an id, an address, dates with a zone.
    """
    uid, url = one_line(post.uid), uri(post.url)
    if not uid or not url:
        raise ContentError("has no id or no address and is left out of the feeds; give it a title or a slug.")
    return Entry(
        uid=uid,
        uid_is_link=post.guid_is_link and uid.startswith(("http://", "https://")),
        url=url,
        title=one_line(post.title) or url,
        summary=one_line(post.summary),
        html=lead_home(clean_text(post.html), url) if full_text else "",
        published=_instant(post.published),
        updated=max(_instant(post.updated), _instant(post.published)),
        authors=_distinct(post.authors),
        tags=_distinct(post.tags),
        language=one_line(post.language),
        image=_picture(post.image),
        enclosures=tuple(replace(one, url=uri(one.url)) for one in post.enclosures),
    )


def feed(
    publication: Publication, topic: Topic, *, entries: int, full_text: bool, hubs: tuple[str, ...] = ()
) -> tuple[Feed, tuple[Problem, ...]]:
    """A topic's newest live posts as a feed of at most `entries`, and what had to be left out."""
    older = address(publication, archive_folder(topic.path, topic.last)) if topic.last else ""
    made, problems = _feed(publication, topic, topic.path, topic.posts[:entries], full_text)
    return replace(made, hubs=hubs, older=older), problems


def archive_feed(
    publication: Publication, topic: Topic, page: ArchivePage, *, full_text: bool
) -> tuple[Feed, tuple[Problem, ...]]:
    """A page of a topic's history as a feed (RFC 5005, section 4), and what had to be left out.

    It is marked as archived, and names the page after it, as soon as it is full: it stays so from then on, and that
    page begins with the next post.
    """
    older = address(publication, archive_folder(topic.path, page.number - 1)) if page.number > 1 else ""
    path = archive_folder(topic.path, page.number)
    made, problems = _feed(publication, topic, path, page.posts, full_text)
    newer = address(publication, archive_folder(topic.path, page.number + 1)) if page.full else ""
    return replace(made, older=older, newer=newer, live=address(publication, topic.path)), problems


def _feed(
    publication: Publication, topic: Topic, path: str, posts: tuple[Post, ...], full_text: bool
) -> tuple[Feed, tuple[Problem, ...]]:
    made, problems = _entries([post for post in posts if post.state is PostState.LIVE], full_text)
    result = Feed(
        uid=one_line(topic.uid),
        path=path,
        title=one_line(topic.title) or one_line(publication.title),
        description=one_line(topic.description or publication.description or topic.title),
        home=f"{address(publication, topic.path)}/",
        base=address(publication, path),
        language=topic.language or publication.language,
        author=one_line(publication.author or publication.title),
        logo=uri(publication.logo),
        updated=max((item.updated for item in made), default=EMPTY_SINCE),
        entries=made,
    )
    return result, problems


def _entries(posts: list[Post], full_text: bool) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    made: dict[str, Entry] = {}
    problems = []
    for post in posts:
        try:
            item = entry(post, full_text)
        except (ContentError, ValueError, TypeError) as error:
            problems.append(Problem(post.where, str(error)))
            continue
        made.setdefault(item.uid, item)
    return tuple(made.values()), tuple(problems)


def _instant(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ContentError("has a date without a time zone and is left out of the feeds; add one, such as +01:00 or Z.")
    return moment.astimezone(UTC).replace(microsecond=0)


def _distinct(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(one_line, words))))


def _picture(picture: Picture | None) -> Picture | None:
    return replace(picture, url=uri(picture.url), alt=one_line(picture.alt)) if picture else None
