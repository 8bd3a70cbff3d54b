"""Private keys that sign mail: the only importer of cryptography."""

import hashlib
from base64 import b64encode
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from dispatch.model.dkim import Algorithm

RSA_BITS = 2048  # of new keys; a longer one does not fit every DNS server's answer (RFC 6376, section 3.3.3)
FEWEST_RSA_BITS = 1024  # RFC 8301, section 3.2


class SigningKey(Protocol):
    """A private key. Any thread may use it; RSA lets the others run meanwhile."""

    def sign(self, data: bytes) -> bytes:
        """The signature over the SHA-256 of `data`, not yet in base64."""

    def public(self) -> str:
        """The public half in base64, as the `p=` of the DNS record holds it."""


class RsaKey:
    """rsa-sha256 (RFC 6376, section 3.3.1)."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key, self._padding, self._hash = key, PKCS1v15(), SHA256()

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 over SHA-256."""
        return self._key.sign(data, self._padding, self._hash)

    def public(self) -> str:
        """SubjectPublicKeyInfo, which verifiers expect (RFC 6376, erratum 3017)."""
        return b64encode(self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


class Ed25519Key:
    """ed25519-sha256 (RFC 8463)."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, data: bytes) -> bytes:
        """PureEdDSA over the SHA-256 digest (section 3)."""
        return self._key.sign(hashlib.sha256(data).digest())

    def public(self) -> str:
        """The 32 bytes themselves (section 4.2)."""
        return b64encode(self._key.public_key().public_bytes_raw()).decode()


def read_key(pem: bytes, algorithm: Algorithm) -> SigningKey:
    """The private key in a PEM file. Raises ValueError saying what is wrong, to stand after the file's name."""
    try:
        key = load_pem_private_key(pem, None)
    except TypeError:
        raise ValueError("is locked with a password; Dispatch needs the key without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("holds no private key in PEM form") from None
    if isinstance(key, Ed25519PrivateKey) and algorithm is Algorithm.ED25519:
        return Ed25519Key(key)
    if not isinstance(key, RSAPrivateKey) or algorithm is not Algorithm.RSA:
        raise ValueError(f"holds a private key, but none of the algorithm {algorithm.value!r}")
    if key.key_size < FEWEST_RSA_BITS:
        raise ValueError(f"holds an RSA key of {key.key_size} bits; at least {FEWEST_RSA_BITS} are needed")
    return RsaKey(key)


def make_key(algorithm: Algorithm) -> bytes:
    """A fresh private key in PEM form (PKCS #8), without a password."""
    made: RSAPrivateKey | Ed25519PrivateKey
    made = generate_private_key(65537, RSA_BITS) if algorithm is Algorithm.RSA else Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
