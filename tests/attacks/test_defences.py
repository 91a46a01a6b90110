"""Each wall by itself: with it an attack fails, without it the same attack succeeds. Otherwise testing it would mean nothing."""

import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.runner import kernel
from grader.sandbox.base import Isolation, Sandbox
from grader.sandbox.bubblewrap import BubblewrapSandbox
from grader.sandbox.defences import ALL, Defence
from grader.sandbox.mounts import MACHINE
from grader.sandbox.options import Options
from tests.attacks.exploits import DUMP, DUMPS_ARE_FILES, FIND_KEPT, GROW, KEEP, KEYRINGS, OPEN_MANY, PRINT, RAISE, carry_out
from tests.thorough import one_in

HERE = Path(__file__).parent
CONNECT = """
import socket
def attack(place):
    with socket.create_connection(("127.0.0.1", int(place)), timeout=1):
        return "SUCCESS"
"""
READ = """
def attack(place):
    return open(place).read()
"""
SEE = """
import glob
def attack(place):
    return "SUCCESS" if len(glob.glob("/proc/[0-9]*")) > 2 else "its init and itself"
"""
GROW_UNSEEN = """
import mmap
def attack(place):
    for _ in range(16):
        area = mmap.mmap(-1, 16 << 20)
        area.write(b"x" * len(area))
        area.madvise(mmap.MADV_DONTNEED)
        kept.append(area)
    return "SUCCESS"
kept = []
"""
GROW_TABLES = """
import mmap
def attack(place):
    area = mmap.mmap(-1, 64 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ)
    return "SUCCESS" if sum(area[place] for place in range(0, 64 << 30, 2 << 20)) == 0 else ""
"""
GROW_SOCKETS = """
import os, socket, time
def attack(place):
    for child in range(3):
        if os.fork() == 0:
            kept = [socket.socketpair() for _ in range(100)]
            time.sleep(60)
    time.sleep(0.5)
    return "SUCCESS"
"""
FORK = """
import os, time
def attack(place):
    for _ in range(16):
        if os.fork() == 0:
            time.sleep(60)
    time.sleep(0.2)
    return "SUCCESS"
"""
SLEEP = """
import time
def attack(place):
    time.sleep(2)
    return "SUCCESS"
"""
ENVIRONMENT = """
import os
def attack(place):
    return os.environ.get(place, "not there")
"""
UNSHARE = """
import ctypes
def attack(place):
    return "SUCCESS" if ctypes.CDLL(None).unshare(0x10000000) == 0 else "refused"
"""
CROWD = """
import os
def attack(place):
    got = []
    for claim in (os.setsid, lambda: os.sched_setaffinity(0, range(os.cpu_count())), lambda: os.nice(0) < 10 or 1 / 0):
        if os.fork() == 0:
            try:
                claim()
            except (OSError, ZeroDivisionError):
                os._exit(1)
            os._exit(0)
        got.append(os.wait()[1] == 0)
    return "SUCCESS" if any(got) else "one of many"
"""
WRITE_MUCH = """
def attack(place):
    with open("/tmp/big", "wb") as file:
        file.write(bytes(2 << 20))
    return "SUCCESS"
"""
FILL = """
def attack(place):
    for number in range(8):
        with open(f"/tmp/{number}", "wb") as file:
            file.write(bytes(1 << 20))
    return "SUCCESS"
"""
NAME = """
def attack(place):
    for number in range(5000):
        open(f"/dev/shm/{number}", "w").close()
    return "SUCCESS"
"""
ANSWER_MUCH = """
def attack(place):
    return "SUCCESS" * 300_000
"""
ANSWER_STRANGELY = """
import os, sys, time
def attack(place):
    os.write(3, sys.modules["grader.runner.wire"].encode({"value": "SUCCESS", "mutated": 7}))
    time.sleep(5)
"""
RENAME = """
import socket
def attack(place):
    socket.sethostname("mine")
    return "SUCCESS"
"""
ATTACKS = {
    Defence.network: CONNECT,
    Defence.filesystem: READ,
    Defence.pid_namespace: SEE,
    Defence.memory: GROW,
    Defence.processes: FORK,
    Defence.output: PRINT,
    Defence.time: SLEEP,
    Defence.environment: ENVIRONMENT,
    Defence.seccomp: UNSHARE,
    Defence.processors: CROWD,
}
WRITE = """
import os
def attack(place):
    with open("/tmp/word", "w") as file:
        file.write("SUCCESS")
"""
FIND = """
def attack(place):
    return open("/tmp/word").read()
"""
SHARE = """
import ctypes
def attack(place):
    return ctypes.CDLL(None).shmget(4242, 4096, 0o1666) >= 0
"""
FIND_SHARED = """
import ctypes
def attack(place):
    return "SUCCESS" if ctypes.CDLL(None).shmget(4242, 4096, 0) >= 0 else "nothing"
"""


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[Defence, str]]:
    """What there would be to reach outside: a listener, a file, a variable."""
    path = Path(f"/var/tmp/gradus-defence-{os.getpid()}")
    path.write_text("SUCCESS")
    path.chmod(0o644)
    monkeypatch.setenv("GRADUS_TEST_DEFENCE", "SUCCESS")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        yield {Defence.network: port, Defence.filesystem: f"{MACHINE}{path}", Defence.environment: "GRADUS_TEST_DEFENCE"}
    path.unlink()


