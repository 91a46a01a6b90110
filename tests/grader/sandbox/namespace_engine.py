"""An engine without Docker, for tests: the keeper as process 1 of namespaces of its own, its streams framed as Docker does it."""

import importlib.util
import itertools
import os
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

import grader.runner
from grader.sandbox.base import GraderFailure
from grader.sandbox.docker.template import Order

FRAME = struct.Struct(">BxxxI")
STDOUT, STDERR = 1, 2
SITES = [str(Path(grader.runner.__file__).parents[2]), str(Path(importlib.util.find_spec("torch").origin).parents[1])]
PLACES = ["/mnt/ours", "/mnt/torch"]  # where they are inside: they may lie below /tmp, which is covered
START = f"import sys; sys.path[:0] = {PLACES}; from grader.runner.keeper import main; main()"
FOLDERS = f"""set -e
mount -t tmpfs -o mode=755 tmpfs /mnt; mkdir {" ".join(PLACES)}
mount --bind {shlex.quote(SITES[0])} {PLACES[0]}; mount --bind {shlex.quote(SITES[1])} {PLACES[1]}
mount -t tmpfs -o size=64m,nr_inodes=4096,mode=1777 tmpfs /tmp; mount -t tmpfs -o size=64m,mode=1777 tmpfs /dev/shm"""
NAMESPACES = ["--mount", "--pid", "--ipc", "--net", "--mount-proc", "--fork", "--kill-child"]


class NamespaceEngine:
    """What it starts has the keeper's walls inside, but not those of a container around it."""

    def __init__(self) -> None:
        self.lines: list[NamespaceLine] = []

    def start(self, order: Order) -> "NamespaceLine":
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            raise GraderFailure("this engine needs root and unshare")
        self.lines.append(NamespaceLine())
        return self.lines[-1]

    def digest(self, device: str | None = None) -> str:
        return "sha256:0"

    def running(self) -> int:
        return sum(line.process.poll() is None for line in self.lines)


class NamespaceLine:
    """One keeper, with threads that carry its bytes."""

    numbers = itertools.count(1)

    def __init__(self) -> None:
        self.id = f"{os.getpid()}-{next(self.numbers)}"
        self.socket, self._theirs = socket.socketpair()
        self._moving = threading.Event()
        self._moving.set()
        shell = ["sh", "-c", f'{FOLDERS}\nexec "$0" "$@"', os.path.realpath(sys.executable), "-I", "-S", "-B", "-u", "-c", START]
        environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self.process = subprocess.Popen(["unshare", *NAMESPACES, *shell], cwd="/", env=environment, **pipes)
        out = [threading.Thread(target=self._frame, args=(number,), daemon=True) for number in (STDOUT, STDERR)]
        threading.Thread(target=self._feed, daemon=True).start()
        threading.Thread(target=self._hang_up_after, args=(out,), daemon=True).start()

    def close(self) -> None:
        """As the engine does it: first the stream, then the container."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.process.kill()
        self.process.wait()

    def stand_still(self, *, after: float, seconds: float) -> None:
        """Carry no byte for a while, as a busy engine does; nothing is lost."""
        threading.Timer(after, self._moving.clear).start()
        threading.Timer(after + seconds, self._moving.set).start()

    def kill_keeper(self) -> None:
        psutil.Process(self.process.pid).children()[0].kill()

    def suspend_keeper(self) -> None:
        psutil.Process(self.process.pid).children()[0].suspend()

    def _feed(self) -> None:
        with suppress(OSError), self.process.stdin as stdin:
            while data := self._theirs.recv(1 << 15):
                self._moving.wait()
                stdin.write(data)
                stdin.flush()

    def _frame(self, number: int) -> None:
        source = self.process.stdout if number == STDOUT else self.process.stderr
        with suppress(OSError):
            while data := os.read(source.fileno(), 1 << 15):
                self._moving.wait()
                self._theirs.sendall(FRAME.pack(number, len(data)) + data)

    def _hang_up_after(self, threads: list[threading.Thread]) -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with suppress(OSError):
            self._theirs.shutdown(socket.SHUT_RDWR)
        self._theirs.close()
