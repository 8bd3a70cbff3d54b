"""Flask-WebSub, somebody else's subscriber, follows our feeds."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_websub.subscriber import SQLite3SubscriberStorage, SQLite3TempSubscriberStorage, Subscriber, discover
from werkzeug.serving import WSGIRequestHandler, make_server

from certificates import sign
from loopback import Reply, Request, answering
from websub_subscriber import post


class Silent(WSGIRequestHandler):
    """Says nothing of the requests that it takes."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@dataclass
class Follower:
    """An application of Flask's with a subscriber in it, and what it was told."""

    subscriber: Subscriber
    app: Flask
    got: list[tuple[str, bytes]] = field(default_factory=list)  # topic, body: none but what it found genuine
    succeeded: list[str] = field(default_factory=list)  # modes
    failed: list[str] = field(default_factory=list)  # reasons

    def subscribe(self, **request: Any) -> str:
        """Ask a hub; what to unsubscribe by."""
        with self.app.app_context():
            return str(self.subscriber.subscribe(**request))

    def unsubscribe(self, callback: str) -> None:
        """Ask it to end that."""
        with self.app.app_context():
            self.subscriber.unsubscribe(callback)


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[Follower]:
    """Flask-WebSub's subscriber as its documentation sets it up, served by Werkzeug."""
    store = str(tmp_path / "flask.db")
    subscriber = Subscriber(SQLite3SubscriberStorage(store), SQLite3TempSubscriberStorage(store))
    app = Flask("follower")
    app.register_blueprint(subscriber.build_blueprint(url_prefix="/callbacks"))
    found = Follower(subscriber, app)
    subscriber.add_listener(lambda topic, _, body: found.got.append((topic, body)))
    subscriber.add_success_handler(lambda topic, _, mode: found.succeeded.append(mode))
    subscriber.add_error_handler(lambda topic, _, reason: found.failed.append(reason))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    app.config["SERVER_NAME"] = f"127.0.0.1:{server.port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@contextmanager
def _behind_tls(url: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """A server behind TLS, where alone Flask-WebSub sends secrets: its address, and the certificate to trust."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    sign(certificate, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def hand_on(request: Request) -> Reply:
        status, words = post(url + request.path, request.body)
        return Reply(status, words.encode())

    with answering(hand_on, context=context) as front:
        yield front, certificate


@pytest.mark.parametrize("path", ["/feed.xml", "/atom.xml", "/feed.json"])
def test_it_follows_a_feed(tide: Any, follower: Follower, path: str) -> None:
    """It finds hub and topic, subscribes, gets what a GET gets, and unsubscribes."""
    callback = follower.subscribe(**discover(tide.url + path))
    assert tide.until(lambda: follower.succeeded == ["subscribe"]), follower.failed
    title = tide.publish()
    assert tide.until(lambda: follower.got)
    assert follower.got == [(tide.url + path, tide.get(path).body.encode())]
    assert title.encode() in follower.got[0][1]
    follower.unsubscribe(callback)
    assert tide.until(lambda: follower.succeeded == ["subscribe", "unsubscribe"])
    witness = tide.joined(path)
    tide.pushed(witness, tide.publish())
    assert tide.is_quiet(witness, pushes=1)
    assert len(follower.got) == 1


def test_it_finds_our_signature_genuine(
    begin: Callable[..., Any], serving: Callable[..., Any], follower: Follower, tmp_path: Path
) -> None:
    """With a secret, which it sends to https addresses only, it takes what is rightly signed, and takes ours."""
    tide = begin()
    with _behind_tls(tide.url, tmp_path) as (front, certificate):
        tide.publication.settings(url=tide.url, web=f'url = "{front}"\nallow_private_addresses = ["127.0.0.0/8"]')
        with serving(tide):
            found = discover(f"{tide.url}/feed.xml")
            assert found == {"hub_url": f"{front}/hub", "topic_url": f"{tide.url}/feed.xml"}
            callback = follower.subscribe(**found, secret="s" * 199, requests_opts={"verify": str(certificate)})
            assert tide.until(lambda: follower.succeeded == ["subscribe"]), follower.failed
            tide.publish()
            assert tide.until(lambda: follower.got)
            assert follower.got[0][1] == tide.get("/feed.xml").body.encode()
            assert follower.subscriber.storage[callback]["secret"] == "s" * 199


def test_it_understands_a_denial(tide: Any, follower: Follower) -> None:
    """A topic that is none of ours: it hears why."""
    follower.subscribe(hub_url=f"{tide.url}/hub", topic_url=f"{tide.url}/nothing.xml")
    assert tide.until(lambda: follower.failed)
    assert follower.succeeded == []
