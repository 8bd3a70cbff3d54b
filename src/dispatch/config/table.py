"""What all tables of dispatch.toml have in common."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of dispatch.toml: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
