"""What becomes of an issue whose hour has passed while nobody was there."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum


class Verdict(StrEnum):
    """What happens to it."""

    GO = "go"
    ASK = "ask"  # an editor says whether it still goes
    SKIP = "skip"  # its posts wait for the next one


IF_LATE: Mapping[str, Verdict] = {"ask": Verdict.ASK, "send": Verdict.GO, "skip": Verdict.SKIP}


def verdict(lateness: timedelta, late: timedelta, if_late: str) -> Verdict:
    """What an issue deserves that is so late, on a list that bears `late` and then does as `if_late` says."""
    return Verdict.GO if lateness <= late else IF_LATE[if_late]
