"""Equal needs share one edition, and nobody's need is lost or served twice."""

from collections.abc import Callable, Iterable

from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.cohorts import cohorts, one_translation_each, posts_for
from dispatch.model.issue import Need
from dispatch.model.post import Post

TAGS = ("sea", "Moon", "earth")
LANGUAGES = ("en", "de", "ja", "pt-BR")
MakePost = Callable[..., Post]

tag_sets = st.lists(st.sampled_from(TAGS), unique=True, max_size=2).map(lambda tags: tuple(sorted(tags)))
needs_of_all_kinds = st.sets(
    st.builds(Need, tags=tag_sets, language=st.sampled_from(("", *LANGUAGES)), mark=st.integers(0, 9)), max_size=12
)
post_faces = st.lists(st.tuples(tag_sets, st.sampled_from(LANGUAGES), st.sampled_from([None, "a", "b"])), max_size=9)
Faces = list[tuple[tuple[str, ...], str, str | None]]


def posts_of(make_post: MakePost, faces: Faces) -> list[Post]:
    """Posts with these tags, languages and translation keys, in order of arrival."""
    return [
        make_post(number, tags=tags, language=language, translation=translation)
        for number, (tags, language, translation) in enumerate(faces, 1)
    ]


def languages_by_story(posts: Iterable[Post]) -> dict[object, set[str]]:
    """In which languages each story is there: posts with one translation key are one story."""
    found: dict[object, set[str]] = {}
    for post in posts:
        found.setdefault(post.translation or post.id, set()).add(post.language)
    return found


@given(needs=needs_of_all_kinds, faces=post_faces)
def test_cohorts_partition_the_needs(make_post: MakePost, needs: set[Need], faces: Faces) -> None:
    """A need is in exactly one cohort if there is a post for it, else in none."""
    posts = posts_of(make_post, faces)
    members = [need for cohort in cohorts(needs, posts, "en") for need in cohort.needs]
    assert len(members) == len(set(members))
    assert set(members) == {need for need in needs if posts_for(need, posts, "en")}


@given(needs=needs_of_all_kinds, faces=post_faces)
def test_a_cohort_gets_what_each_of_its_needs_asks_for(make_post: MakePost, needs: set[Need], faces: Faces) -> None:
    """Posts arrived after the mark and carry one of the tags; each story that matches is there, in one language."""
    posts = posts_of(make_post, faces)
    for cohort in cohorts(needs, posts, "en"):
        for need in cohort.needs:
            wanted = {tag.lower() for tag in need.tags}
            due = [
                post
                for post in posts
                if (post.arrival or 0) > need.mark and (not wanted or wanted & {tag.lower() for tag in post.tags})
            ]
            assert set(cohort.posts) <= set(due)
            assert languages_by_story(cohort.posts).keys() == languages_by_story(due).keys()
            assert all(len(languages) == 1 for languages in languages_by_story(cohort.posts).values())


@given(needs=needs_of_all_kinds, faces=post_faces)
def test_no_edition_is_rendered_twice(make_post: MakePost, needs: set[Need], faces: Faces) -> None:
    """There are no more cohorts than distinct digests, and no two cohorts are the same."""
    made = cohorts(needs, posts_of(make_post, faces), "en")
    assert len({(cohort.posts, cohort.language) for cohort in made}) == len(made)


@given(needs=needs_of_all_kinds, faces=post_faces)
def test_the_order_of_needs_changes_nothing(make_post: MakePost, needs: set[Need], faces: Faces) -> None:
    """The same needs and posts make the same cohorts, in whatever order they come."""
    posts = posts_of(make_post, faces)
    ordered = sorted(needs, key=repr)
    assert cohorts(ordered, posts, "en") == cohorts(reversed(ordered), posts, "en")


def test_one_translation_goes_out_in_the_best_language(make_post: MakePost) -> None:
    """A reader gets their own language, else the publication's, else the first by its code."""
    faces: Faces = [((), "ja", "a"), ((), "en", "a"), ((), "de", "a")]
    posts = posts_of(make_post, faces)
    spoken = {
        language: [post.language for post in posts_for(Need((), language, 0), posts, "en")]
        for language in ("de", "de-AT", "ja", "fr", "")
    }
    assert spoken == {"de": ["de"], "de-AT": ["de"], "ja": ["ja"], "fr": ["en"], "": ["en"]}
    assert [post.language for post in one_translation_each([posts[2], posts[0]], ("fr", "en"))] == ["de"]


def test_posts_with_one_key_in_one_language_both_stay(make_post: MakePost) -> None:
    """Two posts in the same language, or of two sources, are no translations of each other."""
    one, same, elsewhere = (
        make_post(number, translation="a", source=source) for number, source in ((1, "blog"), (2, "blog"), (3, "desk"))
    )
    assert one_translation_each([one, same, elsewhere], ("en",)) == [one, same, elsewhere]


def test_posts_without_a_translation_key_all_stay(make_post: MakePost) -> None:
    """Only what is declared a translation stands in for another."""
    posts = posts_of(make_post, [((), "en", None), ((), "de", None)])
    assert len(one_translation_each(posts, ("en",))) == 2


def test_the_newest_post_comes_first(make_post: MakePost) -> None:
    """A digest shows posts by their dates, not by arrival."""
    early, late = make_post(2), make_post(1, published=make_post(50).published)
    assert posts_for(Need((), "", 0), [early, late], "en") == (late, early)
