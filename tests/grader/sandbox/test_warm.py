"""What every kind of sandbox promises. What attacks do is in tests/attacks."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import torch

from grader.sandbox.base import Box, BoxEnded, Ending, Isolation, Limits, Sandbox
from tests.grader.sandbox.conftest import call, load, opener

SOURCE = b"""
import os, time
import torch

def double(x):
    print("seen")
    return 2 * x

def gradient(x):
    x = x.clone().requires_grad_()
    (x ** 2).sum().backward()
    return x.grad

def sleep(seconds):
    time.sleep(seconds)

def spin(_):
    while True:
        pass

def speak(count):
    print("x" * count, flush=True)

def take(count):
    return len(b"x" * count)

def grow_together(count):
    for _ in range(4):
        if os.fork() == 0:
            held = bytearray(os.urandom(1 << 20)) * (count >> 20)
            time.sleep(60)
    time.sleep(60)

def fill(count):
    with open("/tmp/big", "wb") as file:
        file.write(bytes(count))

def fork(count):
    for _ in range(count):
        if os.fork() == 0:
            time.sleep(60)
    time.sleep(60)

def die(_):
    os.kill(os.getpid(), 11)

def leave(_):
    os._exit(3)

def hang_up(_):
    os.close(3)
    time.sleep(60)

def big(count):
    return torch.zeros(count, dtype=torch.uint8)

def workers():
    from torch.utils.data import DataLoader
    return sum(float(batch.sum()) for batch in DataLoader(torch.ones(8, 2), batch_size=2, num_workers=2))

def core_bytes():
    import resource
    return list(resource.getrlimit(resource.RLIMIT_CORE))

def status():
    return open("/proc/self/status").read()

def user():
    return os.getuid()

def listed(folder):
    return sorted(name for name in os.listdir(folder) if not name.startswith("torchinductor"))  # torch's own, empty

def leave_things():
    if os.fork() == 0:
        os.setpgid(0, 0)
        time.sleep(600)
    for folder in ("/tmp", "/dev/shm"):
        os.makedirs(folder + "/deep/er")
        open(folder + "/deep/er/word", "w").write("SECRET")
        os.symlink("/etc", folder + "/link")
        os.mkfifo(folder + "/fifo")
        os.chmod(folder + "/deep/er", 0)
        os.chmod(folder + "/deep", 0)
    return listed("/tmp")

def look():
    processes = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    own = [number for number in processes if os.stat(f"/proc/{number}").st_uid == os.getuid()]
    return listed("/tmp") + listed("/dev/shm") + [number for number in own if number not in (1, os.getpid())]

def name_things(word):
    import ctypes
    global names
    names = [f"{word}@{number:0200d}" for number in range(300)]
    for name in names:
        open(f"/tmp/{name}", "w").close()
        os.mkdir(f"/dev/shm/{name}")
    ctypes.CDLL(None).prctl(15, f"{word}@".encode(), 0, 0, 0)
    time.sleep(0.3)

def search(word):
    found = 0
    for line in open("/proc/self/maps"):
        place, rights = line.split()[:2]
        if "rw" not in rights:
            continue
        first, last = (int(number, 16) for number in place.split("-"))
        try:
            with open("/proc/self/mem", "rb", 0) as memory:
                memory.seek(first)
                found += memory.read(last - first).count(word.encode() + b"@")
        except (OSError, OverflowError):
            pass
    return found
