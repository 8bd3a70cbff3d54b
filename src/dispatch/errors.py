"""One tree of errors; each class's docstring is its default message.

DispatchError
├── ConfigError      the publication's settings are wrong: mend dispatch.toml
├── UsageError       the command was called wrongly
├── PlacedError      a file is wrong, on a line that may be known
│   ├── ContentError      one post cannot be used: mend that post, the rest goes on
│   └── SubscribersError  a subscribers' file cannot be read at all
├── SourceError      a whole source could not be read: nothing of it is withdrawn
├── TemplateError    a template is missing or broken
├── StoreError       the store cannot be read or written
├── Stopped          a signal ended the work: what was in hand is written down
├── TokenError       a link's token is forged or of another publication
├── ClientError      an address of somebody else's could not be fetched
└── ProviderError    the provider as a whole cannot send now
    ├── ProviderDown     try again later; no recipient is burnt
    └── ProviderRefused  login, sender or settings are refused: a person must act
"""


class DispatchError(Exception):
    """Dispatch could not go on."""

    exit_code = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")


class ConfigError(DispatchError):
    """The configuration is wrong."""


class UsageError(DispatchError):
    """The command was called wrongly."""

    exit_code = 2


class PlacedError(DispatchError):
    """A file is wrong at a place that is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line  # 1-based, where known


class ContentError(PlacedError):
    """This post cannot be used."""


class SourceError(DispatchError):
    """The source could not be read."""


class SubscribersError(PlacedError):
    """The file of subscribers cannot be read."""


class TemplateError(DispatchError):
    """A template is missing or broken."""


class StoreError(DispatchError):
    """The store cannot be read or written."""


class Stopped(DispatchError):
    """Stopped. What was in hand is finished; whoever is left waits for the next `dispatch run`."""


class TokenError(DispatchError):
    """This link was not made by this publication."""


class ClientError(DispatchError):
    """The address could not be fetched."""


class ProviderError(DispatchError):
    """The provider cannot send now."""


class ProviderDown(ProviderError):
    """The provider cannot be reached; nothing is lost, it will be tried again."""


class ProviderRefused(ProviderError):
    """The provider refuses this publication's login, sender or settings."""