def carry_out_without(walls: set[Defence], sources: list[str], place: str = "", seconds: float = 10) -> str:
    """The same in a sandbox of its own that lacks these walls."""
    sandbox = BubblewrapSandbox(Isolation.fork, ALL - walls, Options(pool=1))
    try:
        return carry_out(sandbox, sources, place, seconds)
    finally:
        sandbox.close()


@pytest.mark.sandbox
@pytest.mark.parametrize("defence", one_in(2, ATTACKS))
def test_an_attack_fails_with_its_defence_and_succeeds_without(
    defence: Defence, place: dict[Defence, str], sandbox: Sandbox
) -> None:
    target, seconds = place.get(defence, ""), 1 if defence is Defence.time else 10
    assert "SUCCESS" not in carry_out(sandbox, [ATTACKS[defence]], target, seconds)
    assert "SUCCESS" in carry_out_without({defence}, [ATTACKS[defence]], target, seconds)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("defence", "attack"),
    one_in(
        3,
        [
            pytest.param(Defence.files, OPEN_MANY, id="many open files"),
            pytest.param(Defence.files, WRITE_MUCH, id="a large file"),
            pytest.param(Defence.folders, FILL, id="full folders"),
            pytest.param(Defence.folders, NAME, id="many names"),
            pytest.param(Defence.replies, ANSWER_MUCH, id="a large answer"),
            pytest.param(Defence.replies, ANSWER_STRANGELY, id="a strange answer"),
        ],
    ),
)
def test_each_size_has_its_limit(defence: Defence, attack: str, sandbox: Sandbox) -> None:
    assert "SUCCESS" not in carry_out(sandbox, [attack])
    assert "SUCCESS" in carry_out_without({defence}, [attack])


@pytest.mark.sandbox
def test_no_capability_and_the_list_of_calls_each_stop_what_only_root_may(sandbox: Sandbox) -> None:
    assert "SUCCESS" not in carry_out(sandbox, [RENAME])
    assert "SUCCESS" not in carry_out_without({Defence.capabilities}, [RENAME])
    assert "SUCCESS" not in carry_out_without({Defence.seccomp}, [RENAME])
    assert "SUCCESS" in carry_out_without({Defence.capabilities, Defence.seccomp}, [RENAME])


@pytest.mark.sandbox
@pytest.mark.parametrize("attack", one_in(3, [GROW_UNSEEN, GROW_TABLES, GROW_SOCKETS]), ids=["unseen", "tables", "sockets"])
def test_memory_that_no_process_is_seen_to_hold_is_limited_too(attack: str, sandbox: Sandbox) -> None:
    assert "SUCCESS" not in carry_out(sandbox, [attack])
    assert "SUCCESS" in carry_out_without({Defence.memory}, [attack])


@pytest.mark.sandbox
def test_private_folders_and_the_look_for_leftovers_each_stop_a_file_from_passing(sandbox: Sandbox) -> None:
    attack = [WRITE, *[FIND] * 4]  # two hosts take turns
    assert "SUCCESS" not in carry_out(sandbox, attack)
    assert "SUCCESS" not in carry_out_without({Defence.leftovers}, attack)
    assert "SUCCESS" not in carry_out_without({Defence.private_tmp}, attack)
    assert "SUCCESS" in carry_out_without({Defence.private_tmp, Defence.leftovers}, attack)


@pytest.mark.sandbox
@pytest.mark.thorough
def test_an_ipc_namespace_and_the_list_of_calls_each_stop_shared_memory() -> None:
    attack = [SHARE, FIND_SHARED]
    assert "SUCCESS" not in carry_out_without({Defence.ipc}, attack)
    assert "SUCCESS" not in carry_out_without({Defence.seccomp}, attack)
    assert "SUCCESS" in carry_out_without({Defence.ipc, Defence.seccomp}, attack)


@pytest.mark.sandbox
@pytest.mark.thorough
def test_a_keyring_of_its_own_and_the_list_of_calls_each_stop_a_key_from_passing() -> None:
    kernel.leave_keyring()  # whoever has logged in has one; a sandbox inherits it
    attack = [KEEP, FIND_KEPT]
    assert "SUCCESS" not in carry_out_without({Defence.keyring}, attack, KEYRINGS)
    assert "SUCCESS" not in carry_out_without({Defence.seccomp}, attack, KEYRINGS)
    assert "SUCCESS" in carry_out_without({Defence.keyring, Defence.seccomp}, attack, KEYRINGS)


@pytest.mark.sandbox
@pytest.mark.parametrize("attack", [RAISE, pytest.param(DUMP, marks=DUMPS_ARE_FILES)], ids=["the limit", "a file"])
def test_a_crash_leaves_no_core(attack: str, sandbox: Sandbox) -> None:
    if resource.getrlimit(resource.RLIMIT_CORE)[1] != resource.RLIM_INFINITY:
        pytest.skip("whoever started this process has put up the wall for it")
    assert "SUCCESS" not in carry_out(sandbox, [attack])
    assert "SUCCESS" in carry_out_without({Defence.cores}, [attack])


def test_a_grader_that_compares_in_the_students_process_is_fooled() -> None:
    """Why the comparison is outside: the same file earns nothing from the real judge (see test_submissions)."""
    naive = "import runpy, sys, torch; double = runpy.run_path(sys.argv[1])['double']; x = torch.ones(3)\n"
    naive += "print('SUCCESS' if torch.allclose(double(x), 2 * x) else 'wrong')"
    path = HERE / "submissions" / "patches_comparisons.py"
    done = subprocess.run([sys.executable, "-c", naive, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "SUCCESS"
