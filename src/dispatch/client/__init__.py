"""The one door to other people's web servers; the library behind it is loaded when something is fetched first."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from dispatch.client.addresses import is_public, stands_for
from dispatch.client.fetched import Fetched
from dispatch.client.ports import OF_OTHERS

if TYPE_CHECKING:
    from dispatch.client.fetching import Fetcher

__all__ = ["OF_OTHERS", "SEND_SECONDS", "Client", "Fetched", "is_public", "stands_for"]

MAX_BYTES = 10 * 1024 * 1024  # of a body, unpacked
MAX_SECONDS = 30.0  # for all of it: name, redirects, body
SEND_SECONDS = 10.0  # for something short: name, request, as much of the answer as is wanted


class Client:
    """Fetches from strangers, and sends to them, within limits."""

    def __init__(self, allow_private: Sequence[str] = (), *, seconds: float = MAX_SECONDS) -> None:
        self._allow_private, self._seconds = allow_private, seconds

    async def get(self, url: str, headers: Mapping[str, str] | None = None, max_bytes: int = MAX_BYTES) -> Fetched:
        """Fetch an http or https address; any status is an answer.

        Raises ClientError, naming the address, if there is no answer within the limits.
        """
        return await self._fetcher.get(url, headers, max_bytes)

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        max_bytes: int = 0,
        seconds: float = SEND_SECONDS,
    ) -> Fetched:
        """Send one request to an http or https address; any status is an answer, redirects are not followed.

        Of the answer's body the first `max_bytes` are read, and nothing where that is 0.
        Raises ClientError, naming the address, if there is no answer in time.
        """
        return await self._fetcher.send(method, url, headers, body, max_bytes, seconds)

    async def aclose(self) -> None:
        """Close what is open."""
        if "_fetcher" in self.__dict__:
            await self._fetcher.aclose()

    @cached_property
    def _fetcher(self) -> "Fetcher":
        from dispatch.client.fetching import Fetcher

        return Fetcher(self._allow_private, self._seconds)
