"""The table [provider] with type = "smtp"."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from dispatch.providers.secret import Secret

ADDRESS = re.compile(r"[\w.!#$%&'*/=?^`{|}~-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+", re.ASCII).fullmatch


def _tls(value: object) -> object:
    """`true` and `false` are words for STARTTLS and none."""
    return {True: "starttls", False: "none"}[value] if isinstance(value, bool) else value


def _address(value: str) -> str:
    if value and not ADDRESS(value):
        raise ValueError("must be a mail address in ASCII letters, such as bounces@example.org")
    return value


class SmtpOptions(BaseModel):
    """What may be set of an SMTP server."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Annotated[Literal["starttls", "implicit", "none"], BeforeValidator(_tls)] = "starttls"
    ca_file: str = ""  # certificates to trust, PEM; none: the system's
    username: str = ""
    password: Secret | None = None
    connections: Annotated[int, Field(ge=1, le=100)] = 4
    per_second: Annotated[float, Field(gt=0, le=100_000)] | None = None
    per_hour: Annotated[int, Field(ge=1)] | None = None
    timeout: Annotated[float, Field(gt=0, le=600)] = 60  # seconds without an answer
    bounces: Annotated[str, AfterValidator(_address)] = ""  # the envelope sender; none: the address of the From
    verp: bool = True  # an envelope sender of their own for each recipient

    @model_validator(mode="after")
    def _trust_needs_tls(self) -> "SmtpOptions":
        if self.ca_file and self.tls == "none":
            raise ValueError('ca_file goes with tls = "starttls" or "implicit"')
        return self
