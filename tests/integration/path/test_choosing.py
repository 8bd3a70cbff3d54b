"""What people choose on the page that their mail links to, and what it means for mail."""

from typing import Any

import pytest

from dispatch.acts import people
from dispatch.acts.act import ActError
from dispatch.acts.offering import Offerings
from dispatch.acts.preferences import ChoosingByLink, ListWish, Saved, Wish
from dispatch.acts.subscriber import LeavingByLink
from dispatch.errors import TokenError
from dispatch.store import audit, subscribers

from .conftest import Publish, World
from .test_signing_up import mails, sign_up, states

LISTS = """
[lists.news]
title = "Sea News"
since = 2026-03-01
cadences = ["daily"]
local_time = true
goodbye = true
at = { daily = "08:00" }

[lists.letters]
since = 2026-03-01
cadence = "weekly"
tags = ["letter"]
"""
ADA = "ada@example.org"
ON_EACH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def choosing(world: World) -> ChoosingByLink:
    """What stands behind the page."""
    return ChoosingByLink(world.context, Offerings(world.context))


async def token_of(world: World, email: str = ADA, slug: str = "news") -> str:
    """The token of somebody's page."""
    async with world.context.store.read() as tx:
        who = (await subscribers.ids_of(tx, [email]))[email]
    return world.context.keyring.unsubscribe(who, world.context.lists[slug].id)


async def save(world: World, token: str, **wish: Any) -> Saved:
    """Save what is wished for on the list of news."""
    return await choosing(world).save(token, Wish(lists={"news": ListWish(**wish)}))


async def mail(world: World, title: str, **front: Any) -> None:
    """Publish a post and send it."""
    world.later(minutes=1)
    world.write(title, **front)
    await world.work(hold=False)


async def joined(world: World, row: str = ADA, columns: str = "email") -> str:
    """Somebody of a file; their token."""
    world.people("news", row, columns=columns)
    await world.work()
    return await token_of(world)


@ON_EACH
async def test_the_page_shows_what_is_theirs_and_what_else_there_is(publish: Publish) -> None:
    """Tags are those of each list's posts, the list's own left out; the address is masked."""
    async with publish(LISTS) as world:
        world.write("One", tags="[sea, Tides]")
        world.write("Two", tags="[letter, sea]", language="de")
        token = await joined(world, f"{ADA},Ada,Asia/Tokyo,Owls", "email,name,timezone,tags")
        choices = await choosing(world).look(token)
    (news,) = choices.lists
    assert (choices.email, choices.name, choices.timezone) == ("a…@example.org", "Ada", "Asia/Tokyo")
    assert (choices.languages, choices.has_hours, choices.suppressed) == (("en", "de"), True, False)
    assert (news.one.slug, news.cadence, news.tags) == ("news", "immediate", ("Owls",))
    assert news.common_tags == ("letter", "Owls", "sea", "Tides")
    assert [one.slug for one in choices.others] == ["letters"]


@ON_EACH
async def test_all_that_can_be_chosen_is_saved_and_said(publish: Publish) -> None:
    """Each thing that differs is said; each leaves a line in the audit; a second time nothing differs."""
    async with publish(LISTS) as world:
        world.write("Eins", tags="[sea]", language="de")
        token = await joined(world)
        wish = Wish(
            {"name": "Ada", "language": "de", "timezone": "Asia/Tokyo"},
            {"news": ListWish("daily", ("sea",), "07:00", "2026-03-09")},
        )
        saved = await choosing(world).save(token, wish)
        assert not saved.wrong
        assert set(saved.changed) == {
            *(("", what) for what in ("name", "language", "timezone")),
            *(("news", what) for what in ("cadence", "tags", "hour", "until")),
        }
        (news,) = saved.choices.lists
        assert (news.cadence, news.tags, news.hour, news.away_until) == ("daily", ("sea",), "07:00", "2026-03-09")
        assert (saved.choices.name, saved.choices.language, saved.choices.timezone) == ("Ada", "de", "Asia/Tokyo")
        async with world.context.store.read() as tx:
            lines = [line for line in await audit.lines(tx) if line.who == "subscriber"]
        assert len(lines) == 7
        assert (await choosing(world).save(token, wish)).changed == ()


