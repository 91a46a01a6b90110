"""Reads the judge's frames, lets the dispatcher answer, writes the replies. Runs in the student's process."""

import os
import socket

from grader.runner import placement
from grader.runner.dispatcher import Dispatcher
from grader.runner.wire import PREFIX, sizes

REQUEST_BYTES = 1 << 31


def serve(channel: socket.socket) -> None:
    """Answer until the judge hangs up. A process that the student forked leaves instead of answering too."""
    dispatcher, process = Dispatcher(placement.chosen(), channel.sendall), os.getpid()
    while (frame := read_frame(channel)) is not None:
        reply = dispatcher.answer(frame)
        if os.getpid() != process:
            os._exit(0)
        channel.sendall(reply)


def read_frame(channel: socket.socket) -> bytearray | None:
    """The next frame, or None when the other side has closed."""
    prefix = bytearray(PREFIX.size)
    if not _fill(channel, memoryview(prefix)):
        return None
    frame = bytearray(PREFIX.size + sum(sizes(bytes(prefix), limit=REQUEST_BYTES)))
    frame[: PREFIX.size] = prefix
    return frame if _fill(channel, memoryview(frame)[PREFIX.size :]) else None


def _fill(channel: socket.socket, space: memoryview) -> bool:
    while space:
        count = channel.recv_into(space)
        if count == 0:
            return False
        space = space[count:]
    return True
