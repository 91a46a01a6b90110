"""Collects one reply frame from a channel that a student may write anything to."""

from typing import Any

from grader.runner.wire import PREFIX, WireError, decode, sizes

CHUNK = 1 << 20
FIRST = 1 << 14  # most replies are no longer, and then arrive in one piece


class Reply:
    """The bytes of one frame as they arrive. Raises WireError at the first wrong one, and if more follow."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data = bytearray()
        self._total: int | None = None

    @property
    def missing(self) -> int:
        """How many bytes to read next at most."""
        return FIRST if self._total is None else min(self._total - len(self._data), CHUNK)

    def add(self, data: bytes) -> dict[str, Any] | None:
        """The message, once its frame is whole."""
        self._data += data
        if self._total is None and len(self._data) >= PREFIX.size:
            self._total = PREFIX.size + sum(sizes(self._data, limit=self._limit))
        if self._total is None or len(self._data) < self._total:
            return None
        if len(self._data) > self._total:
            raise WireError("bytes that nobody asked for")
        return decode(self._data, limit=self._limit)
