"""Nobody twice, nobody missed: whatever providers answer and whenever processes die."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from dispatch.acts import issue as issue_acts
from dispatch.acts import report
from dispatch.acts.act import ActError, Desk
from dispatch.context import Context
from dispatch.deliver import journal, pace
from dispatch.deliver.rescue import rescue
from dispatch.deliver.run import run_chunk
from dispatch.errors import ProviderDown, ProviderRefused
from dispatch.model.delivery import Receipt, Recipient, SendState, Tally
from dispatch.model.issue import CompiledEdition, IssueState
from dispatch.model.pace import Limits
from dispatch.providers.base import Capabilities, Watch
from dispatch.publish import run_pass
from dispatch.store import chunks, deliveries, issues, ledger, subscribers

from .conftest import HEAD, Publish, World

LANGUAGES = ("en", "de", "fr")  # a cohort each, so a chunk each
READERS = 9
NEWS = "[lists.news]\nsince = 2026-03-01\n"
RESEND = NEWS + 'on_unknown = "resend"\n'


class Death(BaseException):
    """The process dies here: nothing after this line happens."""


# What becomes of one recipient in a provider's hands, as a script plays it.
ANSWERS = {
    "accept": Receipt(SendState.ACCEPTED, "250"),
    "reject": Receipt(SendState.REJECTED, "550"),
    "retry": Receipt(SendState.RETRY, "451"),
    "ask for time": Receipt(SendState.RETRY, "452", timedelta(hours=2)),
    "in doubt": Receipt(SendState.UNKNOWN, "connection broke"),
}
ENDINGS: dict[str, type[Exception] | None] = {
    "return": None,
    "down": ProviderDown,
    "refused": ProviderRefused,
    "die before": Death,
}
ACTIONS = ["accept", "accept", "accept", *ANSWERS, *ENDINGS, "die in between", "die after", "silent", "down in between"]
STEPS = [
    "work",
    "work",
    "work",
    "twice",
    "rescue",
    "pause",
    "resume",
    "cancel",
    "leave",
    "suppress",
    "tick",
    "long tick",
    "die claimed",
]


class NoOptions(BaseModel):
    """This provider has none."""


@dataclass
class Player:
    """A provider that plays a script; once the script is over it accepts everybody."""

    script: list[str] = field(default_factory=list)
    idempotent: bool = False
    given: list[tuple[int, str]] = field(default_factory=list)  # subscriber and what it came to, in order
    name: str = "player"
    limits: ClassVar[Limits] = Limits()
    Options: ClassVar[type[BaseModel]] = NoOptions

    def __post_init__(self) -> None:
        """Say what it promises."""
        self.capabilities = Capabilities(mails=False, idempotent=self.idempotent)

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Play one action a recipient."""
        for index, recipient in enumerate(recipients):
            if not await watch.turn():
                return
            action = self.script.pop(0) if self.script else "accept"
            if action in ENDINGS:
                ending = ENDINGS[action]
                if ending:
                    raise ending("as the script says")
                return
            watch.intent(index)
            self.given.append((recipient.subscriber, action))
            if action in ("die in between", "down in between"):
                raise (Death if action.startswith("die") else ProviderDown)("as the script says")
            if action != "silent":
                watch.receipt(index, ANSWERS.get(action, ANSWERS["accept"]))
            if action == "die after":
                raise Death

    async def check(self) -> str:
        """It always answers."""
        return "plays"

    async def aclose(self) -> None:
        """Nothing is open."""


# --- the machine --------------------------------------------------------------------------------------------------


