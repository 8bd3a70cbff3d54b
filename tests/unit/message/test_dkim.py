"""Whoever verifies a message finds it signed, and notices any change."""

import base64
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dispatch.message.compile import compile_edition
from dispatch.message.dkim import Signer
from dispatch.message.signingkey import make_key, read_key
from dispatch.message.splice import Splicer
from dispatch.model.delivery import Recipient
from dispatch.model.dkim import Algorithm
from dispatch.model.issue import Edition

PEMS = {algorithm: make_key(algorithm) for algorithm in Algorithm}
SIGNERS = tuple(
    Signer.from_pem("verlag.example", f"{algorithm}-1", algorithm, PEMS[algorithm]) for algorithm in Algorithm
)
RECORDS = {f"{signer.record_name}.".encode(): signer.record.encode() for signer in SIGNERS}
QUICK = settings(max_examples=50, deadline=None)


def verified(message: bytes, records: Mapping[bytes, bytes] = RECORDS) -> list[bool]:
    """What dkimpy says of each signature."""
    found = dkim.DKIM(message)
    count = len(re.findall(rb"^DKIM-Signature:", message, re.MULTILINE))
    return [_verified(found, index, records) for index in range(count)]


def _verified(found: dkim.DKIM, index: int, records: Mapping[bytes, bytes]) -> bool:
    try:
        return bool(found.verify(index, lambda name, timeout=5: records.get(name)))
    except dkim.DKIMException:
        return False


@pytest.fixture(scope="module")
def splicer(edition: Edition) -> Splicer:
    """Signs with both keys."""
    return Splicer(compile_edition(replace(edition, reply_to="Büro <desk@verlag.example>")), SIGNERS)


@QUICK
@given(
    name=st.text(max_size=320),
    email=st.from_regex(r"[a-z0-9.+_-]{1,64}@[a-zäöü0-9-]{1,60}\.example", fullmatch=True),
    path=st.text("abc/?&=-._", max_size=300),
)
@example(name="漢字" * 150, email="ada@example.org", path="")
@example(name='Ada "the  Countess"\r\n Lovelace', email="a@b.example", path="x")
@example(name="x" * 300, email="a" * 64 + "@b.example", path="x" * 300)
@example(name="", email="dörte@bücher.example", path="?a=1&b=2")
def test_every_message_verifies_by_both_keys(
    splicer: Splicer, person: Recipient, name: str, email: str, path: str
) -> None:
    """Whatever a person is called and wherever they are, folded and encoded headers are signed as they stand."""
    message = splicer.splice(replace(person, name=name, email=email, unsubscribe=f"https://verlag.example/u/{path}"))
    assert verified(message) == [True, True]


@pytest.mark.parametrize("signer", SIGNERS, ids=list(Algorithm))
def test_one_key_alone_signs_once(signer: Signer, edition: Edition, person: Recipient) -> None:
    """Either algorithm stands for itself."""
    message = Splicer(compile_edition(edition), [signer]).splice(person)
    assert verified(message) == [True]
    assert message.count(b"DKIM-Signature:") == 1


@QUICK
@given(st.data())
def test_a_changed_byte_of_the_body_is_noticed(splicer: Splicer, person: Recipient, data: st.DataObject) -> None:
    """The body is signed in simple form, to its last byte."""
    message = splicer.splice(person)
    start = message.index(b"\r\n\r\n") + 4
    place = data.draw(st.integers(start, len(message) - 3))
    changed = bytes([message[place] ^ 1])
    assert verified(message[:place] + changed + message[place + 1 :]) == [False, False]


SIGNED = (
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
    "MIME-Version", "Content-Type",
)  # fmt: skip


@pytest.mark.parametrize("name", SIGNED)
def test_a_changed_header_is_noticed(splicer: Splicer, person: Recipient, name: str) -> None:
    """All that people and programs act on is signed, the unsubscribe headers among it."""
    message = splicer.splice(person)
    changed, count = re.subn(rf"(?m)^{name}: ".encode(), f"{name}: x".encode(), message, count=1)
    assert count == 1
    assert verified(changed) == [False, False]


