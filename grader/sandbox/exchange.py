"""Collects one reply frame, and the notes before it, from a channel that a student may write anything to."""

from collections.abc import Callable
from typing import Any

from grader.runner.wire import NOTE_BYTES, NOTE_MAGIC, PREFIX, WireError, decode, sizes

CHUNK = 1 << 20
FIRST = 1 << 14  # most replies are no longer, and then arrive in one piece
Message = dict[str, Any]


def refuse(note: Message) -> None:
    """Where no note is expected."""
    raise WireError("a note that nobody wants")


class Reply:
    """The bytes of one reply as they arrive. Notes are handed on as soon as they are whole.

    Raises WireError at the first wrong byte, and if more follow the reply.
    """

    def __init__(self, limit: int, take_note: Callable[[Message], None] = refuse) -> None:
        self._limit = limit
        self._take_note = take_note
        self._data = bytearray()
        self._total: int | None = None

    @property
    def missing(self) -> int:
        """How many bytes to read next at most."""
        return FIRST if self._total is None else min(self._total - len(self._data), CHUNK)

    def add(self, data: bytes) -> Message | None:
        """The message, once its frame is whole."""
        self._data += data
        while (frame := self._whole_frame()) is not None:
            if not is_note(frame):
                if self._data:
                    raise WireError("bytes that nobody asked for")
                return decode(frame, limit=self._limit)
            self._take_note(decode(frame, limit=NOTE_BYTES, magic=NOTE_MAGIC))
        return None

    def _whole_frame(self) -> bytearray | None:
        """Takes a frame off the front. One that arrived alone is not copied: its tensors stay where they are."""
        if self._total is None and len(self._data) >= PREFIX.size:
            self._total = PREFIX.size + sum(self._sizes())
        if self._total is None or len(self._data) < self._total:
            return None
        frame, self._data = self._data, self._data[self._total :]
        if self._data:
            del frame[self._total :]
        self._total = None
        return frame

    def _sizes(self) -> tuple[int, int]:
        if is_note(self._data):
            return sizes(self._data, limit=NOTE_BYTES, magic=NOTE_MAGIC)
        return sizes(self._data, limit=self._limit)


def is_note(frame: bytes | bytearray) -> bool:
    return frame.startswith(NOTE_MAGIC)
