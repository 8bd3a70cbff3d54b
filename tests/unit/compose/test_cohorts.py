"""Equal needs share one edition, and nobody's need is lost or served twice."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.cohorts import cohorts, in_order, largest_first, posts_for
from dispatch.compose.stories import retellings
from dispatch.model.issue import Cohort, Need, Shape, Words
from dispatch.model.post import Post
from dispatch.model.tags import wants

TAGS = ("sea", "Moon", "earth")
LANGUAGES = ("en", "de", "ja", "pt-BR", "pt")
EN = Shape("en")
MakePost = Callable[..., Post]
Faces = Sequence[tuple[tuple[str, ...], str, str, str | None, int]]

tag_sets = st.lists(st.sampled_from(TAGS), unique=True, max_size=2).map(lambda tags: tuple(sorted(tags)))
words = st.one_of(tag_sets, st.just(("Moon;4", "sea")), st.just((";6", "earth")))
WORDS = {"": Words("Hello.")}
spans = st.lists(st.integers(0, 12), max_size=4).map(
    lambda ends: tuple(dict.fromkeys(zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False)))
)
needs_of_all_kinds = st.sets(
    st.builds(Need, tags=words, language=st.sampled_from(("", "fr", *LANGUAGES)), mark=st.integers(0, 9), served=spans),
    max_size=9,
)
faces_of_all_kinds = st.lists(
    st.tuples(
        tag_sets,
        st.sampled_from(("blog", "feed")),
        st.sampled_from(LANGUAGES),
        st.sampled_from([None, "a", "b"]),
        st.integers(0, 4),
    ),
    max_size=12,
)
ids = st.lists(st.integers(1, 12), unique=True, max_size=5)
shapes = st.builds(
    Shape,
    language=st.just("en"),
    fallback=st.sampled_from(("other", "skip")),
    min_posts=st.integers(1, 3),
    max_posts=st.one_of(st.none(), st.integers(1, 4)),
    picked=ids.map(tuple),
    left_out=ids.map(frozenset),
    by_hand=st.booleans(),
    words=st.sampled_from(({}, WORDS)),
)


def posts_of(make_post: MakePost, faces: Faces) -> list[Post]:
    """Posts with these tags, sources, languages, translation keys and addresses (0: its own), in order of arrival."""
    return [
        make_post(
            number,
            tags=tags,
            source=source,
            language=language,
            translation=translation,
            canonical=f"https://example.org/{place}" if place else "",
            published=make_post(number * 7 % 5).published,
        )
        for number, (tags, source, language, translation, place) in enumerate(faces, 1)
    ]


def distance(one: str, other: str) -> int:
    """How far two languages are apart."""
    if one.lower() == other.lower():
        return 0
    return 1 if one.lower().split("-")[0] == other.lower().split("-")[0] else 2


def is_owed(need: Need, arrival: int) -> bool:
    """Whether a post that arrived then is still to come, as far as time goes."""
    served = any(after < arrival <= upto for after, upto in need.served)
    return arrival > need.mark and not served and not was_given(need, arrival)


def was_given(need: Need, arrival: int) -> bool:
    """Whether a post that arrived then came by hand, whatever the tags."""
    return (arrival, arrival) in need.served


class Oracle:
    """The rules as they are told, one post after the other: slow and obvious."""

    def __init__(self, posts: Sequence[Post], shape: Shape, earlier: Sequence[Post]) -> None:
        self.shape = shape
        self.window = [post for post in posts if post.id in shape.picked] if shape.by_hand else list(posts)
        self.every = self.window if shape.by_hand else [*posts, *earlier]
        self.same = retellings(self.every)

    def shown_before(self, post: Post) -> tuple[float, ...]:
        """What an editor picked, or another version of it, in that order; then the newest."""
        order = {post_id: number for number, post_id in enumerate(self.shape.picked)}
        versions = [post.id, *self.same.get(post.id, ())]
        first = min(order.get(one, len(order)) for one in versions)
        return (first, order.get(post.id, len(order)), -post.published.timestamp(), -(post.arrival or 0))

    def is_for(self, post: Post, need: Need) -> bool:
        """Whether this need would be given the post, whenever it came."""
        foreign = distance(post.language, need.language or self.shape.language) == 2
        asked = self.shape.by_hand or wants(need.tags, post.tags, post.arrival or 0)
        return asked and not (foreign and self.shape.fallback == "skip")

    def had(self, post: Post, need: Need) -> bool:
        """Whether this need was served the post."""
        arrival = post.arrival or 0
        given = was_given(need, arrival) and self.is_for(post, replace(need, tags=()))
        return not self.shape.by_hand and (given or (self.is_for(post, need) and not is_owed(need, arrival)))

    def retold(self, post: Post, need: Need) -> bool:
        """Whether this need had the story before."""
        others = [one for one in self.every if one.id in self.same.get(post.id, ())]
        return any(self.had(one, need) for one in others)

    def worth(self, post: Post, need: Need) -> tuple[float, ...]:
        """Less is better: the reader's language, the publication's, what was first."""
        own = need.language or self.shape.language
        first = self.shown_before(post) if self.shape.by_hand else (post.arrival or 0,)
        return (distance(post.language, own), distance(post.language, self.shape.language), *first)

    def posts_for(self, need: Need) -> tuple[Post, ...]:
        """What a need gets, before any limit."""
        due = [post for post in self.window if self.is_for(post, need) and not self.had(post, need)]
        fresh = [post for post in due if not self.retold(post, need)]
        kept = []
        for post in fresh:
            rivals = [one for one in fresh if one.id in self.same.get(post.id, ())]
            if all(self.worth(post, need) < self.worth(one, need) for one in rivals):
                kept.append(post)
        return tuple(sorted((one for one in kept if one.id not in self.shape.left_out), key=self.shown_before))


@given(needs=needs_of_all_kinds, faces=faces_of_all_kinds, cut=st.integers(0, 6), shape=shapes)
def test_a_need_gets_what_the_rules_say(
    make_post: MakePost, needs: set[Need], faces: Faces, cut: int, shape: Shape
) -> None:
    """Time, tags, language, stories, an editor's choice and order: as a slow and obvious reading has them."""
    every = posts_of(make_post, faces)
    earlier, posts = every[:cut], every[cut:]
    oracle = Oracle(posts, shape, earlier)
    for need in needs:
        assert posts_for(need, posts, shape, earlier) == oracle.posts_for(need)


