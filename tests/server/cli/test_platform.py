"""Which programs make up a platform on one machine."""

import socket
from pathlib import Path

import pytest

from grader.sandbox.fake_gpu import FakeNvml, fake_device
from server.cli.platform import list_programs
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
    assert ("maintenance,cpu,gpu" in worker) == takes_gpu_jobs
