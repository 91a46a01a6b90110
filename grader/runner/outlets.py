"""The keeper's two ends of the judge's stream: one buffer each, which stays where it is and can be wiped."""

import os
import select

from grader.runner.chunks import CHUNK_BYTES, FROM_JUDGE, HEADER, Kind, check_header

ROOM = HEADER.size + CHUNK_BYTES
ZEROS = bytes(ROOM)
NOTHING = memoryview(b"")


class HungUp(Exception):
    """The judge is gone."""


class Inbox:
    """Collects one chunk at a time and reads no byte beyond it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._room = memoryview(bytearray(ROOM))
        self._have, self._total = 0, HEADER.size
        self._kind, self._number = Kind.settings, 0
        os.set_blocking(descriptor, False)

    def read(self) -> tuple[Kind, int, memoryview] | None:
        """The next chunk once it is whole; its data stays valid until the next call."""
        while self._have < self._total:
            try:
                count = os.readv(self._descriptor, [self._room[self._have : self._total]])
            except BlockingIOError:
                return None
            if count == 0:
                raise HungUp
            self._have += count
            if self._have == self._total == HEADER.size:
                self._kind, self._number, length = check_header(self._room, FROM_JUDGE)
                self._total += length
        data = self._room[HEADER.size : self._total]
        self._have, self._total = 0, HEADER.size
        return self._kind, self._number, data

    def wait(self) -> tuple[Kind, int, memoryview]:
        """The next chunk, whenever it comes."""
        while (chunk := self.read()) is None:
            select.select([self._descriptor], [], [])
        return chunk

    def wipe(self) -> None:
        self._room[:] = ZEROS


class Outbox:
    """Holds one chunk until the judge has taken it; only then is the next one read from anywhere."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._room = memoryview(bytearray(ROOM))
        self._closed: set[Kind] = set()
        self.pending = NOTHING
        os.set_blocking(descriptor, False)

    def put(self, kind: Kind, number: int, data: bytes) -> None:
        self._room[HEADER.size : HEADER.size + len(data)] = data
        self._send(kind, number, len(data))

    def pass_on(self, kind: Kind, number: int, source: int) -> int:
        """Read once from a child's end; returns how many bytes. An empty chunk says that it was closed."""
        try:
            count = os.readv(source, [self._room[HEADER.size :]])
        except BlockingIOError:
            return 0
        except OSError:
            count = 0  # reset by the child's death
        if count == 0:
            self._closed.add(kind)
        if count or kind is Kind.reply:
            self._send(kind, number, count)
        return count

    def is_closed(self, kind: Kind) -> bool:
        return kind in self._closed

    def flush(self) -> None:
        try:
            self.pending = self.pending[os.write(self._descriptor, self.pending) :]
        except BlockingIOError:
            return

    def wipe(self) -> None:
        """Ready for another child, with nothing of the last one."""
        self._room[:] = ZEROS
        self._closed.clear()

    def _send(self, kind: Kind, number: int, length: int) -> None:
        HEADER.pack_into(self._room, 0, kind, number, length)
        self.pending = self._room[: HEADER.size + length]
        self.flush()
