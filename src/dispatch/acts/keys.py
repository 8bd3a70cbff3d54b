"""What people do with keys: make one that signs mail, renew the one that signs links."""

import asyncio
import os
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path

from pydantic import ValidationError

from dispatch.acts.act import ActError, Desk
from dispatch.config import Config, DkimTable
from dispatch.message.dkim import Signer
from dispatch.model.dkim import Algorithm
from dispatch.store import services
from dispatch.tokens import add_key

STRING = 255  # characters that one string of a TXT record holds (RFC 1035, section 3.3)
HOUR = 3600  # seconds
ED25519_ALONE = (
    "Not every receiver verifies Ed25519 yet. Publish an RSA key beside it, under a selector of its own: "
    "dispatch keys dkim --algorithm rsa"
)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A DKIM key that was made, and what is to be done with it."""

    file: Path
    domain: str
    selector: str
    algorithm: Algorithm
    name: str  # of the TXT record
    value: str  # of the TXT record, as one string
    zone: str  # the record as lines of a zone file (RFC 1035, section 5)
    settings: str  # the lines for dispatch.toml
    warning: str


def make_dkim_key(config: Config, algorithm: Algorithm, selector: str, domain: str, now: datetime) -> NewKey:
    """Make a private key below `secrets/`. Without a selector it is named after algorithm and month.

    Nothing signs with it before dispatch.toml names it, so no store is touched. Raises ActError if the
    domain is unclear, selector or domain are malformed, or the file exists.
    """
    from dispatch.message.signingkey import make_key  # loads cryptography, which is for this alone

    selector = selector or f"{algorithm.value}-{now:%Y-%m}"
    domain = _domain(config, domain)
    file = f"secrets/dkim-{selector}.pem"
    table = _table(domain, {"selector": selector, "algorithm": algorithm, "file": file})
    pem = make_key(algorithm)
    _keep(config.folder / file, pem)
    signer = Signer.from_pem(table.domain, selector, algorithm, pem)
    return NewKey(
        file=config.folder / file,
        domain=table.domain,
        selector=selector,
        algorithm=algorithm,
        name=signer.record_name,
        value=signer.record,
        zone=zone_lines(signer.record_name, signer.record),
        settings=_settings(config, table),
        warning=_warning(config, algorithm),
    )


def _domain(config: Config, wanted: str) -> str:
    """The domain to sign for: as asked, as in [dkim], or that of the publication's address."""
    kept = config.dkim.domain if config.dkim else ""
    if wanted and kept and wanted.lower() != kept:
        raise ActError(f"All keys sign for the domain of [dkim], which is {kept}. Change it there first, or leave it.")
    domain = wanted or kept or parseaddr(config.publication.email)[1].rpartition("@")[2]
    if not domain:
        raise ActError("For which domain? Say --domain, or set `email` in [publication].")
    return domain


def _table(domain: str, key: dict[str, str]) -> DkimTable:
    """What dispatch.toml will say, checked as if it said it already."""
    try:
        return DkimTable.model_validate({"domain": domain, "keys": [key]})
    except ValidationError as error:
        first = error.errors()[0]
        said = first["msg"].removeprefix("Value error, ")
        raise ActError(f"The {first['loc'][-1]} {first['input']!r} {said}.") from None


def _keep(path: Path, pem: bytes) -> None:
    """Write a file that only its owner may read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ActError(f"{path} exists already; nothing was changed. Choose another --selector.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
    except OSError:
        path.unlink()  # a key that was written half is none, and would be in the way of the next
        raise


def zone_lines(name: str, value: str) -> str:
    """A TXT record as a zone file has it: strings of at most 255 characters, a line each."""
    strings = "\n".join(f'    "{part}"' for part in re.findall(f".{{1,{STRING}}}", value))
    return f"{name}. {HOUR} IN TXT (\n{strings} )"


def _settings(config: Config, table: DkimTable) -> str:
    [key] = table.keys
    head = "" if config.dkim else f'[dkim]\ndomain = "{table.domain}"\n\n'
    return f'{head}[[dkim.keys]]\nselector = "{key.selector}"\nalgorithm = "{key.algorithm}"\nfile = "{key.file}"'


def _warning(config: Config, algorithm: Algorithm) -> str:
    kept = [key.algorithm for key in config.dkim.keys] if config.dkim else []
    return "" if Algorithm.RSA in (algorithm, *kept) else ED25519_ALONE


@dataclass(frozen=True, slots=True)
class Rotated:
    """The key that signs links from now on."""

    key_id: str
    keys: int  # that the file holds now, the new one included
    service: bool  # whether a `dispatch run` is alive that does not know the key yet


async def rotate(desk: Desk, path: Path) -> Rotated:
    """Sign the links of new messages with a fresh key; those in messages already sent keep working.

    Raises ConfigError if the key file is broken, OSError if it cannot be written.
    """
    async with desk.context.store.write() as tx:
        keyring = await asyncio.to_thread(add_key, path)
        await desk.note(tx, "keys rotate", keyring.current)
        return Rotated(keyring.current, len(keyring.ids), await services.alive(tx, desk.context.clock()))
