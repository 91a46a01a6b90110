"""What a student's code may say while it computes: its notes are checked for form, size and number, then handed on to be drawn.

A note can be forged at will, like everything else that a box sends. Nobody decides anything by one.
"""

import re
import time
from collections.abc import Mapping
from typing import Any

from grader.runner.wire import WireError
from grader.sandbox.base import Listener, Note, Points

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
MOST_NAMES = 32
MOST_POINTS = 1024  # of one note
LARGEST_STEP = 1 << 53
AT_ONCE, A_SECOND = 64, 16  # notes; our own side of the sandbox sends ten a second, and one with each reply
FIELD = "logged"


class Notes:
    """Those of one request. Raises WireError for one that is wrong, or one too many: a flood must not keep the judge busy."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._started = time.monotonic()
        self._count = 0

    def take(self, message: Mapping[str, Any]) -> None:
        self._count += 1
        if self._count > AT_ONCE + A_SECOND * (time.monotonic() - self._started):
            raise WireError("more notes than may be sent")
        self._listener(read_note(message))


def read_note(message: Mapping[str, Any]) -> Note:
    """What a note says. Raises WireError if it has another form."""
    logged = message.get(FIELD)
    if len(message) != 1 or type(logged) is not dict or not 0 < len(logged) <= MOST_NAMES:
        raise WireError("a note of the wrong form")
    note = {name: _points(name, columns) for name, columns in logged.items()}
    if sum(len(points.steps) for points in note.values()) > MOST_POINTS:
        raise WireError("a note of too many points")
    return note


def _points(name: str, columns: Any) -> Points:
    if not NAME.fullmatch(name) or type(columns) is not list or len(columns) != 2:
        raise WireError("a note of the wrong form")
    steps, values = columns
    if type(steps) is not list or type(values) is not list or not 0 < len(steps) == len(values):
        raise WireError("a note of the wrong form")
    if not all(type(step) is int and 0 <= step < LARGEST_STEP for step in steps):
        raise WireError("a note with a wrong step")
    if not all(type(value) is float for value in values):
        raise WireError("a note with a wrong value")
    return Points(steps, values)
