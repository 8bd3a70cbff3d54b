"""The plan, on counts of needs alone. That it is what then happens is proved beside the path itself."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.compose.cadence import parse_rule
from dispatch.compose.crowd import Crowd
from dispatch.compose.outlook import Coming, Group, Outlook, Rhythm, Standing, Wait
from dispatch.compose.plan import foresee
from dispatch.compose.shelf import Shelf
from dispatch.model.issue import Cohort, Issue, IssueState, MailingList, Need, Words
from dispatch.model.post import Post, PostState
from dispatch.model.subscriber import Cadence

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
WEEK = NOW + timedelta(days=7)
EVERYBODY = Need((), "", 0)
DAILY = Cadence.DAILY


def rhythm(cadence: Cadence = DAILY, rule: str = "08:00", **values: Any) -> Rhythm:
    """A schedule whose next slot is on Tuesday at eight, in UTC."""
    standard: dict[str, Any] = {"slot": "2026-03-03T08:00", "due": datetime(2026, 3, 3, 8, tzinfo=UTC), "people": 1}
    return Rhythm(cadence, parse_rule(cadence, rule), **{**standard, **values})


def issue(number: int, cadence: Cadence = Cadence.BY_HAND, **values: Any) -> Issue:
    """An issue with a time."""
    standard: dict[str, Any] = {
        "state": IssueState.HELD,
        "first_arrival": 1,
        "last_arrival": 1,
        "created": NOW,
        "due": NOW + timedelta(hours=1),
        "fixed": True,
    }
    return Issue(number, "news", cadence, **{**standard, **values})


Foresee = Callable[..., list[Coming]]


@pytest.fixture
def coming(make_post: Callable[..., Post], make_list: Callable[..., MailingList]) -> Foresee:
    """What comes in a week to a list with these groups, posts that are there, and posts that appear later."""

    def _coming(
        groups: Mapping[Group, int],
        *,
        there: int = 2,
        ahead: Mapping[int, datetime] | None = None,
        one: Mapping[str, Any] | None = None,
        **standing: Any,
    ) -> list[Coming]:
        every = (Cadence.IMMEDIATE, Cadence.DAILY, Cadence.WEEKLY)
        posts = [make_post(number) for number in range(1, there + 1)]
        for number, at in (ahead or {}).items():
            posts.append(make_post(number, published=at, state=PostState.SCHEDULED, arrival=None))
        target = make_list(slug="news", cadence=DAILY, cadences=every, **(one or {}))
        values = {"composed_to": there, "rhythms": (rhythm(),), **standing}
        outlook = Outlook("en", (Standing(one=target, groups=groups, **values),), tuple(posts), there, ((NOW, there),))
        return foresee(outlook, NOW, WEEK)

    return _coming


def told(found: list[Coming]) -> list[tuple[str, tuple[int, ...], int]]:
    """Day and hour, posts and people of what starts."""
    return [
        (f"{one.at:%a %H:%M}", tuple(post.id for post in cohort.posts), people)
        for one in found
        if not one.wait
        for cohort, people in zip(one.cohorts, one.sizes, strict=True)
    ]


def test_what_waits_goes_with_the_first_slot_and_never_again(coming: Foresee) -> None:
    """A slot serves everybody up to the head; the slots after it have nothing."""
    found = coming(
        {Group(DAILY, EVERYBODY): 3, Group(DAILY, Need(("sea",), "", 0)): 2, Group(DAILY, Need((), "", 1)): 4}
    )
    assert told(found) == [("Tue 08:00", (2, 1), 3), ("Tue 08:00", (2,), 4)]
    assert [one.waiting for one in found[1:]] == [1] * 6


def test_a_post_dated_ahead_comes_with_the_first_slot_after_its_date(coming: Foresee) -> None:
    """It takes the next arrival when its time has come."""
    dates = {7: NOW + timedelta(days=2, hours=1), 9: NOW + timedelta(days=2)}
    assert told(coming({Group(DAILY, EVERYBODY): 1}, ahead=dates)) == [
        ("Tue 08:00", (2, 1), 1),
        ("Thu 08:00", (7, 9), 1),
    ]


def test_immediate_issues_come_at_the_date(coming: Foresee) -> None:
    """An immediate list brings a post when it appears, and the digest brings it to others at its hour."""
    dates = {7: NOW + timedelta(days=1)}
    groups = {Group(Cadence.IMMEDIATE, Need((), "", 2)): 5, Group(DAILY, Need((), "", 2)): 1}
    assert told(coming(groups, ahead=dates)) == [("Tue 09:00", (7,), 5), ("Wed 08:00", (7,), 1)]


def test_whoever_has_too_few_posts_waits_and_then_gets_both(coming: Foresee) -> None:
    """With min_posts the mark of who waits stays where it is."""
    found = coming(
        {Group(DAILY, Need((), "", 1)): 1},
        one={"min_posts": 2},
        ahead={7: NOW + timedelta(days=2)},
    )
    assert told(found) == [("Thu 08:00", (7, 2), 1)]


def test_what_arrives_after_the_cutoff_waits_for_the_next_slot(coming: Foresee) -> None:
    """The window closes before the slot."""
    found = coming({Group(DAILY, EVERYBODY): 1}, ahead={7: NOW + timedelta(hours=20)}, cutoff=timedelta(hours=6))
    assert told(found) == [("Tue 08:00", (2, 1), 1), ("Wed 08:00", (7,), 1)]


def test_a_post_dated_before_the_cutoff_comes_though_nobody_was_there_at_its_date(coming: Foresee) -> None:
    """It arrived at its date, however late the pass that lets it appear: what follows it waits."""
    dates = {7: NOW - timedelta(hours=2), 9: NOW}
    found = coming({Group(DAILY, Need((), "", 2)): 1}, ahead=dates, cutoff=timedelta(hours=24))
    assert told(found) == [("Tue 08:00", (7,), 1), ("Wed 08:00", (9,), 1)]


def test_a_digest_does_not_repeat_what_came_by_hand(coming: Foresee) -> None:
    """An issue made by hand moves no mark; its posts are spans that were served."""
    made = issue(1, picked=(2,), first_arrival=2, last_arrival=2)
    assert told(coming({Group(DAILY, EVERYBODY): 1}, issues=(made,))) == [
        ("Mon 10:00", (2,), 1),
        ("Tue 08:00", (1,), 1),
    ]


def test_a_correction_goes_to_those_who_got_the_first(coming: Foresee) -> None:
    """And only they do not get its post again."""
    made = issue(4, picked=(2,), first_arrival=2, last_arrival=2, corrects=3, corrects_revision=1)
    groups = {Group(DAILY, EVERYBODY): 2, Group(DAILY, EVERYBODY, corrections=frozenset({4})): 1}
    assert told(coming(groups, issues=(made,))) == [
        ("Mon 10:00", (2,), 1),
        ("Tue 08:00", (2, 1), 2),
        ("Tue 08:00", (1,), 1),
    ]


def test_whoever_comes_back_gets_what_they_missed(coming: Foresee) -> None:
    """Of an immediate list at once, of a digest with their next slot."""
    back = NOW + timedelta(days=2)
    groups = {
        Group(Cadence.IMMEDIATE, EVERYBODY, away_until=back): 1,
        Group(DAILY, EVERYBODY, away_until=back): 1,
        Group(DAILY, EVERYBODY): 1,
    }
    assert told(coming(groups)) == [
        ("Tue 08:00", (2, 1), 1),
        ("Wed 09:00", (2, 1), 1),
        ("Thu 08:00", (2, 1), 1),
    ]


def test_several_missed_slots_are_one_issue(coming: Foresee) -> None:
    """What was missed is caught up once; where an editor is asked, it waits for their word until the next slot."""
    missed = rhythm(slot="2026-02-26T08:00", due=datetime(2026, 2, 26, 8, tzinfo=UTC))
    groups = {Group(DAILY, EVERYBODY): 1}
    assert told(coming(groups, rhythms=(missed,))) == [("Mon 09:00", (2, 1), 1)]
    found = coming(groups, rhythms=(missed,), late=timedelta(minutes=10), issues=(_draft(),))
    assert [(one.at.hour, one.wait) for one in found if one.cohorts] == [(8, Wait.WORD), (8, Wait.NOTHING)]
    assert told(found) == [("Tue 08:00", (2, 1), 1)]
    asked = issue(5, DAILY, due=missed.due, fixed=False, late=True)
    found = coming(groups, rhythms=(missed,), late=timedelta(minutes=10), if_late="skip", issues=(asked,))
    assert told(found) == [("Tue 08:00", (2, 1), 1)]
    assert not any(one.wait for one in found)


def _draft() -> Issue:
    return issue(5, DAILY, state=IssueState.DRAFT, fixed=False)


def test_what_is_not_approved_is_planned_as_waiting(coming: Foresee) -> None:
    """Each slot tells of it, and nothing starts."""
    found = coming({Group(DAILY, EVERYBODY): 1}, approval=True, issues=(_draft(),))
    assert told(found) == []
    assert {one.wait for one in found} == {Wait.APPROVAL}
    assert [one.issue.number for one in found if one.issue] == [5] * 7


def test_of_a_paused_list_all_waits(coming: Foresee) -> None:
    """The plan says what would go if the list went on."""
    made = issue(1, picked=(), words={"": Words(intro="Hello")})
    found = coming({Group(DAILY, EVERYBODY): 2}, issues=(made,), paused=True)
    assert [(one.cadence, one.wait, one.sizes) for one in found] == [
        (Cadence.BY_HAND, Wait.LIST, (2,)),
        (DAILY, Wait.LIST, (2,)),
    ]


def test_each_zone_leaves_at_its_hour(coming: Foresee) -> None:
    """With local time an issue starts where the day comes first, and says when its last mail leaves."""
    berlin, sydney = ("Europe/Berlin", ""), ("Australia/Sydney", "")
    found = coming(
        {Group(DAILY, EVERYBODY, berlin): 1, Group(DAILY, EVERYBODY, sydney): 2},
        one={"local_time": True},
        rhythms=(rhythm(places=((berlin, None), (sydney, None))),),
    )
    assert told(found)[0] == ("Mon 21:00", (2, 1), 3)
    assert [f"{at:%a %H:%M}" for at in found[0].leaves] == ["Mon 21:00", "Tue 07:00"]


needs = st.builds(
    Need,
    tags=st.sampled_from([(), ("sea",)]),
    language=st.sampled_from(["", "de"]),
    mark=st.integers(0, 5),
    served=st.lists(st.integers(0, 6).map(lambda one: (one, one + 1)), max_size=2, unique=True).map(tuple),
)
crowds = st.dictionaries(st.builds(Group, cadence=st.just(DAILY), need=needs), st.integers(1, 9), max_size=20)


@given(groups=crowds, upto=st.integers(0, 6), waits=needs)
def test_an_issue_loses_nobody_and_makes_equal_needs_one(groups: dict[Group, int], upto: int, waits: Need) -> None:
    """As many people as before, nobody but who waits is owed what was served, and no more needs than before."""
    crowd = Crowd(groups)
    every = issue(1, DAILY, last_arrival=100)
    before = crowd.needs(every)
    crowd.serve(DAILY, upto, [waits])
    after = crowd.needs(every)
    assert sum(after.values()) == sum(before.values())
    assert all(need.mark >= upto or need == waits for need in after)
    assert len(after) <= len(before)


@given(groups=crowds, arrival=st.integers(1, 6))
def test_what_comes_by_hand_is_owed_to_nobody_who_got_it(groups: dict[Group, int], arrival: int) -> None:
    """Those of other languages go on as they were."""
    crowd = Crowd(groups)
    made = issue(1)
    crowd.give(made, [Cohort((), "en", (Need((), "", 0),))], [arrival])
    for need in crowd.needs(issue(2, DAILY, last_arrival=100)):
        assert need.language or arrival <= need.mark or (arrival, arrival) in need.served


def test_a_story_is_known_by_address_guid_or_key(make_post: Callable[..., Post]) -> None:
    """Only what is outside of the window, and shares one of them."""
    posts = (
        make_post(1, canonical="https://a.example/"),
        make_post(2, guid="tag:1"),
        make_post(3, translation="spring"),
        make_post(4, translation="spring", source="other"),
        make_post(5, canonical="https://a.example/", guid="tag:1", translation="spring"),
    )
    shelf = Shelf(Outlook("en", (), posts, 5))
    assert [post.id for post in shelf.same_stories(posts[4:])] == [1, 2, 3]
