"""How a message is signed."""

from enum import StrEnum


class Algorithm(StrEnum):
    """A kind of DKIM key."""

    RSA = "rsa"  # rsa-sha256 (RFC 6376, section 3.3.1): verified everywhere
    ED25519 = "ed25519"  # ed25519-sha256 (RFC 8463): short and quick, not verified everywhere
