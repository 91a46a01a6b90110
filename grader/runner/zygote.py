"""The warm process of a sandbox: imports torch once, forks a child per submission, and never reads a byte of any student.

Only the standard library is imported before it has become an ordinary user.
"""

import contextlib
import gc
import json
import os
import signal
import socket
import sys
import time
from typing import Any

REAP_S = 3.0
LOOKS = 100  # on a busy machine the kernel takes its time to bury the dead
FOLDERS = ("/tmp", "/dev/shm")


def main() -> None:
    """Started by grader.sandbox.host with {"control": descriptor, "uid": number or None, "defences": names, "processors":
    numbers} as its argument."""
    config = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _become_ordinary(config["uid"])
    warm_torch()
    with socket.socket(fileno=config["control"]) as control:
        Zygote(control, set(config["defences"]), config["processors"]).run()


def _become_ordinary(uid: int | None) -> None:
    """Leave root for good: the kernel does not count root's processes."""
    if uid is None:
        return
    from grader.runner import kernel

    # bubblewrap covers parts of root's /proc; only below an uncovered one may a namespace have a /proc of its own
    kernel.mount("proc", "/proc", "proc", kernel.Mount.nosuid | kernel.Mount.nodev | kernel.Mount.noexec)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    kernel.set_dumpable(True)  # otherwise /proc/self/uid_map would belong to root


def warm_torch() -> None:
    """Run once what most submissions run, so that no child pays for it, and keep the collector off the shared pages."""
    from grader.runner import postponed

    postponed.postpone_before_torch()
    import torch

    from grader.runner import child, placement, rehearsal  # noqa: F401 -- child is needed at each fork

    torch.set_num_threads(1)
    postponed.postpone()
    rehearsal.run(rehearsal.ROUNDS)
    placement.check_untouched()
    gc.collect()
    gc.freeze()


class Zygote:
    """Obeys the judge's three words: prepare a child, finish one, or (by hanging up) end everything."""

    def __init__(self, control: socket.socket, defences: set[str], processors: list[int]) -> None:
        self.control = control
        self.defences = defences
        self.processors = processors
        self.wardens: dict[int, int] = {}
        self.files = _files()

    def run(self) -> None:
        socket.send_fds(self.control, [json.dumps({"ready": True}).encode()], [os.pidfd_open(os.getpid())])
        while True:
            data, descriptors, *_ = socket.recv_fds(self.control, 4096, 8)
            if not data:
                os._exit(0)
            message = json.loads(data)
            if message["do"] == "prepare":
                self._prepare(message["number"], descriptors)
            else:
                self.control.send(json.dumps(self._finish(message["number"])).encode())

    def _prepare(self, number: int, descriptors: list[int]) -> None:
        from grader.runner import child

        self.wardens[number] = child.start(descriptors, self.defences, self.processors)
        for descriptor in descriptors:
            os.close(descriptor)

    def _finish(self, number: int) -> dict[str, Any]:
        """Reap a child's warden and look for anything that it left behind."""
        warden = self.wardens.pop(number)
        if not _reap(warden):
            return {"left": f"process {warden}"}
        if "leftovers" not in self.defences:
            return {"left": None}
        processes = _lasting_strangers(set(self.wardens.values()))
        files = sorted(_files() - self.files)
        return {"left": f"processes {processes}, files {files}" if processes or files else None}


def _reap(process: int) -> bool:
    deadline = time.monotonic() + REAP_S
    while time.monotonic() < deadline:
        if os.waitpid(process, os.WNOHANG)[0] == process:
            return True
        time.sleep(0.0005)
    return False


def _lasting_strangers(wardens: set[int]) -> list[int]:
    """A process that is being forked or reaped looks like a stranger for a moment: only those that stay count."""
    for _ in range(LOOKS):
        if not (found := _strangers(wardens)):
            return []
        time.sleep(0.005)
    return found


def _strangers(wardens: set[int]) -> list[int]:
    """Processes of this sandbox that are neither ours nor below a warden that still has work."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{entry}/stat") as file:  # it may have ended meanwhile
                parents[int(entry)] = int(file.read().rsplit(")", 1)[1].split()[1])
    return [process for process in parents if process not in (1, os.getpid()) and not _is_below(process, parents, wardens)]


def _is_below(process: int, parents: dict[int, int], wardens: set[int]) -> bool:
    while process > 1 and process not in wardens:
        process = parents.get(process, 0)
    return process in wardens


def _files() -> set[str]:
    return {os.path.join(folder, name) for folder in FOLDERS for name in os.listdir(folder)}
