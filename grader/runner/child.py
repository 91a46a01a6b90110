"""From a fork of a warm process to the student's process.

Below the zygote: a warden outside, an init inside, and the student under it. In a container, where the keeper is process 1,
a child is just a user of its own.

The warden unshares and waits. The init is process 1 of the new namespaces: when it ends, by itself or killed by the judge, the
kernel kills everything in them. The student's process alone reads what a student wrote.
"""

import gc
import json
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

from grader.runner import kernel, placement, processes, rehearsal, seccomp, syscalls
from grader.runner.harness import read_frame, serve
from grader.runner.kernel import Mount, Namespace
from grader.runner.tenant import Tenant
from grader.runner.wire import decode, encode

STUDENT = 1000  # what the student is called inside
CHANNEL = 3
STACK_BYTES = 8 << 20
CORE_BYTES = 1  # for a file too little, as 0 is; and where the host pipes dumps to a program, the kernel obeys only 1, not 0
STARTUP_FAILED = 70
ADDRESSES_BYTES = 16 << 30  # libraries, stacks, heaps of threads: mapped, hardly touched; but page tables grow with it
NICE = 10  # after all that keeps the machine running; submissions are equal among themselves
PROCESSES_SEEN = 8  # what the kernel allows beyond the limit and the init, so that the judge sees the limit exceeded
QUIET = Mount.nosuid | Mount.nodev | Mount.noexec
NAMESPACES = {
    "network": Namespace.net,
    "pid_namespace": Namespace.pid,
    "ipc": Namespace.ipc,
}


def start(descriptors: list[int], defences: set[str], processors: list[int]) -> int:
    """Fork a warden with everything below it; returns its number. `descriptors`: channel, output, status."""
    warden = os.fork()
    if warden == 0:
        _run_to_the_end(partial(_guard_namespaces, processors), descriptors, defences)
    return warden


def start_as(tenant: Tenant, descriptors: list[int], defences: set[str]) -> int:
    """Fork a student's process of its own user number; returns its number. `descriptors`: channel, output."""
    student = os.fork()
    if student == 0:
        _run_to_the_end(partial(_run_tenant, tenant), descriptors, defences - {"private_tmp"})
    return student


def _run_tenant(tenant: Tenant, descriptors: list[int], defences: set[str]) -> None:
    """Before a byte of any student is read: nothing of the keeper's is open, and all that root may do is given up for good."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    kernel.close_all_but({2, *descriptors})
    tenant.become()
    kernel.drop_capabilities()
    kernel.set_dumpable(True)  # its /proc/self is its own again; the keeper reads there what pages its processes share
    _run_student(descriptors, defences)


def _run_to_the_end(part: Callable[[list[int], set[str]], None], descriptors: list[int], defences: set[str]) -> NoReturn:
    """A fork never returns into the code that it came from. What goes wrong here is ours, so it is written down."""
    try:
        part(descriptors, defences)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(STARTUP_FAILED)


def _guard_namespaces(processors: list[int], descriptors: list[int], defences: set[str]) -> None:
    """The warden's life: make the namespaces, tell the judge who is their init, wait for its end."""
    kernel.close_all_but({2, *descriptors})
    if "processors" in defences:
        os.sched_setaffinity(0, processors)
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(_wanted(defences))
    kernel.become(STUDENT, uid=uid, gid=gid)
    init = os.fork()
    if init == 0:
        _run_to_the_end(_run_init, descriptors, defences)
    with socket.socket(fileno=descriptors[2]) as status:
        socket.send_fds(status, [b"init"], [os.pidfd_open(init)])
    for descriptor in descriptors[:2]:
        os.close(descriptor)
    os.waitpid(init, 0)
    os._exit(0)


def _wanted(defences: set[str]) -> Namespace:
    always = Namespace.user | Namespace.mount | Namespace.uts
    return always | sum((flag for name, flag in NAMESPACES.items() if name in defences), Namespace(0))


def _run_init(descriptors: list[int], defences: set[str]) -> None:
    """Process 1: own /proc, then reap until the student's process ends, and say how it ended."""
    kernel.mount("none", "/", "", Mount.recursive | Mount.private)
    if "pid_namespace" in defences:
        kernel.mount("proc", "/proc", "proc", QUIET)
    student = os.fork()
    if student == 0:
        _run_to_the_end(_run_student, descriptors, defences)
    kernel.close_all_but({2, descriptors[2]})
    kernel.drop_capabilities()
    kernel.refuse_privileges()
    kernel.set_dumpable(False)
    while True:
        process, status = os.wait()
        if process == student:
            os.write(descriptors[2], json.dumps({"status": status}).encode())
            os._exit(0)


