"""One tree of errors; each class's docstring is its default message.

DispatchError
├── ConfigError      the publication's settings are wrong: mend dispatch.toml
├── UsageError       the command was called wrongly
├── ContentError     one post cannot be used: mend that post, the rest goes on
├── SourceError      a whole source could not be read: nothing of it is withdrawn
├── SubscribersError a subscribers' file cannot be read at all
├── TemplateError    a template is missing or broken
├── StoreError       the store cannot be read or written
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


class ContentError(DispatchError):
    """This post cannot be used."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class SourceError(DispatchError):
    """The source could not be read."""


class SubscribersError(DispatchError):
    """The file of subscribers cannot be read."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class TemplateError(DispatchError):
    """A template is missing or broken."""


class StoreError(DispatchError):
    """The store cannot be read or written."""


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