"""


def rounds(sandbox: Sandbox, turns: int) -> int:
    """How often to look: two hosts take turns where they serve on; a single-use one has no other turn."""
    return turns if sandbox.isolation == Isolation.fork else 1


@pytest.fixture
def opened(any_sandbox: Sandbox) -> Iterator[Callable[..., Box]]:
    yield from opener(any_sandbox, SOURCE)


def test_a_box_answers_and_keeps_what_was_printed(opened: Callable[..., Box]) -> None:
    box = opened()
    assert torch.equal(call(box, "double", torch.ones(3))["value"], torch.full((3,), 2.0))
    assert box.output() == "seen\n" and box.student_seconds > 0


def test_backward_works_in_a_forked_child(opened: Callable[..., Box]) -> None:
    payload = {"target": "gradient", "args": [torch.ones(2)], "grad": True}
    assert torch.equal(opened().request("call", payload, seconds=10)["value"], torch.full((2,), 2.0))


def test_a_large_tensor_goes_both_ways(opened: Callable[..., Box]) -> None:
    x = torch.randn(1 << 20)
    assert torch.equal(call(opened(), "double", x)["value"], 2 * x)


def test_a_data_loader_with_workers_runs(opened: Callable[..., Box]) -> None:
    assert call(opened(), "workers", seconds=30)["value"] == 16.0


@pytest.mark.parametrize(
    ("name", "argument", "limits", "ending"),
    [
        ("sleep", 60, {}, Ending.timed_out),
        ("spin", 0, {}, Ending.timed_out),
        ("speak", 5000, {"output_bytes": 1000}, Ending.too_much_output),
        ("speak", 5_000_000, {}, Ending.too_much_output),
        ("big", 5000, {"reply_bytes": 4000}, Ending.protocol_error),
        ("hang_up", 0, {}, Ending.protocol_error),
        ("grow_together", 100 << 20, {"memory_bytes": 256 << 20}, Ending.out_of_memory),
        ("fork", 12, {"processes": 8}, Ending.too_many_processes),
        ("die", 0, {}, Ending.crashed),
        ("leave", 0, {}, Ending.exited),
    ],
)
def test_a_limit_ends_the_box_with_its_word(
    name: str, argument: int, limits: dict, ending: Ending, opened: Callable[..., Box]
) -> None:
    box, started = opened(**limits), time.monotonic()
    seconds = 0.5 if ending is Ending.timed_out else 5
    with pytest.raises(BoxEnded) as ended:
        call(box, name, argument, seconds=seconds)
        call(box, "sleep", 0, seconds=seconds)
    assert ended.value.ending == ending, ended.value
    assert time.monotonic() - started < seconds + 2
    assert len(box.output()) <= limits.get("output_bytes", 1 << 20)
    with pytest.raises(BoxEnded):
        call(box, "double", torch.ones(1))


def test_a_signal_and_an_exit_code_are_told(opened: Callable[..., Box]) -> None:
    for name, detail in (("die", "SIGSEGV"), ("leave", "exit code 3")):
        with pytest.raises(BoxEnded) as ended:
            call(opened(), name, 0)
        assert ended.value.detail == detail


def test_memory_beyond_the_limit_is_refused_as_such(opened: Callable[..., Box]) -> None:
    box = opened(memory_bytes=64 << 20)
    assert call(box, "take", 16 << 20)["value"] == 16 << 20
    assert call(box, "take", 128 << 20)["error"]["kind"] == "memory"


def test_a_student_has_no_capability_and_cannot_get_one(opened: Callable[..., Box]) -> None:
    status = dict(line.split(":\t", 1) for line in call(opened(), "status")["value"].splitlines())
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


def test_no_core_is_dumped_not_even_to_a_program_of_the_hosts(opened: Callable[..., Box]) -> None:
    """The kernel pipes a dump to a handler whatever the limit, 0 included, but for this one number."""
    assert call(opened(), "core_bytes")["value"] == [1, 1]


def test_files_and_processes_of_a_submission_are_gone_for_the_next(any_sandbox: Sandbox) -> None:
    for _ in range(rounds(any_sandbox, 2)):
        with any_sandbox.open(Limits()) as box:
            load(box, SOURCE)
            assert call(box, "leave_things")["value"] == ["deep", "fifo", "link"]
            assert len(call(box, "look")["value"]) >= 7
    any_sandbox.warm()
    for _ in range(rounds(any_sandbox, 3)):
        with any_sandbox.open(Limits()) as box:
            load(box, SOURCE)
            assert call(box, "look")["value"] == []


def test_the_memory_of_a_submission_holds_nothing_of_the_one_before(any_sandbox: Sandbox) -> None:
    word = "this-passed-through"
    with any_sandbox.open(Limits()) as box:
        load(box, SOURCE)
        assert call(box, "double", (word + "@") * 3000)["value"]
        assert call(box, "search", word)["value"] > 0
    any_sandbox.warm()
    for _ in range(rounds(any_sandbox, 3)):
        with any_sandbox.open(Limits()) as box:
            load(box, SOURCE)
            assert call(box, "search", word)["value"] == 0


def test_the_memory_of_a_submission_holds_no_name_that_one_before_gave(any_sandbox: Sandbox) -> None:
    """Names of files and of processes: who cleans up and counts has read them. Two hosts take turns; a child waits in each."""
    word = "named-thus"
    with any_sandbox.open(Limits()) as box:
        load(box, SOURCE)
        assert "error" not in call(box, "name_things", word)
        assert call(box, "search", word)["value"] > 0
    any_sandbox.warm()
    for _ in range(rounds(any_sandbox, 5)):
        with any_sandbox.open(Limits()) as box:
            load(box, SOURCE)
            assert call(box, "search", word)["value"] == 0
        any_sandbox.warm()


def test_a_box_that_is_opened_while_another_one_is_open_is_a_place_of_its_own(opened: Callable[..., Box]) -> None:
    first, second = opened(), opened()
    assert call(first, "leave_things")["value"] == ["deep", "fifo", "link"]
    assert call(second, "look")["value"] == []


@pytest.mark.parametrize("when", ["during a request", "after it"])
def test_what_another_thread_killed_it_for_is_how_it_ended(when: str, any_sandbox: Sandbox) -> None:
    with any_sandbox.open(Limits()) as box:
        load(box, SOURCE)
        if when == "after it":
            box.kill(Ending.out_of_memory)
        else:
            threading.Timer(0.2, box.kill, [Ending.out_of_memory]).start()
        with pytest.raises(BoxEnded, match="out_of_memory"):
            call(box, "sleep", 20)
        assert box.ending is Ending.out_of_memory


def test_a_sandbox_serves_on_after_endless_loops(any_sandbox: Sandbox) -> None:
    for _ in range(rounds(any_sandbox, 3)):
        with any_sandbox.open(Limits()) as box:
            load(box, SOURCE)
            with pytest.raises(BoxEnded, match="timed_out"):
                call(box, "spin", 0, seconds=0.2)
    with any_sandbox.open(Limits()) as box:
        load(box, SOURCE)
        assert float(call(box, "double", torch.ones(()))["value"]) == 2.0
