"""Which programs make up a platform on one machine."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox import pool
from grader.sandbox.fake_gpu import FakeNvml, fake_device
from server import broker
from server.cli import platform
from server.cli.exits import Problem
from server.cli.platform import list_programs
from server.cli.supervisor import Program, Supervisor
from server.settings import Settings


@pytest.mark.parametrize(
    ("nvml", "devices", "takes_gpu_jobs"),
    [(FakeNvml(fake_device()), "auto", True), (FakeNvml(fake_device()), "", False), (FakeNvml(), "auto", False)],
)
def test_the_worker_takes_jobs_for_a_gpu_only_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, nvml: FakeNvml, devices: str, takes_gpu_jobs: bool
) -> None:
    monkeypatch.setattr("grader.sandbox.gpu.Nvidia", lambda: nvml)
    with socket.socket() as door:
        programs = list_programs(Settings(data=tmp_path, devices=devices), door=door, workers=1)
    worker = next(program.command for program in programs if program.name == "worker")
    assert ("maintenance,outside,cpu,gpu" in worker) == takes_gpu_jobs


@pytest.mark.parametrize(("nvml", "queues"), [(FakeNvml(), "exam"), (FakeNvml(fake_device()), "exam,exam_gpu")])
def test_processes_for_exams_alone_are_a_worker_of_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, nvml: FakeNvml, queues: str
) -> None:
    monkeypatch.setattr("grader.sandbox.gpu.Nvidia", lambda: nvml)
    with socket.socket() as door:
        usual = list_programs(Settings(data=tmp_path), door=door, workers=1)
        reserved = list_programs(Settings(data=tmp_path, exam_workers=2), door=door, workers=1)
    assert [program.name for program in usual] == ["web", "worker", "beat"]
    assert [program.name for program in reserved] == ["web", "worker", "beat", "exams"]
    assert reserved[-1].command[-6:] == ["--hostname", "exams@%h", "--concurrency", "2", "--queues", queues]


@pytest.mark.parametrize("processes", [1, 3])
def test_web_is_told_how_many_of_it_answer(tmp_path: Path, processes: int) -> None:
    with socket.socket() as door:
        web = list_programs(Settings(data=tmp_path, web_processes=processes), door=door, workers=1)[0]
    assert web.command[-3:] == ["server.cli.web_process", str(door_number(web)), str(processes)]


def door_number(web: Program) -> int:
    (descriptor,) = web.descriptors
    return descriptor


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """Programs that run and do nothing."""
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    names = ("web", "worker", "beat")
    supervisor = Supervisor([Program(name, sleep, environment=dict(os.environ), log=tmp_path / name) for name in names])
    supervisor.start()
    yield supervisor
    supervisor.stop()


@pytest.mark.parametrize("slow", ["web", "worker"])
def test_who_is_waited_for_in_vain_is_named(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, slow: str) -> None:
    monkeypatch.setattr(broker, "START_S", -platform.IMPORT_S)
    with pytest.raises(Problem, match=f"{slow} is still starting") as told:
        platform.wait_until(lambda: False, what="Not ready", whom=slow, supervisor=supervisor)
    assert str(supervisor.named(slow).log) in told.value.why


def test_who_is_dead_is_named_before_who_is_waited_for(supervisor: Supervisor) -> None:
    supervisor.named("beat").process.kill()
    supervisor.named("beat").process.wait()
    with pytest.raises(Problem, match="beat ended with exit status -9"):
        platform.wait_until(lambda: False, what="Not ready", whom="worker", supervisor=supervisor)


def test_a_start_is_waited_for_as_long_as_a_sandbox_may_take() -> None:
    assert broker.START_S > pool.READY_S
    assert broker.celery.conf.worker_proc_alive_timeout == broker.START_S