@dataclass
class Play:
    """One issue in the hands of a script of steps."""

    world: World
    context: Context
    provider: Player
    deaths: int = 0

    async def step(self, name: str, number: int) -> None:
        """Do one thing; `number` says to whom."""
        done: dict[str, Callable[[int], Any]] = {
            "work": self.work,
            "twice": self.twice,
            "rescue": lambda _: rescue(self.context),
            "pause": lambda _: self.act(issue_acts.pause),
            "resume": lambda _: self.act(issue_acts.resume),
            "cancel": lambda _: self.act(issue_acts.cancel),
            "leave": self.leave,
            "suppress": self.suppress,
            "tick": lambda _: self.tick(minutes=1),
            "long tick": lambda _: self.tick(hours=7),
            "die claimed": self.die_claimed,
        }
        await done[name](number)
        await self.check_the_sum()

    async def work(self, number: int) -> None:
        """Let a worker do one chunk, and perhaps die over it."""
        try:
            await run_chunk(self.context, 1, number % len(LANGUAGES))
        except Death as death:
            death.__traceback__ = None
            self.deaths += 1

    async def twice(self, number: int) -> None:
        """Let two workers have the same chunk at once."""
        await asyncio.gather(self.work(number), self.work(number))

    async def act(self, act: Callable[[Desk, int], Any]) -> None:
        """Let an editor do something, if it can be done."""
        try:
            await act(Desk(self.context, "test"), 1)
        except ActError:
            return

    async def leave(self, number: int) -> None:
        """Somebody unsubscribes."""
        async with self.context.store.write() as tx:
            await subscribers.end(tx, number % READERS + 1, self.context.lists["news"].id, self.world.now)

    async def suppress(self, number: int) -> None:
        """Somebody complains."""
        async with self.context.store.write() as tx:
            await subscribers.suppress(tx, f"reader{number % READERS}@example.org", "complained", self.world.now)

    async def tick(self, **span: float) -> None:
        """Time goes by."""
        self.world.later(**span)

    async def die_claimed(self, number: int) -> None:
        """A worker dies between its claim and the first message."""
        name = journal.name_of(1, number % len(LANGUAGES), f"dead{self.deaths}")
        self.deaths += 1
        book = journal.Journal.create(self.context.journals, name)
        async with self.context.store.write() as tx:
            chunk = number % len(LANGUAGES)
            lease = self.world.now + timedelta(minutes=1)
            claim = await ledger.claim(tx, 1, chunk, journal.place(name), now=self.world.now, lease_until=lease)
        if claim is None:
            book.drop()
        del book

    async def tally(self) -> Tally:
        """The sum as it stands."""
        async with self.context.store.read() as tx:
            return await ledger.tally(tx, 1)

    async def state(self) -> IssueState:
        """The issue's."""
        return (await self.world.issue(1)).state

    async def check_the_sum(self) -> None:
        """At every moment the audience is whole, and an issue has ended only when it balances."""
        tally = await self.tally()
        assert tally.audience == tally.open + tally.settled == READERS
        issue = await self.world.issue(1)
        if issue.ended:
            assert tally.balances
        if issue.state is IssueState.SENT:
            assert issue.ended

    async def finish(self) -> None:
        """Play the script to its end, then let everything go on until nothing waits any more."""
        for _ in range(12):
            await rescue(self.context)
            await self.act(issue_acts.resume)
            self.world.later(hours=2, minutes=1)
            for number in range(len(LANGUAGES)):
                await self.work(number)
            await self.check_the_sum()


async def prepare(folder: Path, tables: str) -> None:
    """A publication whose first issue is frozen: nine readers in three chunks."""
    (folder / "dispatch.toml").write_text(HEAD + tables)
    for name in ("posts", "subscribers"):
        (folder / name).mkdir()
    world = World(folder)
    rows = [f"reader{number}@example.org,{LANGUAGES[number % len(LANGUAGES)]}" for number in range(READERS)]
    world.people("news", *rows, columns="email,language")
    world.write("Departure")
    async with world.open():
        await run_pass(world.context, world.now, hold=False)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Publications with a frozen issue, to be copied; by their lists."""
    made = {}
    for name, tables in (("keep", NEWS), ("resend", RESEND)):
        made[name] = tmp_path_factory.mktemp(name)
        asyncio.run(prepare(made[name], tables))
    return made


async def play(source: Path, provider: Player, steps: Sequence[tuple[str, int]]) -> tuple[Play, dict[int, SendState]]:
    """Play steps on a copy of a frozen publication to the end; what became of each subscriber."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "publication"
        shutil.copytree(source, folder)
        async with World(folder).open() as world:
            stage = Play(world, replace(world.context, provider=provider), provider)
            for step, number in steps:
                await stage.step(step, number)
            await stage.finish()
            async with world.context.store.read() as tx:
                ended = {row.subscriber: row.state for row in await deliveries.rows(tx, 1)}
                assert await chunks.claimed(tx) == await chunks.waiting(tx) == []
                issue = await issues.get(tx, 1)
            assert issue
            assert issue.ended
            assert (await stage.tally()).balances
            assert list((folder / "journal").glob("*")) == []
            return stage, ended


