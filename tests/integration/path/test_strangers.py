"""What somebody who types the address of another can do to them: nothing that lasts."""

import pytest

from dispatch.acts.offering import Offerings
from dispatch.acts.preferences import ChoosingByLink
from dispatch.acts.subscriber import unsubscribe
from dispatch.store import subscribers

from .conftest import Publish, World
from .test_signing_up import ADA, NEWS, ON_EACH, TWO, handed_over, joining, link, mails, sign_up


async def called(world: World) -> tuple[str, str]:
    """How a person is called, and in which language."""
    async with world.context.store.read() as tx:
        (one, *_) = await subscribers.of_address(tx, ADA)
    return one.subscriber.name, one.subscriber.language


@ON_EACH
@pytest.mark.parametrize("own_is_last", [True, False])
async def test_no_strangers_name_sticks_to_an_address(publish: Publish, own_is_last: bool) -> None:
    """The last form's replaces it; and who confirms by an earlier mail has no name rather than a stranger's."""
    async with publish(TWO) as world:
        world.write("Eins", language="de")
        await world.work()
        stranger, own = {"name": "Buy now", "language": "de"}, {"name": "Ada", "language": "en"}
        forms = [("news", stranger), ("letters", own)] if own_is_last else [("news", own), ("letters", stranger)]
        links = {}
        for slug, form in forms:
            await sign_up(world, slug=slug, **form)
            links[slug] = await link(world, slug=slug)
            await handed_over(world)
            world.later(minutes=16)
        await joining(world).confirm(links["letters" if own_is_last else "news"])
        assert await called(world) == ("Ada" if own_is_last else "", "")
        await sign_up(world, **stranger)
        assert await called(world) == ("Ada" if own_is_last else "", "")


async def test_a_form_that_brings_no_mail_changes_no_name(publish: Publish) -> None:
    """Within a quarter of an hour nobody replaces the name that the mail was asked for with."""
    async with publish(NEWS) as world:
        await sign_up(world, name="Ada")
        await sign_up(world, name="Mallory")
        world.later(minutes=16)
        await sign_up(world, name="Mallory")  # the mail to Ada waits still
        assert await called(world) == ("Ada", "")


async def test_who_comes_back_has_what_they_had_chosen(publish: Publish) -> None:
    """The form may be a stranger's; the page to confirm on says how often it comes, and theirs is a link away."""
    async with publish(NEWS) as world:
        world.people("news", f"{ADA},weekly", columns="email,cadence")
        await world.work()
        await unsubscribe(world.desk, ADA, None)
        await sign_up(world, cadence="immediate")
        for page in (await joining(world).look(await link(world)), await joining(world).confirm(await link(world))):
            assert page.cadence == "weekly"


@ON_EACH
async def test_a_mailbox_is_not_filled_by_the_way_of_sub_addresses(publish: Publish) -> None:
    """What follows a plus in an address makes no other mailbox of it, for either form."""
    async with publish(NEWS) as world:
        for number in range(3):
            await sign_up(world, f"ada+{number}@example.org")
        await sign_up(world)
        assert await mails(world) == [("confirm", "ada+0@example.org")]
        await ChoosingByLink(world.context, Offerings(world.context)).ask("ada+0@example.org")
        assert len(await mails(world)) == 1
        world.later(minutes=16)
        await sign_up(world)
        assert len(await mails(world)) == 2
