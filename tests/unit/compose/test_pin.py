"""An approval covers words, posts and their order, and nothing else."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.pin import pin
from dispatch.model.issue import Words
from dispatch.model.post import Post

MakePost = Callable[..., Post]
texts = st.text(alphabet="a\"',[]\\\n ", max_size=4)
contents = st.tuples(
    st.dictionaries(st.sampled_from(("", "de", "en")), st.builds(Words, texts, texts, texts), max_size=2),
    st.lists(st.tuples(st.integers(1, 3), texts), max_size=2),
)
Content = tuple[dict[str, Words], list[tuple[int, str]]]


def pinned(make_post: MakePost, content: Content) -> str:
    """The pin of these words and of posts with these ids and revisions."""
    words, posts = content
    return pin(words, [make_post(post_id, revision=revision) for post_id, revision in posts])


@given(one=contents, other=contents)
def test_two_contents_have_two_pins(make_post: MakePost, one: Content, other: Content) -> None:
    """Whatever stands in the words, no content passes for another."""
    assert (pinned(make_post, one) == pinned(make_post, other)) == (one == other)


def test_each_edit_makes_another_pin(make_post: MakePost) -> None:
    """Intro, subject, preheader, another post, an edited one, another order: each voids an approval."""
    words, posts = {"": Words("Hello", "News", "Much")}, [(1, "a"), (2, "b")]
    edits: list[Content] = [
        (words, posts),
        ({"": Words("Hullo", "News", "Much")}, posts),
        ({"": Words("Hello", "Olds", "Much")}, posts),
        ({"": Words("Hello", "News", "Little")}, posts),
        ({"de": Words("Hello", "News", "Much")}, posts),
        (words, [*posts, (3, "c")]),
        (words, [(1, "a"), (2, "c")]),
        (words, posts[::-1]),
    ]
    assert len({pinned(make_post, edit) for edit in edits}) == len(edits)


def test_what_no_reader_is_told_makes_no_other_pin(make_post: MakePost) -> None:
    """Neither the order in which languages were written nor a post's arrival is content."""
    words = {"en": Words("Hello"), "de": Words("Hallo")}
    assert pin(words, [make_post(1)]) == pin(dict(reversed(words.items())), [make_post(1, arrival=9)])
