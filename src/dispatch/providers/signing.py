"""The keys of [dkim], read from their files."""

from pathlib import Path

from dispatch.config import Config
from dispatch.errors import ConfigError
from dispatch.message.dkim import Signer


def read_signers(config: Config) -> tuple[Signer, ...]:
    """A signer for each key, in the order of dispatch.toml. Raises ConfigError naming file, line and key."""
    if config.dkim is None:
        return ()
    signers = []
    for index, key in enumerate(config.dkim.keys):
        path = config.folder / key.file
        try:
            signers.append(Signer.from_pem(config.dkim.domain, key.selector, key.algorithm, _read(path)))
        except ValueError as error:
            raise ConfigError(config.place(("dkim", "keys", index, "file"), f"{path} {error}.")) from None
    return tuple(signers)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ValueError("does not exist; restore it from a backup, or make a key by `dispatch keys dkim`") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