@given(needs=needs_of_all_kinds, faces=faces_of_all_kinds, cut=st.integers(0, 6), shape=shapes)
def test_each_need_is_in_one_cohort_or_waits_or_has_nothing_coming(
    make_post: MakePost, needs: set[Need], faces: Faces, cut: int, shape: Shape
) -> None:
    """A cohort gets what its needs have coming, up to the limit; too few posts wait; by hand no limit counts."""
    every = posts_of(make_post, faces)
    earlier, posts = every[:cut], every[cut:]
    grouped = cohorts(needs, posts, shape, earlier)
    got = {need: cohort for cohort in grouped.cohorts for need in cohort.needs}
    assert len(got) + len(grouped.waiting) == sum(len(one.needs) for one in grouped.cohorts) + len(set(grouped.waiting))
    for need in needs:
        coming = posts_for(need, posts, shape, earlier)
        fewest = 1 if shape.by_hand else shape.min_posts
        assert (need in grouped.waiting) == (0 < len(coming) < fewest)
        assert (need in got) == (len(coming) >= fewest or (shape.by_hand and bool(shape.words)))
        if need in got:
            most = None if shape.by_hand else shape.max_posts
            assert got[need].posts == coming[:most]
            assert got[need].more == len(coming) - len(coming[:most])
            assert got[need].language == (need.language or "en")


@given(needs=needs_of_all_kinds, faces=faces_of_all_kinds, shape=shapes)
def test_no_edition_is_rendered_twice(make_post: MakePost, needs: set[Need], faces: Faces, shape: Shape) -> None:
    """There are no more cohorts than distinct digests, and no two cohorts are the same."""
    made = cohorts(needs, posts_of(make_post, faces), shape).cohorts
    assert len({(cohort.posts, cohort.language, cohort.more) for cohort in made}) == len(made)


@given(needs=needs_of_all_kinds, faces=faces_of_all_kinds, shape=shapes)
def test_the_order_of_needs_and_posts_changes_nothing(
    make_post: MakePost, needs: set[Need], faces: Faces, shape: Shape
) -> None:
    """The same needs and posts make the same cohorts, in whatever order they come."""
    posts = posts_of(make_post, faces)
    ordered = sorted(needs, key=repr)
    assert cohorts(ordered, posts, shape) == cohorts(reversed(ordered), posts[::-1], shape)


