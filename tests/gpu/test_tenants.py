"""One submission after the other on the same device: nothing of the first reaches the second, and nothing stays."""

from collections.abc import Callable
from typing import Any

import pytest

from grader.protocol import Report
from grader.sandbox import open_sandbox
from grader.sandbox.gpu import Device, Nvidia
from grader.sandbox.selftest import try_device
from tests.attacks.corpus import Attack, attack_named, attacks
from tests.attacks.trial import Trial

pytestmark = pytest.mark.gpu

CORRECT = attack_named("control_correct")
ONE_OF_EACH = list({attack.file: attack for attack in attacks()}.values())  # CUDA makes each box slow; variants differ little
FILL = """
import torch

def fill():
    free, _ = torch.cuda.mem_get_info()
    kept = torch.full((int(free * 0.8) // 8,), 0x5A5A5A5A5A5A5A5A, dtype=torch.int64, device="cuda")
    return kept.numel()
"""
SCAN = """
import torch

def scan():
    free, _ = torch.cuda.mem_get_info()
    found = torch.empty(int(free * 0.8) // 8, dtype=torch.int64, device="cuda")
    return int((found == 0x5A5A5A5A5A5A5A5A).sum())
"""
STAY = """
import os, time
import torch

def stay():
    if os.fork() == 0:
        os.setpgid(0, 0)
        if os.fork() == 0:
            time.sleep(60)
        os._exit(0)
    kept = torch.ones(1 << 28, device="cuda")
    os.kill(os.getpid(), 19)  # stopped, with a gibibyte in its hands
"""


def test_the_self_test_passes(device: Device, nvml: Nvidia, idle_bytes: int, backend: str) -> None:
    open_box = lambda chosen: open_sandbox(backend, "fork", device=chosen)  # noqa: E731
    assert try_device(device, nvml, open_box, idle_bytes=idle_bytes) is None


def test_a_second_submission_finds_nothing_of_the_first(
    student: Callable[..., Any], clean: Callable[[], str | None], device: Device
) -> None:
    with student(FILL) as first:
        assert first.value("fill") * 8 > device.memory_bytes // 2
    assert clean() is None
    with student(SCAN) as second:
        assert second.value("scan") == 0


def test_a_process_that_stays_is_gone_with_its_box(student: Callable[..., Any], clean: Callable[[], str | None]) -> None:
    from grader.sandbox.base import BoxEnded

    with student(STAY) as running, pytest.raises(BoxEnded):
        running.call("stay", seconds=3.0)
    assert clean() is None


def test_an_honest_submission_earns_everything_on_the_device(grade: Callable[[bytes], Report]) -> None:
    report = grade(CORRECT.source)
    assert (report.score, report.environment.device) == (report.max_score, "cuda")
    assert report.environment.gpu_memory_bytes is not None


@pytest.mark.parametrize("attack", ONE_OF_EACH, ids=lambda attack: attack.name)
def test_an_attack_gets_the_score_it_states_harms_nobody_and_leaves_the_device_idle(
    attack: Attack, trials: Callable[[], Trial], clean: Callable[[], str | None]
) -> None:
    """CUDA starts in every box, so times are others than on the CPU, and with them which limit is met first."""
    found = trials().surprises(attack)
    assert [each for each in found if not each.startswith(("it took", "the verdict was"))] == []
    assert clean() is None
