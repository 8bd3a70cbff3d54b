"""Who acts, and the line that each act leaves behind."""

from dataclasses import dataclass

from dispatch.context import Context
from dispatch.errors import DispatchError
from dispatch.model.issue import Issue
from dispatch.store import audit, issues
from dispatch.store.connect import Tx


class ActError(DispatchError):
    """This cannot be done now."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A publication in an editor's hands: every act is done on a context, in somebody's name."""

    context: Context
    who: str

    async def note(self, tx: Tx, act: str, subject: str, detail: str = "") -> None:
        """Write the audit line, in the transaction of the act itself."""
        await audit.note(tx, audit.AuditLine(self.context.clock(), self.who, act, subject, detail))


async def known_issue(tx: Tx, number: int) -> Issue:
    """An issue by its number. Raises ActError if there is none."""
    issue = await issues.get(tx, number)
    if issue is None:
        raise ActError(f"There is no issue {number}; `dispatch issue list` shows those there are.")
    return issue
