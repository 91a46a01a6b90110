"""A process is told from every other, also from one that got its number."""

import os
import signal
import subprocess
import sys
import time

from grader.sandbox import owner


def test_this_process_is_not_gone() -> None:
    assert not owner.is_gone(owner.this_process())


def test_a_process_that_ended_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    name = f"{owner.machine()}:{child.pid}:{owner.started(child.pid)}"
    assert not owner.is_gone(name)
    child.communicate()
    assert owner.is_gone(name)


def test_a_killed_process_is_gone_before_its_parent_has_noticed() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    name = f"{owner.machine()}:{child.pid}:{owner.started(child.pid)}"
    os.kill(child.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while not owner.is_gone(name) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert owner.is_gone(name)
    child.wait()


def test_another_process_with_the_same_number_is_someone_else() -> None:
    place, number, start = owner.this_process().rsplit(":", 2)
    assert owner.is_gone(f"{place}:{number}:{int(start) - 1}")


def test_of_another_machine_or_another_boot_nothing_is_known() -> None:
    _, number, start = owner.this_process().rsplit(":", 2)
    assert not owner.is_gone(f"00000000-0000-0000-0000-000000000000/1:{number}:{int(start) - 1}")


def test_what_is_no_owner_is_left_alone() -> None:
    assert not any(owner.is_gone(text) for text in ("", "x", ":", f"{owner.machine()}:x:1", "::::"))


def test_a_fork_is_a_process_of_its_own() -> None:
    reading, writing = os.pipe()
    parent = owner.this_process()
    if (child := os.fork()) == 0:
        os.write(writing, owner.this_process().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 200).decode().split(":")[1] == str(child)
    assert owner.this_process() == parent
    os.close(reading)
    os.close(writing)
