"""Copies and translations of a piece are one story; what merely looks like one is reported."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.stories import near_equals, retellings, story_numbers
from dispatch.model.post import Post

MakePost = Callable[..., Post]
ADDRESS = "https://example.org/tides"
faces = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(("blog", "feed", "desk")),
            "language": st.sampled_from(("en", "de")),
            "translation": st.sampled_from((None, "a", "b")),
            "canonical": st.sampled_from(("", "https://example.org/1", "https://example.org/2")),
            "guid": st.sampled_from(("", "1", "tag:example.org,2026:1", "urn:uuid:2")),
            "title": st.sampled_from(("Tides", "TIDES!", "Lights")),
        }
    ),
    max_size=8,
)


def touch(one: Post, other: Post, posts: list[Post]) -> bool:
    """Whether two posts have something in common that makes them copies, by the rules as they are told."""
    same_title = one.title.strip("!").lower() == other.title.strip("!").lower()
    address = one.canonical or one.url
    by_source = [(post.source, post.language) for post in posts if (post.canonical or post.url) == address]
    titles = {
        place: {
            post.title.strip("!").lower()
            for post in posts
            if (post.canonical or post.url) == address and (post.source, post.language) == place
        }
        for place in by_source
    }
    shared = any(len(found) > 1 for found in titles.values())
    same_address = address == (other.canonical or other.url) and (same_title or not shared)
    return same_address or (one.guid == other.guid and ":" in one.guid)


def reached(start: Post, posts: list[Post], joined: Callable[[Post, Post], bool]) -> set[int]:
    """The ids of all posts that a chain leads to, `start` among them."""
    found, edge = {start.id}, [start]
    while edge:
        one = edge.pop()
        fresh = [post for post in posts if post.id not in found and joined(one, post)]
        found |= {post.id for post in fresh}
        edge += fresh
    return found


@given(faces=faces)
def test_stories_are_chains_of_copies_and_translations(make_post: MakePost, faces: list[dict[str, str]]) -> None:
    """Copies of one piece, or in another language whatever a chain of copies and translations joins."""
    posts = [make_post(number, **face) for number, face in enumerate(faces, 1)]

    def copied(one: Post, other: Post) -> bool:
        return touch(one, other, posts)

    def related(one: Post, other: Post) -> bool:
        translated = one.translation is not None and one.translation == other.translation
        return copied(one, other) or (translated and one.source == other.source)

    same = retellings(posts)
    for one in posts:
        pieces, tales = reached(one, posts, copied), reached(one, posts, related)
        expected = {
            other.id for other in posts if other.id in pieces or (other.id in tales and other.language != one.language)
        }
        assert same.get(one.id, frozenset()) == expected - {one.id}


@given(faces=faces)
def test_to_tell_the_same_story_is_mutual(make_post: MakePost, faces: list[dict[str, str]]) -> None:
    """If one post stands in for another, so does the other; and both have the same number."""
    posts = [make_post(number, **face) for number, face in enumerate(faces, 1)]
    same = retellings(posts)
    numbers = dict(zip([post.id for post in posts], story_numbers(posts), strict=True))
    for one, others in same.items():
        assert all(one in same[other] and numbers[one] == numbers[other] for other in others)


def test_an_address_makes_copies_across_sources(make_post: MakePost) -> None:
    """A post's own page counts as its address where it names no other."""
    own = make_post(1, url=ADDRESS)
    copy = make_post(2, source="feed", canonical=ADDRESS, title="As seen on our blog")
    assert retellings([own, copy, make_post(3)]) == {1: {2}, 2: {1}}


def test_an_address_that_many_posts_of_a_source_give_is_no_posts_own(make_post: MakePost) -> None:
    """The episodes of a podcast, which all name its page, are not one story; one that is listed again is."""
    episodes = [
        make_post(number, source="podcast", canonical=ADDRESS, title=title)
        for number, title in enumerate(("Ebb", "Flow", "Ebb"), 1)
    ]
    assert retellings(episodes) == {1: {3}, 3: {1}}
    assert retellings([*episodes, make_post(4, source="blog", canonical=ADDRESS)]) == {1: {3}, 3: {1}}


@pytest.mark.parametrize(
    ("guid", "same"),
    [
        ("https://example.org/?p=1", True),
        ("tag:example.org,2026:1", True),
        ("urn:uuid:225c695c-cfb8-4ebb-aaaa-80da344efa6a", True),
        ("225C695C-cfb8-4ebb-aaaa-80da344efa6a", True),
        ("17", False),
        ("post:17", False),
        ("", False),
    ],
)
def test_a_guid_makes_copies_if_it_is_unique_in_the_world(make_post: MakePost, guid: str, same: bool) -> None:
    """Another feed's 17 is another post."""
    posts = [make_post(1, guid=guid), make_post(2, source="feed", guid=guid)]
    assert bool(retellings(posts)) is same


def test_whatever_a_copy_translates_the_original_does(make_post: MakePost) -> None:
    """A German version stands in for the English copy in another feed, too."""
    posts = [
        make_post(1, translation="a", url=ADDRESS),
        make_post(2, translation="a", language="de"),
        make_post(3, source="feed", canonical=ADDRESS),
    ]
    assert retellings(posts) == {1: {2, 3}, 2: {1, 3}, 3: {1, 2}}


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("How the harbour got its light", "How the Harbor Got Its Light!", True),
        ("Tides: a guide", "Tides – a guide", True),
        ("Week 12 in pictures", "Week 13 in pictures", False),
        ("How the harbour got its light", "How the tide got its name", False),
        ("🌊", "🌊", True),
        ("🌊", "⚓", False),
    ],
)
def test_nearly_equal_titles_are_reported(make_post: MakePost, one: str, other: str, near: bool) -> None:
    """Spelling and punctuation hide nothing; another part of a series is another story."""
    posts = [make_post(1, title=one), make_post(2, source="feed", title=other)]
    assert near_equals(posts) == ([(posts[0], posts[1])] if near else [])


def test_what_is_known_or_of_one_source_is_no_near_equal(make_post: MakePost) -> None:
    """Nothing is reported that is one story anyway, nor what one source says twice."""
    posts = [make_post(1, title="Tides"), make_post(2, title="Tides")]
    assert near_equals([*posts, make_post(3, source="feed", title="Tides", canonical=posts[0].url)]) == [
        (posts[1], make_post(3, source="feed", title="Tides", canonical=posts[0].url))
    ]
