"""The path from a source to an inbox: read this first, each stage has its file beside this one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dispatch.context import Context
from dispatch.model.post import Problem

if TYPE_CHECKING:
    from dispatch.publish.archiving import Archived
    from dispatch.publish.collecting import Collected
    from dispatch.publish.joining import Joined
    from dispatch.publish.syndicating import Syndicated


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did."""

    joined: "Joined"
    collected: "Collected"
    syndicated: "Syndicated"
    composed: tuple[int, ...]  # numbers of issues that now wait for their time
    started: tuple[int, ...]  # numbers of issues whose audience is now frozen
    stuck: tuple[Problem, ...]  # issues that should have begun
    archived: "Archived"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that a person should mend."""
        stages = (self.joined, self.collected, self.syndicated, self.archived)
        return (*(problem for stage in stages for problem in stage.problems), *self.stuck)


async def run_pass(
    context: Context, now: datetime, *, hold: bool = True, sources: Collection[str] | None = None
) -> Pass:
    """One pass over everything, or over the named sources only; what it starts is delivered by the engine.

    Subscribers come before posts, so that whoever joins together with a post gets it. `hold=False` sends
    immediate issues without waiting for second thoughts.
    """
    # Here and not above, so that a command which only sends or reports loads no Markdown, no feeds, no pictures.
    from dispatch.publish.archiving import archive
    from dispatch.publish.collecting import collect
    from dispatch.publish.composing import compose
    from dispatch.publish.freezing import freeze
    from dispatch.publish.joining import join
    from dispatch.publish.syndicating import syndicate
    from dispatch.publish.tidying import tidy

    joined = await join(context, now)
    collected = await collect(context, now, sources)
    syndicated = await syndicate(context)
    composed = await compose(context, now, hold=hold)
    started = await freeze(context, now)
    archived = await archive(context)
    await tidy(context, now)
    return Pass(joined, collected, syndicated, composed, started.numbers, started.stuck, archived)