DEFINITE_NO = {"retry", "ask for time"}
scripts = st.lists(st.sampled_from(ACTIONS), max_size=14)
step_lists = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 8)), max_size=12)
few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@few
@example(script=["die in between"], steps=[("work", 0)])
@example(script=["accept", "die after"], steps=[("work", 0), ("rescue", 0)])
@example(script=["reject", "down in between"], steps=[("work", 1), ("cancel", 0)])
@example(script=["retry", "silent", "in doubt"], steps=[("work", 2), ("tick", 0), ("twice", 2)])
@example(script=["retry", "die before"], steps=[("work", 0), ("cancel", 0), ("rescue", 0)])
@example(script=[], steps=[("die claimed", 1), ("cancel", 0), ("twice", 0)])
@given(script=scripts, steps=step_lists)
def test_nobody_twice_and_nobody_missed(
    frozen: dict[str, Path], script: list[str], steps: list[tuple[str, int]]
) -> None:
    """Whatever is answered, cancelled, paused or killed: everybody ends once, and only a definite no is tried again."""
    stage, ended = asyncio.run(play(frozen["keep"], Player(list(script)), steps))
    assert len(ended) == READERS
    for subscriber, state in ended.items():
        history = [action for who, action in stage.provider.given if who == subscriber]
        assert all(action in DEFINITE_NO for action in history[:-1]), (subscriber, history)
        assert state in may_end(history), (subscriber, history, state)


def may_end(history: list[str]) -> set[SendState]:
    """The states in which somebody with this history may end."""
    last = history[-1] if history else "nothing"
    certain = {
        "accept": {SendState.ACCEPTED},
        "die after": {SendState.ACCEPTED},
        "reject": {SendState.REJECTED},
        "in doubt": {SendState.UNKNOWN},
        "silent": {SendState.UNKNOWN},
        "die in between": {SendState.UNKNOWN},
        "down in between": {SendState.UNKNOWN},
    }
    return certain.get(last, {SendState.CANCELLED, SendState.SKIPPED, SendState.EXPIRED})


@settings(few, max_examples=8)
@given(script=scripts, steps=step_lists)
def test_where_sending_again_is_safe_nobody_is_left_in_doubt(
    frozen: dict[str, Path], script: list[str], steps: list[tuple[str, int]]
) -> None:
    """With an idempotent provider only its own word makes somebody unknown; the accepted are never sent again."""
    stage, ended = asyncio.run(play(frozen["keep"], Player(list(script), idempotent=True), steps))
    for subscriber, state in ended.items():
        history = [action for who, action in stage.provider.given if who == subscriber]
        assert not {"accept", "reject", "die after"} & set(history[:-1])
        assert state is not SendState.UNKNOWN or history[-1] == "in doubt"


@settings(few, max_examples=8)
@given(script=scripts, steps=step_lists)
def test_a_list_may_prefer_to_send_again(
    frozen: dict[str, Path], script: list[str], steps: list[tuple[str, int]]
) -> None:
    """With `on_unknown = "resend"` who was in a dead process's hands is sent again, and the accepted never."""
    stage, ended = asyncio.run(play(frozen["resend"], Player(list(script)), steps))
    for subscriber, state in ended.items():
        history = [action for who, action in stage.provider.given if who == subscriber]
        assert not {"accept", "reject", "die after"} & set(history[:-1])
        assert state is not SendState.UNKNOWN or history[-1] != "die in between"


