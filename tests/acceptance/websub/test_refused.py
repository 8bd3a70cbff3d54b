"""Our hub cannot be made to speak to what lies inside (server-side request forgery)."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = "by_own_names.py"  # whoever follows listens at all addresses of loopback, those that are not allowed too


def test_callbacks_inside_are_not_asked(begin: Callable[..., Any], serving: Callable[..., Any]) -> None:
    """Unless the publication allows its network, no address inside is reached, however it is written."""
    tide = begin(web="")
    hosts = ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0", "10.0.0.1", "[::1]"]
    with serving(tide) as running:
        callbacks = [tide.subscriber.callback(f"{tide.url}/feed.xml", f"{tide.url}/hub", host=host) for host in hosts]
        for callback in callbacks:
            assert callback.ask()[0] in (202, 400)
        tide.publish()
        assert tide.is_quiet(*callbacks)
        assert running.process.poll() is None
    assert not any(callback.questions for callback in callbacks)
    assert tide.subscriber.strays == []


def test_a_name_that_changes_its_address_leads_nowhere(
    begin: Callable[..., Any], serving: Callable[..., Any], tmp_path: Path
) -> None:
    """The address that was checked is the one that is reached; a name is checked anew for each request (rebinding)."""
    names = tmp_path / "names.json"
    # One turn each: asked back at the open address, then pushed where the name leads now, which is inside.
    names.write_text(json.dumps({"rebind.example": ["127.0.0.1", "127.0.0.2"], "inside.example": ["127.0.0.2"]}))
    program = (sys.executable, str(Path(__file__).parents[1] / NAMES), str(names))
    tide = begin(web='allow_private_addresses = ["127.0.0.1/32"]', program=program)
    with serving(tide):
        rebinding, inside = (
            tide.subscriber.callback(f"{tide.url}/feed.xml", f"{tide.url}/hub", host=name)
            for name in ("rebind.example", "inside.example")
        )
        witness = tide.joined()
        assert rebinding.ask()[0] == 202
        assert inside.ask()[0] in (202, 400)
        assert tide.until(lambda: rebinding.lease)
        tide.pushed(witness, tide.publish())
        assert tide.is_quiet(rebinding, inside)
    assert inside.questions == []
    assert {question.at for question in rebinding.questions} == {"127.0.0.1"}
    tide.end()
