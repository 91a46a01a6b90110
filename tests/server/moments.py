"""Moments in the parameters of tests: reckoned when a test runs, as it may have been collected half an hour before."""

import time
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FromNow:
    """So many seconds from now, on the Unix clock."""

    seconds: int


def reckoned(claims: Mapping[str, object]) -> dict[str, object]:
    now = int(time.time())
    return {name: now + value.seconds if isinstance(value, FromNow) else value for name, value in claims.items()}
