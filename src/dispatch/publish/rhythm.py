"""When a subscription's mail comes, by the settings of its list and the wishes of its person."""

from dispatch.compose.cadence import parse_rule, place_of
from dispatch.context import Context
from dispatch.model.issue import MailingList
from dispatch.model.subscriber import Cadence
from dispatch.publish.hours import SLOTTED
from dispatch.render.rhythm import Rhythm


def rhythm_of(context: Context, one: MailingList, cadence: Cadence, timezone: str = "", hour: str = "") -> Rhythm:
    """At which hours a list comes at a cadence; to somebody in a time zone, with an hour of their own or none."""
    if cadence not in SLOTTED:
        return Rhythm(cadence)
    rule = parse_rule(cadence, getattr(context.config.lists[one.slug].at, cadence.value))
    here = (timezone, hour) if one.local_time else ("", "")
    zone, own_hour = place_of(here, one.timezone, own_hours=rule.once_a_day)
    return Rhythm(cadence, rule.lines, zone, own_hour)