def _run_student(descriptors: list[int], defences: set[str]) -> None:
    """The student's process: wait for the limits, put them on, close every door, then answer requests."""
    kernel.die_with_parent()
    _arrange_descriptors(descriptors)
    channel = socket.socket(fileno=CHANNEL)
    rehearsal.run()  # while nobody waits: copies the pages that a submission writes to
    gc.freeze()
    frame = read_frame(channel)
    if frame is None:
        os._exit(0)
    limits = decode(frame)["limits"]
    if "private_tmp" in defences:
        _mount_private_folders(limits, defences)
    os.chdir("/tmp")
    _set_limits(limits, defences)
    if "keyring" in defences:
        kernel.leave_keyring()
    _check_alone()
    if "capabilities" in defences:
        kernel.drop_capabilities()
    if "privileges" in defences:
        kernel.refuse_privileges()
    if "seccomp" in defences:
        seccomp.install(_opened(limits, defences))
    placement.begin(limits)  # starts threads of CUDA's, which run a student's callbacks: they inherit what is in force by now
    if "memory" in defences:
        _limit_memory(limits)
    channel.sendall(encode({"ready": True}))
    serve(channel)
    os._exit(0)


def _arrange_descriptors(descriptors: list[int]) -> None:
    """0: nothing, 1 and 2: what the judge reads as output, 3: the channel. No other is open."""
    os.setsid()
    channel, output, *_ = [os.dup2(number, 100 + index) for index, number in enumerate(descriptors)]
    nothing = os.open("/dev/null", os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2), (channel, CHANNEL)):
        os.dup2(source, target)
    os.set_inheritable(CHANNEL, False)
    kernel.close_all_but({0, 1, 2, CHANNEL})


def _mount_private_folders(limits: Mapping[str, Any], defences: set[str]) -> None:
    sizes = f"size={max(limits['tmp_bytes'], 4096)},nr_inodes={limits['tmp_inodes'] + 1}" if "folders" in defences else "size=50%"
    options = f"{sizes},mode=1777"
    for folder in ("/tmp", "/dev/shm"):
        kernel.mount("tmpfs", folder, "tmpfs", QUIET, options)


def _set_limits(limits: Mapping[str, Any], defences: set[str]) -> None:
    wanted = {resource.RLIMIT_STACK: STACK_BYTES, resource.RLIMIT_MSGQUEUE: 0, resource.RLIMIT_MEMLOCK: 0}
    if "cores" in defences:
        wanted[resource.RLIMIT_CORE] = CORE_BYTES
    if "files" in defences:
        wanted |= {resource.RLIMIT_NOFILE: limits["open_files"], resource.RLIMIT_FSIZE: limits["file_bytes"]}
    if "processes" in defences:
        wanted[resource.RLIMIT_NPROC] = limits["processes"] + 1 + PROCESSES_SEEN
    for what, value in wanted.items():
        _limit(what, value)
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    if "processors" in defences:
        os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


def _check_alone() -> None:
    """Capabilities and filters are a thread's own: another one that runs already would keep the first and miss the second."""
    if (threads := len(os.listdir("/proc/self/task"))) != 1:
        raise RuntimeError(f"{threads} threads run before the walls are up; only one may")


def _opened(limits: Mapping[str, Any], defences: set[str]) -> tuple[str, ...]:
    """Calls that the filter allows for once. Nobody knows what CUDA maps and where its threads run, so a device opens both."""
    scheduling = (*syscalls.SCHEDULING, *syscalls.SESSIONS)
    doors = {"network": syscalls.FAMILIES, "memory": syscalls.MAPPINGS, "processors": scheduling}
    opened = {name for wall, names in doors.items() if wall not in defences for name in names}
    return tuple(opened.union((*syscalls.MAPPINGS, *syscalls.SCHEDULING) if limits.get("device") else ()))


def _limit_memory(limits: Mapping[str, Any]) -> None:
    """Each process by itself; all together they are watched from outside. CUDA reserves more addresses than there is memory."""
    here = os.getpid()
    _limit(resource.RLIMIT_DATA, processes.sizes(here, "VmData:") + limits["memory_bytes"])
    if not limits.get("device"):
        _limit(resource.RLIMIT_AS, processes.sizes(here, "VmSize:") + limits["memory_bytes"] + ADDRESSES_BYTES)