@given(
    faces=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(("blog", "feed")), st.sampled_from(LANGUAGES))),
    cuts=st.sets(st.integers(0, 12)),
    language=st.sampled_from(("", "fr", *LANGUAGES)),
    fallback=st.sampled_from(("other", "skip")),
)
def test_nobody_has_a_story_twice_and_nobody_misses_one(
    make_post: MakePost,
    faces: list[tuple[int, str, str]],
    cuts: set[int],
    language: str,
    fallback: str,
) -> None:
    """However posts are cut into issues, a reader gets each story once that exists in a language they take."""
    posts = [
        make_post(
            number,
            source=source,
            language=spoken,
            title=f"Story {story}",
            canonical=f"https://example.org/{story}",
            translation=f"story {story}",
        )
        for number, (story, source, spoken) in enumerate(faces, 1)
    ]
    shape = replace(EN, fallback=fallback)
    given_stories: list[str | None] = []
    for after, upto in pairwise(sorted({0, *cuts, len(posts) + 12})):
        need = Need((), language, after)
        given_stories += [one.translation for one in posts_for(need, posts[after:upto], shape, posts[:after])]
    taken = [one for one in posts if fallback == "other" or distance(one.language, language or "en") < 2]
    assert sorted(map(str, given_stories)) == sorted({str(one.translation) for one in taken})


def test_one_translation_goes_out_in_the_best_language(make_post: MakePost) -> None:
    """A reader gets their own language, else the publication's, else what came first."""
    posts = [make_post(number, translation="a", language=one) for number, one in enumerate(("ja", "en", "de"), 1)]
    spoken = {
        language: [post.language for post in posts_for(Need((), language, 0), posts, EN)]
        for language in ("de", "de-AT", "ja", "fr", "")
    }
    assert spoken == {"de": ["de"], "de-AT": ["de"], "ja": ["ja"], "fr": ["en"], "": ["en"]}
    assert posts_for(Need((), "fr", 0), [posts[2], posts[0]], EN) == (posts[0],)


def test_two_scripts_of_one_language_are_translations(make_post: MakePost) -> None:
    """Who reads traditional Chinese gets that, not both, and does with the other where `fallback` is "skip"."""
    hans, hant = (make_post(number, translation="a", language=one) for number, one in ((1, "zh-Hans"), (2, "zh-Hant")))
    assert posts_for(Need((), "zh-Hant", 0), [hans, hant], EN) == (hant,)
    assert posts_for(Need((), "zh-Hant", 0), [hans], replace(EN, fallback="skip")) == (hans,)


def test_posts_with_one_key_in_one_language_both_stay(make_post: MakePost) -> None:
    """Two posts in the same language, or of two sources, are no translations of each other."""
    sources = ((1, "blog"), (2, "blog"), (3, "desk"))
    posts = [make_post(number, translation="a", source=source) for number, source in sources]
    assert posts_for(Need((), "", 0), posts, EN) == tuple(reversed(posts))


def test_a_translation_that_comes_later_is_not_mailed_again(make_post: MakePost) -> None:
    """Those who had the story do not get it once more, whether by their mark or by another issue."""
    first, later = make_post(1, translation="a"), make_post(2, translation="a", language="de")
    assert posts_for(Need((), "de", 1), [later], EN, [first]) == ()
    assert posts_for(Need((), "de", 0, ((0, 1),)), [first, later], EN) == ()


def test_who_had_nothing_in_another_language_gets_the_translation(make_post: MakePost) -> None:
    """With `fallback = "skip"` a story waits for its version in the reader's language."""
    first, later = make_post(1, translation="a"), make_post(2, translation="a", language="de")
    shape = replace(EN, fallback="skip")
    assert posts_for(Need((), "de", 0), [first], shape) == ()
    assert posts_for(Need((), "de", 1), [later], shape, [first]) == (later,)
    assert posts_for(Need((), "", 1), [later], shape, [first]) == ()


def test_what_a_need_never_asked_for_does_not_count_as_had(make_post: MakePost) -> None:
    """A copy under another tag was not given to those who did not want that tag."""
    copy = make_post(1, source="feed", tags=("moon",), canonical="https://example.org/posts/2/")
    own = make_post(2, tags=("sea",))
    assert posts_for(Need(("sea",), "", 1), [own], EN, [copy]) == (own,)
    assert posts_for(Need(("moon", "sea"), "", 1), [own], EN, [copy]) == ()


def test_the_newest_post_comes_first(make_post: MakePost) -> None:
    """A digest shows posts by their dates, not by arrival."""
    early, late = make_post(2), make_post(1, published=make_post(50).published)
    assert posts_for(Need((), "", 0), [early, late], EN) == (late, early)


