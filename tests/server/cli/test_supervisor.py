import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.cli.supervisor import Program, Supervisor

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"


def program(name: str, code: str, folder: Path) -> Program:
    return Program(name, [sys.executable, "-c", code], environment=dict(os.environ), log=folder / f"{name}.log")


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not condition():
        time.sleep(0.02)
    return condition()


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervisor]]:
    started: list[Supervisor] = []

    def start(**codes: str) -> Supervisor:
        supervisor = Supervisor([program(name, code, tmp_path) for name, code in codes.items()])
        started.append(supervisor)
        supervisor.start()
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()


def test_a_program_that_is_killed_comes_back(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(worker=SLEEP)
    supervisor.restart_the_dead()
    worker = supervisor.programs[0]
    first = worker.process.pid
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: worker.restarts == 1 and worker.is_running)
    assert worker.process.pid != first


def test_the_pause_before_a_restart_doubles(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(worker="raise SystemExit(1)")
    worker = supervisor.programs[0]
    pause = worker.pause_s
    supervisor.restart_the_dead()
    assert wait_until(lambda: worker.restarts >= 1)
    assert worker.pause_s >= 2 * pause


def test_a_death_before_readiness_can_be_explained_from_the_log(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(web="print('address already in use'); raise SystemExit(3)")
    assert wait_until(lambda: supervisor.first_dead() is not None)
    assert supervisor.first_dead().exit_status() == 3
    assert "address already in use" in supervisor.first_dead().tail()


def test_stop_ends_even_a_program_that_ignores_it(supervise: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.cli.supervisor.GRACE_S", 0.3)
    supervisor = supervise(polite=SLEEP, stubborn=STUBBORN)
    assert wait_until(lambda: "ready" in supervisor.programs[1].tail())
    supervisor.stop()
    assert [item.exit_status() for item in supervisor.programs] == [-signal.SIGTERM, -signal.SIGKILL]


STARTS_ONE_AND_IS_KILLED = """
import os, sys, pathlib
from server.cli.supervisor import Program

child = Program("x", [sys.executable, "-c", sys.argv[1]], environment=dict(os.environ), log=pathlib.Path(sys.argv[2]))
child.start()
print(child.process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_programs_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTS_ONE_AND_IS_KILLED, SLEEP, str(tmp_path / "x.log")]
    child = int(subprocess.run(command, capture_output=True, text=True).stdout)
    assert wait_until(lambda: not is_alive(child))


def is_alive(pid: int) -> bool:
    """A zombie that nobody has collected counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
