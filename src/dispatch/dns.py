"""What the DNS says: the only importer of dnspython, which is loaded when somebody asks."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

PATIENCE = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Texts:
    """The TXT records of one name."""

    found: tuple[str, ...] = ()  # each with its strings joined (RFC 7208, section 3.3), in order
    failed: str = ""  # why they could not be looked up; then nothing is known


@dataclass(frozen=True, slots=True)
class Nameserver:
    """Whom to ask, where it shall not be this machine's own resolver."""

    address: str  # an IP address
    port: int = 53


async def texts(
    names: Collection[str], nameserver: Nameserver | None = None, patience: float = PATIENCE
) -> dict[str, Texts]:
    """The TXT records of each name, all asked at once; `patience` is the seconds for all together. Raises nothing."""
    from dns.exception import DNSException

    try:
        resolver = _resolver(nameserver)
    except (DNSException, OSError) as error:
        return dict.fromkeys(names, Texts(failed=str(error)))
    answers = await asyncio.gather(*(_texts(resolver, name, patience) for name in names))
    return dict(zip(names, answers, strict=True))


def _resolver(nameserver: Nameserver | None) -> "Resolver":
    from dns.asyncresolver import Resolver

    resolver = Resolver(configure=nameserver is None)
    if nameserver:
        resolver.nameservers, resolver.port = [nameserver.address], nameserver.port
    return resolver


async def _texts(resolver: "Resolver", name: str, patience: float) -> Texts:
    from dns.exception import DNSException, Timeout
    from dns.rdtypes.ANY.TXT import TXT
    from dns.resolver import NXDOMAIN, NoAnswer

    try:
        async with asyncio.timeout(patience):
            answer = await resolver.resolve(f"{name}.", "TXT", lifetime=patience)
    except (NXDOMAIN, NoAnswer):
        return Texts()
    except (Timeout, TimeoutError):
        return Texts(failed=f"no answer within {patience:g} seconds")
    except (DNSException, OSError) as error:
        return Texts(failed=" ".join(str(error).split()))
    records = [record for record in answer if isinstance(record, TXT)]
    return Texts(tuple(sorted(b"".join(record.strings).decode("utf-8", "replace") for record in records)))