@pytest.mark.parametrize("name", ["From", "To", "Subject", "Reply-To", "Content-Type"])
def test_a_second_header_is_noticed(splicer: Splicer, person: Recipient, name: str) -> None:
    """Nobody can put a From of their own before ours (RFC 6376, section 8.15)."""
    assert verified(f"{name}: evil@example.com\r\n".encode() + splicer.splice(person)) == [False, False]


def test_anothers_key_does_not_verify(splicer: Splicer, person: Recipient) -> None:
    """The signature is of this very key."""
    others = [Signer.from_pem("verlag.example", "x", one, make_key(one)) for one in Algorithm]
    records = dict(zip(RECORDS, (other.record.encode() for other in others), strict=True))
    assert verified(splicer.splice(person), records) == [False, False]


def test_the_signatures_keep_smtps_rules(splicer: Splicer, person: Recipient) -> None:
    """They come first, on lines of at most 76 bytes, none of which begins with a dot; the message follows unchanged."""
    message = splicer.splice(person)
    head = message[: message.index(b"From: ")]
    assert max(len(line) for line in head.split(b"\r\n")) <= 76
    assert not re.search(rb"(?m)^\.", message)
    assert re.fullmatch(rb"(DKIM-Signature: [!-~]+(?:(?:\r\n)? [!-~]+)*\r\n){2}", head)


def test_the_same_message_has_the_same_signature(edition: Edition, person: Recipient) -> None:
    """No clock and no chance: a repeated request is byte for byte the same."""
    compiled = compile_edition(edition)
    assert Splicer(compiled, SIGNERS).splice(person) == Splicer(compiled, SIGNERS).splice(person)


def test_threads_share_a_splicer(splicer: Splicer, person: Recipient) -> None:
    """Several threads at once make what one makes alone."""
    people = [replace(person, name=f"Zoë {number}", message_id=f"{number}@verlag.example") for number in range(200)]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(splicer.splice, people)) == [splicer.splice(one) for one in people]


def test_without_keys_nothing_is_signed(edition: Edition, person: Recipient) -> None:
    """No signer, no header."""
    assert Splicer(compile_edition(edition)).splice(person).startswith(b"From: ")


@pytest.mark.parametrize(("algorithm", "length"), [(Algorithm.RSA, 294), (Algorithm.ED25519, 32)])
def test_a_record_holds_the_public_key(algorithm: Algorithm, length: int) -> None:
    """RSA as SubjectPublicKeyInfo of 2048 bits, Ed25519 as its 32 bytes (RFC 8463, section 4.2)."""
    record = Signer.from_pem("a.example", "s", algorithm, PEMS[algorithm]).record
    version, kind, public = record.split("; ")
    assert (version, kind) == ("v=DKIM1", f"k={algorithm}")
    assert len(base64.b64decode(public.removeprefix("p="), validate=True)) == length


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


def _locked() -> bytes:
    key = load_pem_private_key(PEMS[Algorithm.RSA], None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return _pem(key, b"secret")


@pytest.mark.parametrize(
    ("pem", "algorithm", "said"),
    [
        (b"", Algorithm.RSA, "no private key in PEM form"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", Algorithm.RSA, "no private key in PEM"),
        (PEMS[Algorithm.ED25519], Algorithm.RSA, "none of the algorithm 'rsa'"),
        (PEMS[Algorithm.RSA], Algorithm.ED25519, "none of the algorithm 'ed25519'"),
        (_pem(ec.generate_private_key(ec.SECP256R1())), Algorithm.RSA, "none of the algorithm 'rsa'"),
        (_locked(), Algorithm.RSA, "locked with a password"),
    ],
)
def test_what_is_no_fitting_key_is_refused_in_words(pem: bytes, algorithm: Algorithm, said: str) -> None:
    """The reason stands in the error."""
    with pytest.raises(ValueError, match=said):
        read_key(pem, algorithm)
