"""Identity is given once and kept."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dispatch.content.identity import KnownPost, identify
from dispatch.model.post import CleanPost


def found(ref, slug="", *, explicit=False, id_=None, content=""):
    """A clean post with just what identity looks at."""
    return CleanPost(
        ref=ref,
        stamp="1",
        where=f"posts/{ref}",
        content_hash=content or ref,
        revision="",
        title="Same title",
        html="",
        summary="",
        language="en",
        slug=slug or ref,
        explicit_slug=explicit,
        explicit_id=id_,
    )


def known(number, ref, slug="", *, explicit=False, id_=None, content="", live=True):
    """A post that the store remembers."""
    return KnownPost(number, ref, f"posts/{ref}", slug or ref, explicit, id_, content or ref, live)


def refs(*names):
    """The refs of all that is there."""
    return frozenset(names)


OLD = [known(number, f"old{number}") for number in range(1, 10)]
STAY = [f"old{number}" for number in range(1, 10)]


def test_an_explicit_id_outranks_the_path():
    """A post that carries its id may move anywhere, while another takes its old place."""
    result = identify(
        [found("new", id_="A"), found("a", id_="B")], [*OLD, known(10, "a", id_="A")], refs("new", "a", *STAY), True
    )
    assert {post.ref: id_ for post, id_ in result.pairs} == {"new": 10, "a": None}


def test_an_explicit_slug_outranks_the_path():
    """The same for a slug that its author wrote."""
    result = identify(
        [found("new", "s", explicit=True)], [*OLD, known(10, "a", "s", explicit=True)], refs("new", *STAY), True
    )
    assert result.pairs[0][1] == 10
    assert result.vanished == ()


def test_a_file_that_only_moved_is_found_by_its_bytes():
    """If it vanished in the same pass; its old slug stays."""
    post = found("moved", "moved", content="bytes")
    result = identify([post], [*OLD, known(10, "a", "first", content="bytes")], refs("moved", *STAY), True)
    assert [(post.slug, id_) for post, id_ in result.pairs] == [("first", 10)]


def test_a_copy_is_a_new_post():
    """The original is still there."""
    result = identify([found("copy", content="bytes")], [known(10, "a", content="bytes")], refs("copy", "a"), True)
    assert result.pairs[0][1] is None


def test_a_title_never_identifies():
    """Two posts of one title are two."""
    assert identify([found("b")], [known(1, "a")], refs("a", "b"), True).pairs[0][1] is None


def test_two_files_with_one_id_or_slug_are_reported_and_the_second_left_out():
    """The one that the store knows is the first, though it did not change."""
    for claim in ({"id_": "X"}, {"slug": "x", "explicit": True}):
        result = identify(
            [found("b", **claim), found("c", **claim)], [known(1, "z", **claim)], refs("b", "c", "z"), True
        )
        assert result.pairs == ()
        assert [("posts/z" in str(problem), problem.fatal) for problem in result.problems] == [(True, True)] * 2
        fresh = identify([found("c", **claim), found("b", **claim)], [], refs("b", "c"), True)
        assert [post.ref for post, _ in fresh.pairs] == ["b"]
        assert "posts/b" in fresh.problems[0].message
        assert fresh.problems[0].where == "posts/c"


def test_a_derived_slug_that_collides_gets_a_number():
    """Always the same one, and both files are named."""
    posts = [found("b/x", "x"), found("a/x", "x"), found("c/x", "x")]
    result = identify(posts, [], refs("a/x", "b/x", "c/x"), True)
    assert {post.ref: post.slug for post, _ in result.pairs} == {"a/x": "x", "b/x": "x-2", "c/x": "x-3"}
    assert [problem.fatal for problem in result.problems] == [False, False]
    assert "posts/a/x" in result.problems[0].message


def test_a_known_post_keeps_its_slug_unless_its_author_writes_a_new_one():
    """Whatever its file is called now."""
    old = known(1, "a", "stored")
    assert identify([found("a", "derived")], [old], refs("a"), True).pairs[0][0].slug == "stored"
    assert identify([found("a", "mine", explicit=True)], [old], refs("a"), True).pairs[0][0].slug == "mine"


def test_an_explicit_slug_does_not_take_another_posts_address():
    """Addresses that readers know stay where they are."""
    result = identify([found("b", "a", explicit=True)], [known(1, "a", "a")], refs("a", "b"), True)
    assert result.pairs[0][0].slug == "a-2"
    assert "posts/a" in result.problems[0].message


def test_a_deleted_post_is_withdrawn():
    """One of nine: as meant."""
    assert identify([], OLD, refs(*STAY[1:]), True).vanished == (1,)


def test_a_great_loss_withdraws_nothing_and_says_so():
    """More than a third at once is an accident until a person says otherwise."""
    result = identify([], OLD, refs(*STAY[4:]), True)
    assert result.vanished == ()
    assert "4 of 9 posts" in result.problems[0].message
    assert "dispatch post withdraw" in result.problems[0].message
    assert identify([], OLD, refs(*STAY[3:]), True).vanished == (1, 2, 3)


def test_a_source_that_lists_only_its_newest_withdraws_nothing():
    """A feed drops old entries; they are not gone."""
    assert identify([], OLD, refs(*STAY[1:]), False).vanished == ()


def test_a_tombstone_does_not_vanish_again():
    """It counts neither as lost nor as live."""
    assert identify([], [*OLD, known(10, "dead", live=False)], refs(*STAY), True).problems == ()


REF = st.sampled_from([f"r{number}" for number in range(8)])
POST = st.builds(
    lambda ref, slug, explicit, id_, content: found(ref, slug, explicit=explicit, id_=id_, content=content),
    REF,
    st.sampled_from("xyz"),
    st.booleans(),
    st.sampled_from([None, None, "A", "B"]),
    st.sampled_from("123"),
)


@st.composite
def stores(draw):
    """A store as it can be: one slug, one ref and one explicit id a post."""
    names = draw(st.lists(REF, unique=True))
    ids = draw(st.permutations(["A", "B", *[None] * 8]))
    return [
        known(
            number,
            ref,
            f"s{number}" if draw(st.booleans()) else "xyz"[number % 3] * (number // 3 + 1),
            explicit=draw(st.booleans()),
            id_=ids[number],
            content=draw(st.sampled_from("123")),
            live=draw(st.booleans()),
        )
        for number, ref in enumerate(names)
    ]


@given(st.lists(POST, unique_by=lambda post: post.ref), stores(), st.frozensets(REF), st.booleans())
def test_identity_holds_for_all_passes(posts, store, others, whole):
    """Each post once, each id once, each slug once; nothing matched vanishes; order of arrival does not matter."""
    present = others | {post.ref for post in posts}
    result = identify(posts, store, present, whole)
    ids = [id_ for _, id_ in result.pairs if id_ is not None]
    assert len(ids) == len(set(ids))
    assert not set(ids) & set(result.vanished)
    slugs = {old.id: old.slug for old in store} | {id_: post.slug for post, id_ in result.pairs if id_ is not None}
    fresh = [post.slug for post, id_ in result.pairs if id_ is None]
    assert len({*slugs.values(), *fresh}) == len(slugs) + len(fresh)
    lost = [problem for problem in result.problems if problem.fatal]
    assert len(result.pairs) + len(lost) == len(posts)
    assert identify(posts[::-1], store[::-1], present, whole) == result


@given(st.lists(POST, unique_by=lambda post: post.ref))
def test_a_second_pass_finds_every_post_again(posts):
    """What a first pass stored, the same pass matches one to one, with the same slugs."""
    first = identify(posts, [], frozenset(post.ref for post in posts), True)
    store = [
        KnownPost(
            number, post.ref, post.where, post.slug, post.explicit_slug, post.explicit_id, post.content_hash, True
        )
        for number, (post, _) in enumerate(first.pairs)
    ]
    again = identify([replace(post, stamp="2") for post in posts], store, frozenset(post.ref for post in posts), True)
    assert sorted((post.ref, post.slug) for post, _ in first.pairs) == sorted(
        (post.ref, post.slug) for post, _ in again.pairs
    )
    assert None not in [id_ for _, id_ in again.pairs]
    assert again.vanished == ()


def test_a_draft_that_vanishes_goes_silently():
    """No reader has seen it, so it neither counts towards the third nor is asked about."""
    draft = replace(known(10, "draft"), shown=False)
    result = identify([], [*OLD, draft], refs(*STAY), True)
    assert (result.vanished, result.problems) == ((10,), ())
    alone = identify([], [draft], frozenset(), True)
    assert (alone.vanished, alone.problems) == ((10,), ())
