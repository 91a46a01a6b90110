"""Two submissions in a row in one warm sandbox: the second finds nothing of the first, whatever the first tried to leave."""

from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import pytest

from grader.sandbox.base import Box, Limits, Sandbox

WORD = "left-by-the-first"
LEAVE = b"""
import builtins, ctypes, os, socket, sys, threading, time
import torch

WORD = "left-by-the-first"
LIBC = ctypes.CDLL(None, use_errno=True)
tried = []


def attempt(action):
    try:
        action()
        tried.append(action.__name__)
    except OSError:
        pass


def files():
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/dev", ".", "/site", "/"):
        try:
            with open(os.path.join(folder, WORD), "w") as file:
                file.write(WORD)
        except OSError:
            pass


def modules():
    torch.word = builtins.word = sys.word = WORD
    torch.nn.functional.relu.__doc__ = WORD
    os.environ["WORD"] = WORD


def name():
    LIBC.prctl(15, WORD[:15].encode(), 0, 0, 0)
    socket.sethostname(WORD)


def abstract_socket():
    global listener
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\\0" + WORD)
    listener.listen()


def shared_memory():
    number = LIBC.shmget(4242, 4096, 0o1666)
    if number < 0:
        raise OSError


def message_queue():
    if LIBC.msgget(4242, 0o1666) < 0:
        raise OSError


def keyring():
    for ring in (-1, -2, -3, -4, -5):
        LIBC.syscall(248, b"user", WORD.encode(), b"data", 4, ring)


def daemon():
    if os.fork() == 0:
        os.setpgid(0, 0)
        if os.fork() == 0:
            time.sleep(3600)
        os._exit(0)


def work():
    for action in (files, modules, name, abstract_socket, shared_memory, message_queue, keyring, daemon):
        attempt(action)
    return tried
"""
LOOK = b"""
import builtins, ctypes, glob, os, socket, sys
import torch

WORD = "left-by-the-first"
LIBC = ctypes.CDLL(None, use_errno=True)


def files_found():
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/dev", ".", "/site", "/"):
        if WORD in (os.listdir(folder) if os.path.isdir(folder) else ()):
            yield folder


def modules_found():
    for owner in (torch, builtins, sys):
        if hasattr(owner, "word"):
            yield owner.__name__
    if WORD in (torch.nn.functional.relu.__doc__ or "") or "WORD" in os.environ:
        yield "torch or environment"
    yield from (name for name in sys.modules if name == "helper")


def processes_found():
    numbers = sorted(int(path.rsplit("/", 1)[1]) for path in glob.glob("/proc/[0-9]*"))
    if len(numbers) > 2:
        yield numbers
    for path in glob.glob("/proc/[0-9]*/comm"):
        if WORD[:10] in open(path).read():
            yield path
    if socket.gethostname() == WORD:
        yield "hostname"


def channels_found():
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect("\\0" + WORD)
            yield "abstract socket"
        except OSError:
            pass
    if WORD in open("/proc/net/unix").read():
        yield "/proc/net/unix"
    if LIBC.shmget(4242, 4096, 0) >= 0 or LIBC.msgget(4242, 0) >= 0:
        yield "System V"
    if len(open("/proc/sysvipc/shm").read().splitlines()) > 1:
        yield "/proc/sysvipc"
    try:
        if WORD in open("/proc/keys").read():
            yield "/proc/keys"
    except OSError:
        pass


def look():
    return [str(found) for search in (files_found, modules_found, processes_found, channels_found) for found in search()]
"""
WRITE_AND_LOOK = b"""
import builtins, glob, time

WORD = "word-%d"


def write_and_look():
    for path in (f"/tmp/{WORD}", f"/dev/shm/{WORD}"):
        open(path, "w").close()
    builtins.words = getattr(builtins, "words", []) + [WORD]
    time.sleep(0.02)
    return sorted(builtins.words + [path.rsplit("/")[-1] for path in glob.glob("/tmp/word-*") + glob.glob("/dev/shm/word-*")])
"""


def ask(box: Box, source: bytes, function: str) -> object:
    """What one function of a submission answers."""
    files = {"solution.py": source, "helper.py": b"x = 1"}
    loaded = box.request("load", {"files": files, "module": "solution"}, seconds=10)
    assert "error" not in loaded, loaded
    reply = box.request("call", {"target": function, "args": [], "kwargs": {}}, seconds=10)
    assert "error" not in reply, reply
    return reply["value"]


def test_nothing_passes_from_one_submission_to_the_next(fork_sandbox: Sandbox) -> None:
    for _ in range(3):
        with fork_sandbox.open(Limits()) as box:
            assert {"files", "modules", "abstract_socket", "daemon"} <= set(ask(box, LEAVE, "work"))
        with fork_sandbox.open(Limits()) as box:
            assert ask(box, LOOK, "look") == []


def test_two_submissions_at_the_same_time_do_not_see_each_other(fork_sandbox: Sandbox) -> None:
    with fork_sandbox.open(Limits()) as first, fork_sandbox.open(Limits()) as second:
        assert "abstract_socket" in ask(first, LEAVE, "work")
        assert ask(second, LOOK, "look") == []


@pytest.mark.thorough
def test_two_hundred_submissions_two_at_a_time_each_find_their_own_word_alone(fork_sandbox: Sandbox) -> None:
    sources = [WRITE_AND_LOOK % number for number in range(200)]
    found = []
    with ThreadPoolExecutor(2) as pool:
        for pair in zip(sources[::2], sources[1::2], strict=True):
            with fork_sandbox.open(Limits()) as first, fork_sandbox.open(Limits()) as second:
                found += pool.map(ask, (first, second), pair, repeat("write_and_look"))
    assert found == [[f"word-{number}"] * 3 for number in range(200)]


def test_the_same_probe_finds_what_its_own_submission_left(fork_sandbox: Sandbox) -> None:
    with fork_sandbox.open(Limits()) as box:
        ask(box, LEAVE + LOOK, "work")
        found = box.request("call", {"target": "look", "args": [], "kwargs": {}}, seconds=10)["value"]
    assert {"/tmp", "/dev/shm", "torch", "abstract socket"} <= set(found)
