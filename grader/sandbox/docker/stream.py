"""The judge's end of a container's stream: chunks out, Docker's frames in, and in them the keeper's chunks and its log."""

import select
import socket
import struct
import threading
import time
from collections.abc import Iterator

from grader.runner.chunks import FROM_KEEPER, HEADER, ChunkError, Kind, check_header
from grader.sandbox.base import GraderFailure

FRAME = struct.Struct(">BxxxI")  # Docker's: which of the container's streams, length
STDOUT, STDERR = 1, 2
LOG_BYTES = 4000
READ_BYTES = 1 << 16
Chunk = tuple[Kind, int, bytes]


class Stream:
    """One party at a time reads from it; only a kill may come from another thread. Raises GraderFailure once it is lost."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._lock = threading.Lock()
        self._unsent = b""
        self._head = bytearray()  # of a frame
        self._left, self._from = 0, STDOUT  # of the frame's body: how much is to come, and whose it is
        self._chunks = bytearray()
        self._log = bytearray()
        self._poll = select.poll()
        self._interest = select.POLLIN
        self._poll.register(line, select.POLLIN)
        line.setblocking(False)

    def send(self, kind: Kind, number: int, data: bytes | memoryview = b"") -> bool:
        """Send one chunk of at most CHUNK_BYTES. False, and nothing is sent, while an earlier one is not gone yet."""
        with self._lock:
            if not self._flush():
                return False
            self._unsent = self._push(HEADER.pack(kind, number, len(data)), data)
            return True

    def wait(self, until: float, *, writing: bool = False) -> Iterator[Chunk]:
        """Sleep until something arrives, there is room, or that much time is on the clock; then what chunks are whole."""
        interest = select.POLLIN | (select.POLLOUT if writing or self._unsent else 0)
        if interest != self._interest:
            self._poll.modify(self._line, interest)
            self._interest = interest
        milliseconds = max(0.0, until - time.monotonic()) * 1000 if until else 0
        events = self._poll.poll(milliseconds)
        if self._unsent and events:
            with self._lock:
                self._flush()
        return self._receive() if events and events[0][1] & ~select.POLLOUT else iter(())

    def log(self) -> str:
        """The last of what the keeper complained about."""
        return self._log[-LOG_BYTES:].decode("utf-8", "replace").strip()

    def _flush(self) -> bool:
        if self._unsent:
            self._unsent = self._push(b"", self._unsent)
        return not self._unsent

    def _push(self, head: bytes, data: bytes | memoryview) -> bytes:
        """Hand both to the kernel as far as it takes them; returns the rest."""
        try:
            sent = self._line.sendmsg([head, data])
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise self.lost() from error
        if sent == len(head) + len(data):
            return b""
        return head[sent:] + bytes(data[max(0, sent - len(head)) :])

    def _receive(self) -> Iterator[Chunk]:
        try:
            data = self._line.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise self.lost() from error
        if not data:
            raise self.lost()
        self._unwrap(memoryview(data))
        yield from self._cut()

    def _unwrap(self, data: memoryview) -> None:
        """Sort the bytes of Docker's frames by the stream that they come from."""
        while data:
            if not self._left:
                taken = FRAME.size - len(self._head)
                self._head += data[:taken]
                data = data[taken:]
                if len(self._head) == FRAME.size:
                    self._from, self._left = FRAME.unpack(self._head)
                    self._head.clear()
                continue
            body, data = data[: self._left], data[self._left :]
            self._left -= len(body)
            if self._from == STDOUT:
                self._chunks += body
            else:
                self._log += body
                del self._log[:-LOG_BYTES]

    def _cut(self) -> Iterator[Chunk]:
        """The whole chunks among what has arrived."""
        while len(self._chunks) >= HEADER.size:
            try:
                kind, number, length = check_header(self._chunks, FROM_KEEPER)
            except ChunkError as error:
                raise self.lost() from error
            end = HEADER.size + length
            if len(self._chunks) < end:
                return
            data = bytes(self._chunks[HEADER.size : end])
            del self._chunks[:end]
            yield kind, number, data

    def lost(self) -> GraderFailure:
        return GraderFailure(f"the container was lost: {self.log() or 'it left no message'}")
