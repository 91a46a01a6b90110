"""Everything that one submission has inside a container: the processes and files of one user number.

The keeper acts on them as that user for a moment, so that it needs no capability over other people's processes and files.
"""

import contextlib
import json
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader.runner import processes

FIRST_UID, LAST_UID = 20000, 1 << 31
UIDS = 1024  # for each container, used in turn; the first is the keeper's own disguise
FOLDERS = ("/tmp", "/dev/shm", "/dev/mqueue")
DEPTH = 32  # folders in folders that are worth removing; a container with more is thrown away
GONE_S = 3.0
PAUSE_S = 0.0005
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Tenant:
    """`uid` is the submission's alone. `disguise` is nobody's: with it as real user, only `uid` can be signalled, and no
    process of `uid` can signal back."""

    uid: int
    disguise: int

    def become(self) -> None:
        """Be this user from now on, in a child."""
        os.setgroups([])
        os.setresgid(self.uid, self.uid, self.uid)
        os.setresuid(self.uid, self.uid, self.uid)

    def kill(self) -> None:
        """Kill all its processes at once: the kernel lets none of them fork meanwhile."""
        with self._disguised(), contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)

    def processes(self) -> list[int]:
        return [process for process in processes.all_numbers() if processes.belongs_to(process, self.uid)]

    def proportional(self, found: list[int]) -> int:
        """Bytes of these processes of its own, pages that several share counted once."""
        with self._disguised():
            return sum(map(processes.proportional, found))

    def leave_nothing(self, before: set[str], reap: Callable[[], None]) -> str | None:
        """Wait for the end of its processes, remove its files; says what is left that was not there `before`."""
        deadline = time.monotonic() + GONE_S
        while found := self.processes():
            if time.monotonic() > deadline:
                return f"processes {found}"
            self.kill()
            time.sleep(PAUSE_S)
            reap()
        return _in_a_fork(lambda: self._clean(before))

    def _clean(self, before: set[str]) -> str | None:
        with self._disguised():
            for folder in filter(os.path.isdir, FOLDERS):
                self._empty(folder)
        names = sorted(files() - before)
        return f"{len(names)} files: {names[:NAMES_SHOWN]!a}" if names else None

    def _empty(self, path: str) -> None:
        with contextlib.suppress(OSError):  # what could not be removed is found afterwards
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                self._empty_folder(folder, DEPTH)
            finally:
                os.close(folder)

    def _empty_folder(self, folder: int, depth: int) -> None:
        """Remove what is its own. Nobody else acts in there any more, so a name stays what it was looked up as."""
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
        for name in names:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if found.st_uid != self.uid:
                continue
            if stat.S_ISDIR(found.st_mode) and depth:
                self._remove_folder(name, folder, depth - 1)
            elif not stat.S_ISDIR(found.st_mode):
                os.unlink(name, dir_fd=folder)

    def _remove_folder(self, name: str, above: int, depth: int) -> None:
        os.chmod(name, 0o700, dir_fd=above)
        folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
        try:
            self._empty_folder(folder, depth)
        finally:
            os.close(folder)
        os.rmdir(name, dir_fd=above)

    @contextlib.contextmanager
    def _disguised(self) -> Iterator[None]:
        """Act as this user. The saved user stays root's, which lets us come back and nobody else reach us."""
        if min(self.uid, self.disguise) < FIRST_UID:
            raise ValueError(f"{self} is no user number of ours")
        os.setresgid(self.disguise, self.uid, 0)
        os.setresuid(self.disguise, self.uid, 0)
        try:
            yield
        finally:
            os.setresuid(0, 0, 0)
            os.setresgid(0, 0, 0)


def _in_a_fork(part: Callable[[], str | None]) -> str | None:
    """What it answers, from a process that ends with all it has read: names of files are a student's words, and the submission
    after the next one is forked from the keeper's memory."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.write(writer, json.dumps(part()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as answer:
        text = answer.read()
    os.waitpid(process, 0)
    return json.loads(text) if text else "what nobody could look at"


def tenants(seed: int) -> Callable[[int], Tenant]:
    """The tenant of each number. The kernel counts processes per user across containers, so each container has its own users."""
    room = min(_mapped(), LAST_UID) - FIRST_UID - UIDS
    first = FIRST_UID + seed * UIDS % room
    return lambda number: Tenant(uid=first + 1 + number % (UIDS - 1), disguise=first)


def _mapped() -> int:
    """How many user numbers there are in here; with remapped users only 65536."""
    with open("/proc/self/uid_map") as file:
        return max(int(line.split()[0]) + int(line.split()[2]) for line in file)


def files() -> set[str]:
    return {os.path.join(folder, name) for folder in filter(os.path.isdir, FOLDERS) for name in os.listdir(folder)}


def stored() -> int:
    """Bytes in the folders that are kept in memory; the one submission that is in here alone can have written them."""
    return sum((use.f_blocks - use.f_bfree) * use.f_frsize for use in map(os.statvfs, filter(os.path.isdir, FOLDERS[:2])))