# --- by hand ------------------------------------------------------------------------------------------------------


async def test_what_fails_for_a_day_expires(publish: Publish) -> None:
    """A provider that is down burns nobody for 24 hours; then who is left expires and the issue balances."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        stage = Play(world, world.with_provider(Player(["down"] * 500)), Player())
        began = world.now
        while (await world.issue(1)).state is IssueState.SENDING:
            async with world.context.store.read() as tx:
                world.now = await chunks.next_ready(tx) or world.now
            await stage.work(0)
        assert timedelta(hours=23) < world.now - began <= timedelta(hours=24)
        assert await world.ledger(1) == {"ada": "expired"}


async def test_a_refusal_pauses_the_issue_and_names_the_reason(publish: Publish) -> None:
    """Login or sender refused: a person must act; nobody is burnt, and after a resume everybody gets it."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        stage = Play(world, world.with_provider(Player(["refused"])), Player())
        await stage.work(0)
        issue = await world.issue(1)
        assert (issue.state, issue.note) == (IssueState.PAUSED, "as the script says")
        await stage.act(issue_acts.resume)
        await stage.work(0)
        assert await world.ledger(1) == {"ada": "accepted", "bob": "accepted"}


async def test_after_another_boot_what_was_claimed_is_unknown(publish: Publish) -> None:
    """A journal of before the power cut proves nothing: the chunk's open rows are unknown, and none is sent again."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        async with world.context.store.write() as tx:
            where = f"{journal.machine()}/another-boot/1-0-x.journal"
            await ledger.claim(tx, 1, 0, where, now=world.now, lease_until=world.now)
        assert await rescue(world.with_provider(Player())) == 0  # a copied machine may bear our id: the lease decides
        world.later(seconds=1)
        assert await rescue(world.with_provider(Player())) == 1
        assert await world.ledger(1) == {"ada": "unknown", "bob": "unknown"}
        assert await world.states() == [IssueState.SENT]


async def test_another_machines_claim_is_left_alone_until_its_lease_ends(publish: Publish) -> None:
    """Whether a holder elsewhere lives is told by its lease only."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        lease: datetime = world.now + timedelta(minutes=1)
        async with world.context.store.write() as tx:
            await ledger.claim(tx, 1, 0, "elsewhere/boot/1-0-x.journal", now=world.now, lease_until=lease)
        context = world.with_provider(Player())
        assert await rescue(context) == 0
        world.later(minutes=1, seconds=1)
        assert await rescue(context) == 1
        assert await world.ledger(1) == {"ada": "unknown"}


async def test_a_living_holder_is_not_taken_over(publish: Publish) -> None:
    """However old its lease, a chunk whose journal is held belongs to its holder."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        book = journal.Journal.create(world.context.journals, "1-0-x.journal")
        async with world.context.store.write() as tx:
            await ledger.claim(tx, 1, 0, journal.place("1-0-x.journal"), now=world.now, lease_until=world.now)
        world.later(days=1)
        assert await rescue(world.context) == 0
        book.drop()
        assert await rescue(world.context) == 1


async def test_told_to_stop_nothing_more_is_handed_over(publish: Publish) -> None:
    """After the word nobody more is in the provider's hands, and the rest waits for the next start."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        world.context.stopping.set()
        world.app.engine.stop()
        await run_chunk(world.context, 1, 0)
        assert world.mails() == []
        assert await world.ledger(1) == {"ada": "pending", "bob": "pending"}
    async with publish(NEWS) as world:
        await world.app.engine.drain()
        assert len(world.mails()) == 2


