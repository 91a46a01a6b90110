"""One container with its keeper, as the judge holds it: started, asked for children, thrown away."""

import itertools
import json
import socket
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress

from grader.runner.chunks import Kind
from grader.sandbox.base import GraderFailure
from grader.sandbox.defences import Defence
from grader.sandbox.docker.engine import Engine
from grader.sandbox.docker.link import ContainerLink
from grader.sandbox.docker.stream import Stream
from grader.sandbox.docker.template import Order

READY_S = 120.0  # the first import of torch after a reboot reads it from disk
FINISH_S = 5.0


class ContainerHost:
    """A running container. Raises GraderFailure when it cannot start or has been lost; then only `close` is left to do."""

    processors: Sequence[int] = ()  # the engine's business

    def __init__(self, engine: Engine, order: Order, defences: frozenset[Defence]) -> None:
        self._line = engine.start(order)
        self._numbers = itertools.count(1)  # the keeper counts the same way
        settings = {"seed": zlib.crc32(self._line.id.encode()), "defences": sorted(defences)}
        try:
            self._stream = Stream(self._line.socket)
            self._stream.send(Kind.settings, 0, json.dumps(settings).encode())
        except BaseException:
            self._line.close()
            raise

    @property
    def id(self) -> str:
        return self._line.id

    def wait_until_ready(self) -> None:
        """Block until torch is imported inside and the first child waits."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            for kind, _, _ in self._stream.wait(deadline):
                if kind is Kind.ready:
                    return
        raise GraderFailure(f"the container did not start: {self.log() or 'it left no message'}")

    def take(self) -> ContainerLink:
        return ContainerLink(self._stream, next(self._numbers))

    def finish(self, link: ContainerLink) -> None:
        link.finish(time.monotonic() + FINISH_S)

    def is_alive(self) -> bool:
        """Nothing is to be heard from a container that waits, except its end."""
        try:
            return not list(self._stream.wait(0.0))
        except GraderFailure:
            return False

    def abort(self) -> None:
        with suppress(OSError):
            self._line.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._line.close()

    def log(self) -> str:
        return self._stream.log()