UNOFFERED: list[tuple[dict[str, str], dict[str, Any], str]] = [
    ({"language": "xx-bogus"}, {}, "language"),
    ({"timezone": "localtime"}, {}, "timezone"),
    ({"timezone": "posix/Europe/Berlin"}, {}, "timezone"),
    ({"timezone": "../../etc/passwd"}, {}, "timezone"),
    ({}, {"tags": ("sea", "nonsense")}, "tags:news"),
    ({}, {"tags": ("do", "re")}, "tags:news"),
    ({}, {"tags": ("do;re",)}, "tags:news"),
    ({}, {"cadence": "monthly"}, "cadence:news"),
]


@ON_EACH
async def test_only_what_is_offered_is_taken(publish: Publish) -> None:
    """And the field is named; a tag with a semicolon, which would be two, is offered to nobody."""
    async with publish(LISTS) as world:
        world.write("One", tags='[sea, "do;re"]')
        token = await joined(world, f"{ADA},Ada,Asia/Tokyo,Owls,ja", "email,name,timezone,tags,language")
        before = await choosing(world).look(token)
        assert before.lists[0].common_tags == ("Owls", "sea")
        for personal, of_list, wrong in UNOFFERED:
            saved = await choosing(world).save(token, Wish(personal, {"news": ListWish(**of_list)}))
            assert (set(saved.wrong), saved.changed, saved.choices) == ({wrong}, (), before)
        own = {"language": "ja", "timezone": "Asia/Tokyo"}
        assert not (await choosing(world).save(token, Wish(own, {"news": ListWish(tags=("Owls", "sea"))}))).wrong


async def test_another_cadence_loses_nothing_and_repeats_nothing(publish: Publish) -> None:
    """From at once to daily: what came is not repeated, what comes is in the digest."""
    async with publish(LISTS) as world:
        token = await joined(world)
        await mail(world, "First")
        await save(world, token, cadence="daily")
        await mail(world, "Second")
        assert world.got("ada", ["First", "Second"]) == [("First",)]
        world.later(days=1)
        await world.work()
        assert world.got("ada", ["First", "Second"]) == [("First",), ("Second",)]


async def test_a_pause_and_its_end(publish: Publish) -> None:
    """Nothing comes meanwhile; an empty date ends it, and what they missed comes."""
    async with publish(LISTS) as world:
        token = await joined(world)
        await save(world, token, until="2026-04-01")
        await mail(world, "Missed")
        assert world.got("ada", ["Missed"]) == []
        saved = await save(world, token, until="")
        assert saved.choices.lists[0].away_until == ""
        world.later(minutes=1)
        await world.work(hold=False)
        assert world.got("ada", ["Missed"]) == [("Missed",)]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"until": "2020-01-01"}, "until"),
    ({"until": "never"}, "until"),
    ({"cadence": "monthly"}, "cadence"),
    ({"cadence": "\0"}, "cadence"),
    ({"hour": "25:00"}, "hour"),
    ({"tags": ("a\0b",)}, "tags"),
]


async def test_what_cannot_be_is_named_and_the_rest_is_done(publish: Publish) -> None:
    """By field; the name beside it is saved."""
    async with publish(LISTS) as world:
        token = await joined(world)
        for number, (wish, wrong) in enumerate(WRONG):
            saved = await choosing(world).save(token, Wish({"name": f"Ada {number}"}, {"news": ListWish(**wish)}))
            assert set(saved.wrong) == {f"{wrong}:news"}
            assert saved.changed == (("", "name"),)


async def test_a_person_too_can_wish_for_what_is_not(publish: Publish) -> None:
    """It is named, and nothing changes."""
    async with publish(LISTS) as world:
        token = await joined(world)
        for what, value in {"name": "x" * 301, "timezone": "Mars/Olympus", "language": "Klingon!"}.items():
            saved = await choosing(world).save(token, Wish({what: value}))
            assert (set(saved.wrong), saved.changed) == ({what}, ())


async def test_a_list_that_is_not_theirs_is_not_changed_by_saving(publish: Publish) -> None:
    """Only by joining it."""
    async with publish(LISTS) as world:
        token = await joined(world)
        saved = await choosing(world).save(token, Wish(lists={"letters": ListWish("weekly", ("x",)), "no": ListWish()}))
        assert (saved.changed, dict(saved.wrong)) == ((), {})
        assert await states(world) == {"news": "active"}


