"""One submission after the other on the same device: nothing of the first reaches the second, and nothing stays."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from grader.protocol import Report
from grader.sandbox import open_sandbox
from grader.sandbox.gpu import Device, Nvidia
from grader.sandbox.selftest import try_device
from tests.attacks.corpus import Attack, attack_named, attacks
from tests.attacks.trial import Trial

pytestmark = pytest.mark.gpu

CORRECT = attack_named("control_correct")
ONE_OF_EACH = list({attack.file: attack for attack in attacks()}.values())  # CUDA makes each box slow; variants differ little
# CUDA starts in each box, so times are others than on the CPU; its threads may choose where they run (docs/decisions/0008);
# and the nodes of the device are there because the submission may use it.
OTHERWISE = ("it took", "the verdict was", "FOUND other processors", "FOUND the device nvidia")
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
    return sum(int(torch.count_nonzero(part == 0x5A5A5A5A5A5A5A5A)) for part in found.split(1 << 27))
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
DRAW = """
import torch
from torch import nn

def draw():
    generator = torch.Generator().manual_seed(7)
    torch.manual_seed(9)
    layer, grown = nn.Linear(3, 4), torch.ones(2, 3)
    shuffled = [int(item) for item in torch.utils.data.DataLoader(list(range(9)), shuffle=True)]
    filled = torch.empty(3).normal_(generator=generator)
    made = torch.randn(2, 3, generator=generator) + torch.rand_like(grown) + torch.arange(3)
    return [layer.weight.detach(), filled, made, torch.tensor(shuffled), torch.randperm(6), torch.bernoulli(grown / 2)]
"""
PROGRAM = """
import subprocess, sys
import torch

HOLD = '''
import sys, time
sys.path += sys.argv[1:]
import torch
kept = torch.ones(1 << 28, device="cuda")
print("held", flush=True)
time.sleep(60)
'''

def start():
    program = subprocess.Popen([sys.executable, "-I", "-c", HOLD, *sys.path], stdout=subprocess.PIPE)
    return program.stdout.readline().decode().strip()
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


def test_a_program_that_it_started_on_the_device_counts_and_is_gone_with_its_box(
    student: Callable[..., Any], clean: Callable[[], str | None]
) -> None:
    with student(PROGRAM) as running:
        assert running.value("start") == "held"
        assert running.box.gpu_peak_bytes >= 1 << 30
    assert clean() is None


def test_numbers_drawn_by_a_seed_are_those_of_a_machine_without_a_gpu(student: Callable[..., Any]) -> None:
    namespace: dict[str, Any] = {}
    exec(DRAW, namespace)
    with student(DRAW) as running:
        for drawn, expected in zip(running.value("draw"), namespace["draw"](), strict=True):
            assert torch.equal(drawn, expected)


def test_an_honest_submission_earns_everything_on_the_device(grade: Callable[[bytes], Report]) -> None:
    report = grade(CORRECT.source)
    assert (report.score, report.environment.device) == (report.max_score, "cuda")
    assert report.environment.gpu_memory_bytes is not None


@pytest.mark.parametrize("attack", ONE_OF_EACH, ids=lambda attack: attack.name)
def test_an_attack_gets_the_score_it_states_harms_nobody_and_leaves_the_device_idle(
    attack: Attack, trials: Callable[[], Trial], clean: Callable[[], str | None]
) -> None:
    found = [line for each in trials().surprises(attack) for line in each.splitlines()]
    assert [each for each in found if not each.startswith(OTHERWISE)] == []
    assert clean() is None