class Throttled(Player):
    """A provider that wants fewer messages, once."""

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Put the first one off and ask for fewer; later take everybody."""
        if not self.given:
            self.given.append((recipients[0].subscriber, "throttled"))
            watch.intent(0)
            watch.receipt(0, Receipt(SendState.RETRY, "454 too fast"))
            watch.slow_down()
        await super().send(edition, recipients, key, watch)


async def test_a_provider_that_wants_fewer_is_spared_and_forgiven(publish: Publish) -> None:
    """Asked to slow down, a chunk stops and comes back later; `status` tells the speed until it is forgiven."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org", "bob@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        stage = Play(world, world.with_provider(Throttled()), Player())
        desk = Desk(stage.context, "test")
        assert (await report.status(desk)).slowed_to is None
        await stage.work(0)
        assert await world.ledger(1) == {"ada": "retry", "bob": "pending"}
        assert (await report.status(desk)).slowed_to == pace.UNTRIED / 2
        world.later(minutes=1)
        for _ in range(3):
            await stage.work(0)
            world.later(minutes=1)
        assert await world.ledger(1) == {"ada": "accepted", "bob": "accepted"}
        world.later(hours=3)
        assert (await report.status(desk)).slowed_to is None


async def begun(world: World, provider: Player, people: int) -> Play:
    """An issue to so many readers, frozen, in the hands of this provider."""
    world.people("news", *(f"reader{number}@example.org" for number in range(people)))
    world.write("Departure")
    await run_pass(world.context, world.now, hold=False)
    return Play(world, world.with_provider(provider), provider)


class FullMailboxes(Player):
    """A provider with an hourly quota that puts off the first two people for ever."""

    limits = Limits(connections=1, per_hour=2)

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Put off or take everybody who is handed over."""
        for index, recipient in enumerate(recipients):
            watch.intent(index)
            full = recipient.subscriber <= 2
            watch.receipt(index, Receipt(SendState.RETRY, "452 full") if full else ANSWERS["accept"])


async def test_whom_nobody_can_reach_costs_nobody_else_their_turn(publish: Publish) -> None:
    """Under a small quota the put-off stand behind the others; they alone expire."""
    async with publish(NEWS) as world:
        stage = await begun(world, FullMailboxes(), people=6)
        for _ in range(60):
            await stage.work(0)
            world.later(hours=1, minutes=3)
        ended = await world.ledger(1)
        assert sorted(ended.values()) == ["accepted"] * 4 + ["expired"] * 2
        assert {ended["reader0"], ended["reader1"]} == {"expired"}


class ThrottledForOne(Player):
    """A provider that says "too fast" of the first person, whenever it is their turn."""

    async def send(self, edition: CompiledEdition, recipients: Sequence[Recipient], key: str, watch: Watch) -> None:
        """Take all but one."""
        for index, recipient in enumerate(recipients):
            if watch.stopping:
                return
            watch.intent(index)
            if recipient.subscriber == 1:
                watch.receipt(index, Receipt(SendState.RETRY, "454 too fast"))
                watch.slow_down()
            else:
                watch.receipt(index, ANSWERS["accept"])


async def test_one_who_is_always_put_off_stops_nobody_else(publish: Publish) -> None:
    """Though each "slow down" ends a try, the others have their turn before that person's next one."""
    async with publish(NEWS) as world:
        stage = await begun(world, ThrottledForOne(), people=4)
        for _ in range(2):
            await stage.work(0)
            world.later(minutes=1)
        assert await world.ledger(1) == {"reader0": "retry", **{f"reader{n}": "accepted" for n in (1, 2, 3)}}


async def test_a_journal_that_no_claim_names_is_swept_away(publish: Publish) -> None:
    """What a failed claim left behind goes at the next housekeeping; one that is held, or named by a claim, stays."""
    async with publish(NEWS) as world:
        world.people("news", "ada@example.org")
        world.write("Departure")
        await run_pass(world.context, world.now, hold=False)
        folder = world.context.journals
        journal.Journal.create(folder, "9-0-left.journal").close()
        held = journal.Journal.create(folder, "9-1-held.journal")
        named = journal.Journal.create(folder, "1-0-named.journal")
        async with world.context.store.write() as tx:
            place = journal.place("1-0-named.journal")
            await ledger.claim(tx, 1, 0, place, now=world.now, lease_until=world.now + timedelta(minutes=1))
        assert await rescue(world.context) == 0
        assert sorted(journal.files(folder)) == ["1-0-named.journal", "9-1-held.journal"]
        for book in (held, named):
            book.drop()
