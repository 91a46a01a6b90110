"""The judge's end of a child in a container, with the keeper's words written by hand."""

import socket
import threading
from contextlib import suppress

import pytest

from grader.runner.chunks import CHUNK_BYTES, HEADER, Kind
from grader.sandbox.base import Limits
from grader.sandbox.docker import link as module
from grader.sandbox.docker.link import ContainerLink
from grader.sandbox.docker.stream import FRAME, STDOUT, Stream

LIMITS = Limits(output_bytes=1000)


def chunk(kind: Kind, data: bytes) -> bytes:
    body = HEADER.pack(kind, 1, len(data)) + data
    return FRAME.pack(STDOUT, len(body)) + body


@pytest.mark.parametrize("kind", [Kind.reply, Kind.output])
def test_while_its_end_is_waited_for_a_child_cannot_fill_our_memory(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE_S", 0.3)
    ours, keepers = socket.socketpair()
    link = ContainerLink(Stream(ours), 1)
    link.watch(LIMITS)

    def flood() -> None:
        with suppress(OSError):
            while True:
                keepers.sendall(chunk(kind, bytes(CHUNK_BYTES)))

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        assert link.how_it_ended() is None
        assert len(link.receive(1 << 40)) == 0 and len(link.printed()) in (0, LIMITS.output_bytes + 1)
    finally:
        ours.close()
        thread.join()
        keepers.close()
