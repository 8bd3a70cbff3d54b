"""The publisher's side: other people's hubs are told what has changed, once."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

import pytest

from loopback import Reply
from websub_hub import Hub
from websub_subscriber import discover

LIVE = ["feed.xml", "atom.xml", "feed.json"]


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Somebody else's."""
    with Hub().open() as found:
        yield found


def _saying(tide: Any, words: str) -> list[str]:
    """The addresses of all live feeds that say this."""
    public = tide.publication.folder / "public"
    files = [path for name in LIVE for path in public.rglob(name) if "archive" not in path.parts]
    return [f"{tide.url}/{path.relative_to(public)}" for path in files if words in path.read_text()]


def test_each_changed_topic_is_told_once(begin: Callable[..., Any], serving: Callable[..., Any], hub: Hub) -> None:
    """Section 6: a change is told for each feed that has it, and for no other, made while it was out of service too."""
    lists = '[lists.other]\ntitle = "Other"\ncadence = "immediate"\ntags = ["never"]\n'
    tide = begin(more=f'{lists}[feeds]\nhubs = ["{hub.url}"]\n')
    with serving(tide):
        assert tide.until(lambda: set(_saying(tide, "")) == set(hub.heard))
        tide.until(lambda: False, 0.5)
        hub.notices.clear()
        title = tide.publish()
        assert tide.is_served(title, "/lists/news/feed.json")
        changed = _saying(tide, title)
        assert tide.until(lambda: set(changed) <= set(hub.heard))
        tide.until(lambda: False, 0.5)
        assert Counter(hub.heard) == Counter(changed)
        assert f"{tide.url}/lists/other/feed.xml" not in changed
        assert {(notice.mode, notice.kind) for notice in hub.notices} == {
            ("publish", "application/x-www-form-urlencoded")
        }
        hub.notices.clear()
        tide.publish("A draft.", draft="true")
        tide.until(lambda: False, 0.7)
        assert hub.notices == []
    title = tide.publish()
    with serving(tide):
        assert tide.is_served(title, "/lists/news/feed.json")
        assert tide.until(lambda: set(changed) <= set(hub.heard))
        tide.until(lambda: False, 0.4)
    assert Counter(hub.heard) == Counter(changed)


def test_a_single_pass_tells_everybody_too(begin: Callable[..., Any], serving: Callable[..., Any], hub: Hub) -> None:
    """`run --once`, as cron calls it: subscribers are pushed and other hubs told before it ends."""
    tide = begin(more=f'[feeds]\nhubs = ["{hub.url}"]\n')
    with serving(tide):
        callback = tide.joined()
    hub.notices.clear()
    title = tide.publish()
    tide.publication.once()
    assert [push for push in callback.taken if title.encode() in push.body]
    assert Counter(hub.heard) == Counter(_saying(tide, title))


def test_feeds_name_every_hub(begin: Callable[..., Any], serving: Callable[..., Any], hub: Hub) -> None:
    """Section 4: ours and others, in headers and document alike; with `hub = false` only others, and ours is gone."""
    for more, own in (("", True), ("hub = false\n", False)):
        tide = begin(more=f'[feeds]\nhubs = ["{hub.url}"]\n{more}')
        with serving(tide):
            for name in LIVE:
                found = discover(f"{tide.url}/{name}")
                assert set(found.hubs) == {hub.url, *([f"{tide.url}/hub"] if own else [])}
                assert discover(f"{tide.url}/{name}", by_header=False) == found
            assert own or tide.get("/hub").status == 404


def test_a_hub_that_fails_is_told_again(begin: Callable[..., Any], serving: Callable[..., Any], hub: Hub) -> None:
    """A failure, a redirect or silence is no answer: told again later, and no more once it was taken."""
    hub.answers = chain([Reply(500), Reply(hangs_up=True), Reply(307, headers={"Location": "/"})], repeat(Reply(202)))
    tide = begin(more=f'[feeds]\nhubs = ["{hub.url}"]\n', own_clock=True)
    with serving(tide):
        assert tide.until(lambda: hub.notices)
        changed = _saying(tide, "")
        assert tide.forward_until(lambda: set(changed) <= set(hub.heard), minutes=2)
        tide.until(lambda: False, 0.4)
        assert Counter(hub.heard) == Counter(changed)
        assert [notice.status for notice in hub.notices if notice.status // 100 != 2] != []
