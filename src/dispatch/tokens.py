"""Tokens in links: an unsubscribe link never expires, and nobody but this publication can make one.

A token reads `KEY.SUBSCRIBER.LIST.MAC`; the MAC is HMAC-SHA-256 (RFC 2104), cut to 128 bits. One to confirm with reads
`KEY.SUBSCRIBER.LIST.SECONDS.MAC`: it carries the moment at which it was asked for, so that it grows old, and nothing of
it need be stored. One that opens somebody's own feed reads `KEY.SUBSCRIBER.SERIES.MAC`: the store knows which series
counts, so that an address can be replaced and switched off.
The key file holds one key a line, `ID SECRET`, newest first: new links use the first, old links keep working.
"""

import hmac
import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from dispatch.errors import ConfigError, TokenError

MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class UnsubscribeToken:
    """Whose link it is, and for which list."""

    subscriber: int
    list_id: int


@dataclass(frozen=True, slots=True)
class ConfirmToken:
    """Whose link it is, for which list, and when it was asked for."""

    subscriber: int
    list_id: int
    asked: datetime  # in UTC, whole seconds


@dataclass(frozen=True, slots=True)
class FeedToken:
    """Whose own feed it opens, and which of the addresses that this feed has had."""

    subscriber: int
    series: int  # 1 is the first; each new address has the next


class MessageTokens(NamedTuple):
    """What one message carries that nobody else can make: three parts of one MAC, none of which tells another."""

    unsubscribe: str  # for the link that ends this subscription
    public: str  # in the Message-ID, which replies quote
    bounce: str  # in the envelope sender


class Keyring:
    """The publication's keys: signs with the newest, knows them all."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys
        self.current = next(iter(keys))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all keys, newest first."""
        return tuple(self._keys)

    def unsubscribe(self, subscriber: int, list_id: int) -> str:
        """A token for the link that ends this subscription."""
        return self.message(subscriber, list_id).unsubscribe

    def message(self, subscriber: int, list_id: int) -> MessageTokens:
        """The tokens of a message to this subscriber of this list."""
        payload = f"{self.current}.{subscriber}.{list_id}"
        digest = _digest("unsubscribe", payload, self._keys[self.current])
        rest = _text(digest[MAC_BYTES:])
        half = len(rest) // 2
        return MessageTokens(f"{payload}.{_text(digest[:MAC_BYTES])}", rest[:half], rest[half:])

    def read_unsubscribe(self, token: str) -> UnsubscribeToken:
        """Whose token this is. Raises TokenError if it is not one of ours."""
        subscriber, list_id = self._read("unsubscribe", token, 2)
        return UnsubscribeToken(subscriber, list_id)

    def confirm(self, subscriber: int, list_id: int, asked: datetime) -> str:
        """A token for the link by which somebody says that it was they who signed up. Raises ValueError before 1970."""
        seconds = int(asked.replace(microsecond=0).timestamp())  # a float is too coarse for the rest
        if seconds < 0:
            raise ValueError(f"{asked} lies before all that a token can carry")
        payload = f"{self.current}.{subscriber}.{list_id}.{seconds}"
        return f"{payload}.{self._mac('confirm', payload, self._keys[self.current])}"

    def read_confirm(self, token: str) -> ConfirmToken:
        """Whose token this is, and when it was asked for. Raises TokenError if it is not one of ours."""
        subscriber, list_id, seconds = self._read("confirm", token, 3)
        return ConfirmToken(subscriber, list_id, datetime.fromtimestamp(seconds, UTC))

    def feed(self, subscriber: int, series: int) -> str:
        """A token for the address of somebody's own feed."""
        payload = f"{self.current}.{subscriber}.{series}"
        return f"{payload}.{self._mac('feed', payload, self._keys[self.current])}"

    def read_feed(self, token: str) -> FeedToken:
        """Whose feed this token opens. Raises TokenError if it is not one of ours."""
        subscriber, series = self._read("feed", token, 2)
        return FeedToken(subscriber, series)

    def _read(self, purpose: str, token: str, count: int) -> list[int]:
        """The numbers that a token carries. Raises TokenError."""
        payload, _, mac = token.rpartition(".")
        key_id, *numbers = payload.split(".")
        key = self._keys.get(key_id)
        if key is None or not mac.isascii() or len(numbers) != count or not all(map(_is_number, numbers)):
            raise TokenError
        if not hmac.compare_digest(mac.encode(), self._mac(purpose, payload, key).encode()):
            raise TokenError
        return [int(number) for number in numbers]

    def keyed_hash(self, purpose: str, value: str) -> str:
        """A hash that only this publication can compute, stable over key rotation (made with the oldest key)."""
        oldest = list(self._keys.values())[-1]
        return self._mac(purpose, value, oldest)

    def taken(self, email: str, list_slug: str) -> str:
        """What is remembered of an address that was taken from a file, and stays when the address is forgotten."""
        return self.keyed_hash("taken", f"{email} {list_slug}")

    @staticmethod
    def _mac(purpose: str, payload: str, key: bytes) -> str:
        return _text(_digest(purpose, payload, key)[:MAC_BYTES])


def _digest(purpose: str, payload: str, key: bytes) -> bytes:
    return hmac.digest(key, f"{purpose}:{payload}".encode(), "sha256")


def _text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def make_key_file(path: Path) -> None:
    """Write a fresh key that only its owner may read. Raises FileExistsError rather than replace one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(_new_line())


def _new_line(taken: Collection[str] = ()) -> str:
    """A fresh key with an id that is not taken."""
    key_id = secrets.token_hex(3)
    return _new_line(taken) if key_id in taken else f"{key_id} {secrets.token_hex(32)}\n"


def add_key(path: Path) -> Keyring:
    """Put a fresh key before the others; the file is replaced as a whole, or not at all.

    Raises ConfigError if the file is missing or broken, OSError if it cannot be written.
    """
    known = read_key_file(path)
    real = path.resolve()
    text, before = real.read_text(encoding="ascii"), real.stat()
    handle, temporary = tempfile.mkstemp(dir=real.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            os.fchown(handle, before.st_uid, before.st_gid)  # its owner's, also where root adds the key
            file.write(_new_line(known.ids) + text)
            file.flush()
            os.fsync(handle)
        os.replace(temporary, real)
    except BaseException:
        os.unlink(temporary)
        raise
    return read_key_file(path)


def first_keyring(path: Path) -> Keyring:
    """The keys of a store that has signed nothing yet: made now, unless `dispatch init` made them."""
    if not path.exists():
        make_key_file(path)
    return read_key_file(path)


def read_key_file(path: Path) -> Keyring:
    """The keys of this publication. Raises ConfigError if the file is missing or broken."""
    try:
        lines = path.read_text(encoding="ascii").split("\n")
        keys = {key_id: bytes.fromhex(secret) for key_id, secret in (line.split() for line in lines if line.strip())}
    except FileNotFoundError:
        raise ConfigError(
            f"{path} is missing: every unsubscribe link ever sent depends on it. Restore it from a backup; "
            "or, if this store is another publication's, name one of its own in [store] url."
        ) from None
    except (ValueError, OSError) as error:
        raise ConfigError(f"{path} cannot be read as keys ({error}). Restore it from a backup.") from None
    if not keys:
        raise ConfigError(f"{path} holds no key. Restore it from a backup.")
    return Keyring(keys)
