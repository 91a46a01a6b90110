"""From what was handed in to fingerprints, in a process of its own: its author may have written what no reader gets through."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.sources import Source, Work
from grader.similarity.storage import encoded
from server.unprivileged import die_with_parent

WORK_S = 20.0  # a homework takes a fortieth of a second
START_S = 30.0
MOST_BYTES = 64 << 20  # of a fingerprint
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
KILLED = 9


class Unreadable(Exception):
    """The process that read it did not come back with anything; `why` is a word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Reader:
    """Starts its process once there is something to read, if nobody has before, and again after one that was lost."""

    def __init__(self, *, work_s: float = WORK_S) -> None:
        self.work_s = work_s
        self._process: subprocess.Popen[bytes] | None = None
        self._is_fresh = False

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def start(self) -> None:
        """Before there is something to read: its process takes a fifth of a second to get ready."""
        self._started()

    def fingerprint(self, files: Mapping[str, str]) -> bytes:
        """As it is stored. Raises Unreadable."""
        try:
            return self._ask(json.dumps(files).encode() + b"\n")
        except (OSError, EOFError) as error:
            self._end()
            raise Unreadable("crashed") from error
        except TimeoutError as error:
            self._end()
            raise Unreadable("timed_out") from error

    def _ask(self, line: bytes) -> bytes:
        process = self._started()
        deadline = time.monotonic() + self.work_s + (START_S if self._is_fresh else 0.0)
        process.stdin.write(line)
        process.stdin.flush()
        size = int.from_bytes(self._receive(4, deadline), "big")
        if size > MOST_BYTES:
            raise EOFError(f"{size} bytes of a fingerprint")
        self._is_fresh = False
        return self._receive(size, deadline)

    def _receive(self, size: int, deadline: float) -> bytes:
        descriptor, parts, missing = self._process.stdout.fileno(), [], size
        while missing:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(descriptor, min(missing, 1 << 20))
            if not part:
                raise EOFError("the reader ended")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "grader.similarity.reader"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if not name.startswith("GRADUS_")} | ONE_THREAD,
                preexec_fn=lambda: die_with_parent(KILLED),
            )
            self._is_fresh = True
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.stdout.close()
            with suppress(OSError):  # what it had not read yet
                process.stdin.close()
            process.wait()


NOTHING = encoded(Fingerprint("", (), (), b""))  # of what cannot be read, so that it is not tried again and again


def texts_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """The Python files among what the judge gets; a table of predictions has no code."""
    return {
        name: content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        for name, content in sorted(files.items())
        if name.endswith(".py")
    }


def work_of(texts: Mapping[str, str]) -> Work:
    """To be shown, not to be read again."""
    return Work("", tuple(Source(name, text) for name, text in texts.items()))
