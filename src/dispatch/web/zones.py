"""Time zones and hours as a form offers them."""

from collections.abc import Mapping
from functools import cache

from dispatch.acts.offering import REGIONS, zones

HOURS = tuple(f"{hour:02}:00" for hour in range(24))

Zones = tuple[tuple[str, str], ...]  # name, and how people read it


def zones_by_region(own: str = "") -> Mapping[str, Zones]:
    """The IANA's zones that are named after places, by region, with one's own among them whatever it is called."""
    regions = _regions()
    known = own in zones()
    return regions if known or not own else {"": (_read(own),), **regions}


@cache
def _regions() -> Mapping[str, Zones]:
    return {region: tuple(_read(zone) for zone in zones() if zone.startswith(f"{region}/")) for region in REGIONS}


def _read(zone: str) -> tuple[str, str]:
    return zone, zone.replace("_", " ")
