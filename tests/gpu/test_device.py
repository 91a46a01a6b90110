"""What a submission finds on its device: one GPU, exact arithmetic, gradients, and limits that hold."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import torch

from grader.sandbox.base import BoxEnded, Ending, Limits
from grader.sandbox.gpu import Device, Nvidia
from grader.sandbox.gpu_sandbox import ON_THE_GPU

pytestmark = pytest.mark.gpu

SOURCE = """
import glob, os
import torch

def look(x):
    return {
        "place": x.device.type, "count": torch.cuda.device_count(), "visible": os.environ["CUDA_VISIBLE_DEVICES"],
        "tf32": torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32,
        "deterministic": torch.backends.cudnn.deterministic, "nodes": sorted(glob.glob("/dev/nvidia[0-9]*")),
        "total": torch.cuda.get_device_properties(0).total_memory,
    }

def product(left, right):
    return left @ right

def change(x):
    x += 1
    return x.sum()

def draw(n):
    return torch.randn(n, device="cuda")

def hold(count):
    kept = torch.ones(count, dtype=torch.uint8, device="cuda")
    return int(kept[-1])

def keep(count):
    globals().setdefault("kept", []).append(torch.ones(count, dtype=torch.uint8, device="cuda"))
    return True

def take_host_memory(count):
    return len(bytearray(count))

def spin():
    torch.cuda._sleep(10**15)
    torch.cuda.synchronize()

def assert_on_the_device(index):
    return torch.ones(4, device="cuda")[index]
"""
GIB = 1 << 30


def test_there_is_one_gpu_and_it_is_the_one_that_was_given(student: Callable[..., Any], device: Device) -> None:
    with student(SOURCE) as running:
        seen = running.value("look", torch.ones(2))
    assert (seen["place"], seen["count"], seen["visible"]) == ("cuda", 1, device.uuid)
    assert (seen["tf32"], seen["deterministic"]) == (False, True)
    assert seen["nodes"] == [f"/dev/nvidia{device.minor}"]
    assert abs(seen["total"] - device.memory_bytes) < device.memory_bytes // 10


def test_products_are_those_of_float32(student: Callable[..., Any]) -> None:
    left, right = torch.randn(2, 512, 512, generator=torch.Generator().manual_seed(1))
    exact = (left.double() @ right.double()).float()
    with student(SOURCE) as running:
        assert torch.allclose(running.value("product", left, right), exact, rtol=1e-5, atol=1e-4)


def test_gradients_and_changed_arguments_come_back_from_the_device(student: Callable[..., Any]) -> None:
    left, right = torch.randn(3, 4), torch.randn(4, 5)
    with student(SOURCE) as running:
        reply = running.call("product", left, right, cotangents=[torch.ones(3, 5)])
        assert torch.allclose(reply["gradients"][0], torch.ones(3, 5) @ right.T, atol=1e-5)
        assert running.call("change", left)["mutated"] == [0]


def test_a_seed_draws_the_same_numbers_twice(student: Callable[..., Any]) -> None:
    with student(SOURCE) as running:
        first, second, other = (running.value("draw", 1000, seed=seed) for seed in (7, 7, 8))
    assert torch.equal(first, second) and not torch.equal(first, other)


def test_more_than_the_device_has_is_out_of_memory_and_the_box_lives_on(student: Callable[..., Any], device: Device) -> None:
    with student(SOURCE) as running:
        assert running.call("hold", 2 * device.memory_bytes)["error"]["kind"] == "memory"
        assert running.value("hold", 1 << 20) == 1


def test_the_limit_is_told_inside_and_holds_outside(student: Callable[..., Any]) -> None:
    """torch refuses what is over the limit; whoever goes around torch is seen by NVML."""
    around = SOURCE + (
        "\ndef around(count):\n    torch.cuda.set_per_process_memory_fraction(1.0)\n"
        "    import time\n    keep(count)\n    time.sleep(30)\n"
    )
    with student(around, Limits(wall_s=120, gpu_memory_bytes=GIB, import_s=60)) as running:
        assert running.call("hold", 2 * GIB)["error"]["kind"] == "memory"
        started = time.monotonic()
        with pytest.raises(BoxEnded) as ended:
            running.call("around", 2 * GIB)
        assert (ended.value.ending, ended.value.detail) == (Ending.out_of_memory, ON_THE_GPU)
        assert time.monotonic() - started < 5


def test_the_peak_is_what_was_held(student: Callable[..., Any]) -> None:
    with student(SOURCE) as running:
        running.value("keep", GIB)
        assert GIB <= running.box.gpu_peak_bytes < GIB + (256 << 20)
        assert running.box.request("memory", {}, seconds=5)["value"] >= GIB


def test_the_limit_on_ordinary_memory_holds_beside_cuda(student: Callable[..., Any]) -> None:
    """CUDA reserves far more addresses than there is memory; only what is really private and writable counts."""
    with student(SOURCE, Limits(memory_bytes=GIB, wall_s=120, import_s=60)) as running:
        assert running.value("take_host_memory", GIB // 4) == GIB // 4
        try:
            assert running.call("take_host_memory", 4 * GIB)["error"]["kind"] == "memory"
        except BoxEnded as ended:
            assert ended.ending is Ending.out_of_memory


def test_an_endless_kernel_ends_with_the_time_and_leaves_the_device_idle(
    student: Callable[..., Any], clean: Callable[[], str | None]
) -> None:
    with student(SOURCE) as running:
        started = time.monotonic()
        with pytest.raises(BoxEnded) as ended:
            running.call("spin", seconds=2.0)
        assert ended.value.ending is Ending.timed_out
        assert time.monotonic() - started < 8
    assert clean() is None


def test_an_error_on_the_device_is_the_students_and_the_device_is_fine(
    student: Callable[..., Any], clean: Callable[[], str | None], device: Device, nvml: Nvidia
) -> None:
    nvml.faults(device)
    with student(SOURCE) as running:
        reply = running.call("assert_on_the_device", torch.tensor([1 << 20]))
        assert "CUDA error" in reply["error"]["message"]
    assert clean() is None
    assert nvml.faults(device) == []
