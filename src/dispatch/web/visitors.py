"""How often one visitor may act: kept in memory, by this process alone, forgotten with it."""

from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

MOST = 10  # acts of one visitor within a span
SPAN = timedelta(minutes=1)
KNOWN = 10_000  # visitors; who has been away longest is forgotten first
LONGEST = 64  # characters that are kept of what is no address
NETWORK = 64  # bits of an IPv6 address: what one household or one server is given (RFC 6177)


class Visitors:
    """Counts acts by visitor."""

    def __init__(self, clock: Callable[[], datetime], most: int = MOST, span: timedelta = SPAN) -> None:
        self._clock, self._most, self._span = clock, most, span
        self._acts: OrderedDict[str, deque[datetime]] = OrderedDict()

    def may_act(self, visitor: str) -> bool:
        """Whether one more is well; it counts then."""
        now = self._clock()
        acts = self._acts.setdefault(visitor, deque(maxlen=self._most))
        self._acts.move_to_end(visitor)
        if len(self._acts) > KNOWN:
            self._acts.popitem(last=False)
        if len(acts) == self._most and timedelta(0) <= now - acts[0] < self._span:
            return False
        acts.append(now)
        return True


def visitor_of(request: Request) -> str:
    """Who asks: the address of the peer, for what a header says of it anybody could write.

    The server puts the visitor's own address there where a proxy on this machine hands requests on.
    """
    host = request.client.host if request.client else ""
    try:
        found = ip_address(host)
    except ValueError:
        return host[:LONGEST]
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> NETWORK << NETWORK))
    return str(found)
