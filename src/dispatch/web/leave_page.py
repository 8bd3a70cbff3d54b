"""What a person is shown of their subscription before and after they end it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeavePage:
    """Whose subscription a link ends: enough to recognise oneself, too little to learn an address."""

    email: str  # masked: a…@example.org
    list_title: str
    already_left: bool
