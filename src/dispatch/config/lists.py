"""[lists.NAME]: a named audience, and its hours."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from dispatch.config.hours import Hours, hours
from dispatch.config.places import Location
from dispatch.config.table import Table
from dispatch.config.values import Duration, Line, Name, Zone
from dispatch.model.issue import Content, Fallback
from dispatch.model.subscriber import Cadence


class AtTable(Table):
    """[lists.NAME.at]: when each cadence goes out, as wall-clock time in the list's zone."""

    daily: Hours = "08:00"
    weekly: Hours = "mon 08:00"
    monthly: Hours = "1 08:00"

    def key(self, cadence: Cadence) -> Location:
        """Where a cadence's hour is written, below the list's own table."""
        return ("at", cadence.value)


class OwnHour(AtTable):
    """at = "mon 08:00": the hour of the list's own cadence, without a table."""

    def key(self, cadence: Cadence) -> Location:
        """The one key there is."""
        return ("at",)


class ListTable(Table):
    """[lists.NAME]: a named audience."""

    title: Name = ""
    description: Line = ""
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    cadence: Cadence = Cadence.IMMEDIATE
    cadences: tuple[Cadence, ...] = ()
    timezone: Zone | None = None
    since: date | None = None
    local_time: bool = False
    min_posts: Annotated[int, Field(ge=1, le=1000)] = 1
    max_posts: Annotated[int, Field(ge=1, le=1000)] | None = None
    fallback: Fallback = "other"
    content: Content = "auto"
    hold: Duration = timedelta(minutes=5)
    approval: bool = False
    grace: Duration = timedelta(0)
    cutoff: Duration = timedelta(0)
    late: Duration = timedelta(hours=24)
    if_late: Literal["ask", "send", "skip"] = "ask"
    on_unknown: Literal["keep", "resend"] = "keep"
    sign_up: bool = True
    archive: bool | None = None
    welcome: bool = True
    goodbye: bool = False
    formerly: str = ""
    sender: Line = Field("", alias="from")
    reply_to: Line = ""
    at: AtTable = AtTable()

    @field_validator("at", mode="before")
    @classmethod
    def _of_the_default_cadence(cls, value: Any, info: ValidationInfo) -> Any:
        """`at = "mon 08:00"`, and a list of such texts, are the hour of the list's own cadence."""
        cadence = info.data.get("cadence")
        if isinstance(value, AtTable | dict):
            return value
        if cadence is None:  # it is wrong itself, and said to be
            return {}
        if cadence.value not in AtTable.model_fields:
            raise ValueError(
                f'is an hour, and the list\'s own cadence, "{cadence.value}", has none; write the hours of the cadences'
                " that it offers in a table of their own, [lists.NAME.at]"
            )
        return OwnHour(**{cadence.value: hours(value)})

    @property
    def offered(self) -> tuple[Cadence, ...]:
        """The cadences a subscriber may have, the default one first."""
        return (self.cadence, *(cadence for cadence in self.cadences if cadence != self.cadence))