def test_what_an_editor_picked_comes_first_in_their_order(make_post: MakePost) -> None:
    """The rest follows, newest first; a translation stands where the post that it stands in for was put."""
    posts = [make_post(number) for number in (1, 2, 3)]
    german = make_post(4, language="de", translation="a", source="desk")
    english = make_post(5, translation="a", source="desk")
    shape = replace(EN, picked=(2, 5, 1))
    assert [one.id for one in posts_for(Need((), "de", 0), [*posts, german, english], shape)] == [2, 4, 1, 3]


def test_what_an_editor_left_out_has_no_stand_in(make_post: MakePost) -> None:
    """Nobody gets in another language what was left out in theirs; other readers keep their version."""
    english, german = make_post(1, translation="a"), make_post(2, translation="a", language="de")
    shape = replace(EN, left_out=frozenset({1}))
    assert posts_for(Need((), "en", 0), [english, german], shape) == ()
    assert posts_for(Need((), "de", 0), [english, german], shape) == (german,)


def test_the_limit_cuts_and_counts_what_is_left_over(make_post: MakePost) -> None:
    """People whose digests begin alike share an edition only if it may say the same number."""
    posts = [make_post(number) for number in (1, 2, 3)]
    made = cohorts([Need((), "", 0), Need((), "", 1)], posts, replace(EN, max_posts=1)).cohorts
    assert [([post.id for post in one.posts], one.more) for one in made] == [([3], 2), ([3], 1)]


def test_too_few_posts_wait(make_post: MakePost) -> None:
    """Whoever has fewer than `min_posts` waits for more; whoever has none is not even waiting."""
    posts = [make_post(1), make_post(2)]
    grouped = cohorts([Need((), "", 0), Need((), "", 1), Need((), "", 2)], posts, replace(EN, min_posts=2))
    assert [one.needs for one in grouped.cohorts] == [(Need((), "", 0),)]
    assert grouped.waiting == (Need((), "", 1),)


@pytest.mark.parametrize(("intro", "groups"), [(True, [()]), (False, [])])
def test_an_issue_by_hand_may_be_an_intro_alone(intro: bool, groups: list[tuple[Post, ...]]) -> None:
    """Where no post is left, the editor's words go out by themselves; without words there is nothing to send."""
    shape = replace(EN, by_hand=True, picked=(7,), words=WORDS if intro else {})
    grouped = cohorts([Need(("sea",), "", 3)], [], shape)
    assert [one.posts for one in grouped.cohorts] == groups
    assert grouped.waiting == ()


def test_by_hand_everybody_gets_what_was_picked(make_post: MakePost) -> None:
    """Neither tags nor marks nor limits count, and each reader has one version of each."""
    posts = [make_post(1, tags=("sea",)), make_post(2, translation="a"), make_post(3, translation="a", language="de")]
    shape = replace(EN, by_hand=True, picked=(3, 1, 2), min_posts=5, max_posts=1)
    needs = [Need(("moon",), "de", 9), Need((), "", 2)]
    made = {one.language: [post.id for post in one.posts] for one in cohorts(needs, posts, shape).cohorts}
    assert made == {"de": [3, 1], "en": [2, 1]}


def test_of_two_copies_picked_by_hand_the_first_picked_goes_out(make_post: MakePost) -> None:
    """An editor's order outranks the order of arrival."""
    posts = [make_post(1), make_post(2, source="feed", canonical=make_post(1).url)]
    for picked in ((1, 2), (2, 1)):
        chosen = posts_for(Need((), "", 0), posts, replace(EN, by_hand=True, picked=picked))
        assert [one.id for one in chosen] == [picked[0]]


def test_an_editor_sees_every_version_in_their_order(make_post: MakePost) -> None:
    """What an issue holds for anybody: picked first, none that was left out; by hand the picked ones alone."""
    posts = [make_post(1), make_post(2, translation="a"), make_post(3, translation="a", language="de"), make_post(4)]
    shape = replace(EN, picked=(2,), left_out=frozenset({4}))
    assert [one.id for one in in_order(posts, shape)] == [2, 3, 1]
    assert [one.id for one in in_order(posts, replace(shape, by_hand=True))] == [2]


@given(st.lists(st.integers(0, 5), max_size=6))
def test_the_cohort_with_the_most_people_comes_first(sizes: list[int]) -> None:
    """Each keeps its number as its place; those of equal size stay in their order."""
    needs = [Need((), "en", mark) for mark in range(len(sizes))]
    ranked = largest_first([Cohort((), "en", (need,)) for need in needs], dict(zip(needs, sizes, strict=True)))
    assert [one.number for one in ranked] == list(range(len(sizes)))
    places = [(-sizes[one.needs[0].mark], one.needs[0].mark) for one in ranked]
    assert places == sorted(places)
