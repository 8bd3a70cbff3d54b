"""The WebSub hubs that feeds name (https://www.w3.org/TR/websub/, section 4)."""

from dispatch.config.tables import Config

OWN_PATH = "/hub"  # of our own, below web_url


def own_hub(config: Config) -> str:
    """The address of our own hub; empty if the settings want none."""
    return f"{config.web_url}{OWN_PATH}" if config.feeds.hub else ""


def hubs_of(config: Config) -> tuple[str, ...]:
    """The hubs of every public live feed: our own first, then those of [feeds] hubs, none twice."""
    own = own_hub(config)
    return tuple(dict.fromkeys((*((own,) if own else ()), *config.feeds.hubs)))
