"""A secret in a plugin's table: named, never written in dispatch.toml, never shown."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator


class Secret(BaseModel):
    """`{ env = "NAME" }` or `{ file = "PATH" }`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    env: str = ""
    file: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> "Secret":
        if bool(self.env) == bool(self.file):
            raise ValueError('write { env = "NAME" } or { file = "PATH" }')
        return self

    def read(self, folder: Path) -> SecretStr:
        """The secret itself. Raises ValueError saying where it was looked for."""
        if self.env:
            value = os.environ.get(self.env)
            if value is None:
                raise ValueError(f"the environment variable {self.env} is not set")
            return SecretStr(value)
        try:
            return SecretStr((folder / self.file).read_text(encoding="utf-8").strip())
        except OSError as error:
            raise ValueError(f"{folder / self.file} cannot be read: {error.strerror}") from None