async def test_joining_another_list_needs_no_mail(publish: Publish) -> None:
    """The link proves the address; whoever comes back has what they had chosen, and gets what comes from now on."""
    async with publish(LISTS) as world:
        world.write("Early", tags="[sea]")
        token = await joined(world)
        saved = await choosing(world).join(token, "letters")
        assert saved.changed == (("letters", "joined"),)
        assert await states(world) == {"letters": "active", "news": "active"}
        await save(world, token, cadence="daily", tags=("sea",))
        await choosing(world).leave(token, "news")
        await mail(world, "Meanwhile", tags="[sea]")
        (letters, news) = (await choosing(world).join(token, "news")).choices.lists[::-1]
        assert (news.cadence, news.tags, letters.one.slug) == ("daily", ("sea",), "letters")
        assert (await choosing(world).join(token, "nonsense")).changed == ()
        assert await mails(world) == [("goodbye", ADA)]


async def test_leaving_one_list_and_all(publish: Publish) -> None:
    """A last mail where the list sends one; the links go on working; the second time nothing is said."""
    async with publish(LISTS) as world:
        token = await joined(world)
        await choosing(world).join(token, "letters")
        assert (await choosing(world).leave(token, "letters")).changed == (("letters", "left"),)
        assert await mails(world) == []
        assert (await choosing(world).leave(token)).changed == (("news", "left"),)
        assert await mails(world) == [("goodbye", ADA)]
        assert await states(world) == {"letters": "ended", "news": "ended"}
        left = await choosing(world).leave(token)
        assert (left.changed, left.choices.lists) == ((), ())


async def test_one_click_sends_the_last_mail_too(publish: Publish) -> None:
    """Once, however often the mail program asks."""
    async with publish(LISTS) as world:
        token = await joined(world)
        for _ in range(2):
            assert (await LeavingByLink(world.context).leave(token)).list_title == "Sea News"
        assert await mails(world) == [("goodbye", ADA)]


async def test_a_page_of_somebody_forgotten_shows_nothing(publish: Publish) -> None:
    """And does nothing."""
    async with publish(LISTS) as world:
        token = await joined(world)
        await people.forget(world.desk, ADA)
        assert not (await choosing(world).look(token)).known
        for saved in (
            await choosing(world).save(token, Wish({"name": "Eve"}, {"news": ListWish("daily")})),
            await choosing(world).join(token, "letters"),
            await choosing(world).leave(token),
        ):
            assert (saved.choices.known, saved.changed) == (False, ())


async def test_a_forged_link_is_none(publish: Publish) -> None:
    """Whatever is asked by it."""
    async with publish(LISTS) as world:
        token = await joined(world) + "x"
        for asked in (
            choosing(world).look(token),
            choosing(world).join(token, "letters"),
            choosing(world).leave(token),
        ):
            with pytest.raises(TokenError):
                await asked
        with pytest.raises(TokenError):
            await choosing(world).save(token, Wish({"name": "Eve"}))
        assert await states(world) == {"news": "active"}


async def test_a_suppressed_address_is_told_so(publish: Publish) -> None:
    """They may leave and choose, and join nothing: it would not be mailed."""
    async with publish(LISTS) as world:
        token = await joined(world)
        await people.suppress(world.desk, ADA, "bounced")
        choices = await choosing(world).look(token)
        assert (choices.suppressed, choices.others) == (True, ())
        assert set((await choosing(world).join(token, "letters")).wrong) == {"joined:letters"}


async def test_the_link_is_mailed_to_whom_we_know(publish: Publish) -> None:
    """For a list that they are on; to nobody else, and no more often than a quarter of an hour; nothing tells which."""
    async with publish(LISTS) as world:
        await joined(world)
        await people.add(world.desk, {"email": "bob@example.org", "lists": "news"}, again=False)
        await people.suppress(world.desk, "bob@example.org", "bounced")
        for address in (" ADA@example.org", ADA, "bob@example.org", "nobody@example.org"):
            await choosing(world).ask(address)
        assert await mails(world) == [("preferences", ADA)]
        with pytest.raises(ValueError, match="@"):
            await choosing(world).ask("nonsense")
        await sign_up(world)
        assert len(await mails(world)) == 1
        with pytest.raises(ActError):
            await people.add(world.desk, {"email": ADA, "lists": "news"}, again=True)
