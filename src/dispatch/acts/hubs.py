"""What can be said of the WebSub hubs that the settings name, before anybody follows."""

from urllib.parse import urlsplit

from dispatch.acts.finding import Finding, note
from dispatch.config import Config
from dispatch.config.hubs import own_hub
from dispatch.config.values import LOCAL_HOSTS

WHAT = "hubs"
OPEN = "is not https: others on the way can read and change what goes to it (WebSub, section 8)"


def judge_hubs(config: Config) -> list[Finding]:
    """What followers by push would stumble over; nothing at all where the settings name no hub."""
    own = own_hub(config)
    found = [*_own(own), *_opened(config)] if own else []
    for hub in config.feeds.hubs:
        found += _others(hub, own)
    if config.feeds.hubs and _is_local(config.publication.url):
        said = f"fetch the feeds, and cannot reach {config.publication.url}: set [publication] url"
        found.append(note(WHAT, f"[feeds] hubs {said}"))
    return found


def _own(hub: str) -> list[Finding]:
    if urlsplit(hub).scheme == "http" and not _is_local(hub):
        return [note(WHAT, f"our own, {hub}, {OPEN}; set [web] url to an https address")]
    return [Finding(True, WHAT, f"feeds are pushed by our own, {hub}")]


def _opened(config: Config) -> list[Finding]:
    """Networks that callbacks of strangers may lead into."""
    networks = ", ".join(config.web.allow_private_addresses)
    said = f"[web] allow_private_addresses opens {networks} to the callbacks of our own hub, too: strangers name those"
    return [note(WHAT, f"{said}. Take it out, or write hub = false below [feeds].")] if networks else []


def _others(hub: str, own: str) -> list[Finding]:
    if hub.rstrip("/") == own:
        return [note(WHAT, f"[feeds] hubs names our own, {hub}, which needs no word: take it out")]
    if urlsplit(hub).scheme != "https":
        return [note(WHAT, f"{hub} in [feeds] hubs {OPEN}; most hubs have an https address, too")]
    return [Finding(True, WHAT, f"{hub} is told of news")]


def _is_local(address: str) -> bool:
    return urlsplit(address).hostname in LOCAL_HOSTS
