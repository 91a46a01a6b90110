"""A device's memory is measured and limited from outside, whatever sandbox the box is in."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from grader.sandbox.base import BoxEnded, Ending, GraderFailure, Isolation, Limits, Note, Points
from grader.sandbox.fake_gpu import GIB, FakeNvml, fake_device
from grader.sandbox.gpu_sandbox import ON_THE_GPU, DeviceLimits, GpuSandbox

DEVICE = fake_device()
CONTEXT = 400 << 20  # what CUDA takes when it starts in the box
LIMITS = Limits(gpu_memory_bytes=GIB)


class Student:
    """A box whose requests use the device: what it answers is done by the function it is given."""

    student_seconds = 1.5

    def __init__(self, limits: Limits) -> None:
        self.limits, self.is_killed, self.killed_for = limits, False, None

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        payload["run"](self)
        if self.is_killed:
            raise BoxEnded(Ending.crashed, "its process disappeared")
        return {"value": 1}

    def output(self) -> str:
        return "printed"

    def kill(self, ending: Ending | None = None) -> None:
        self.is_killed, self.killed_for = True, ending


class Inner:
    name, isolation = "inner", Isolation.fresh

    def __init__(self, nvml: FakeNvml) -> None:
        self.nvml, self.boxes, self.calls = nvml, [], []

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Student]:
        self.nvml.used_bytes[DEVICE.uuid] += CONTEXT
        self.boxes.append(Student(limits))
        yield self.boxes[-1]
        self.nvml.used_bytes[DEVICE.uuid] = 0

    def warm(self) -> None:
        self.calls.append("warm")

    def close(self) -> None:
        self.calls.append("close")


@pytest.fixture
def nvml() -> FakeNvml:
    return FakeNvml(DEVICE)


@pytest.fixture
def inner(nvml: FakeNvml) -> Inner:
    return Inner(nvml)


@pytest.fixture
def sandbox(inner: Inner, nvml: FakeNvml) -> GpuSandbox:
    return GpuSandbox(inner, DEVICE, nvml)


@pytest.fixture
def take(nvml: FakeNvml) -> Callable[..., Callable[[Student], None]]:
    """A call that holds so much of the device and gives up after so long unless it is killed."""

    def take(count: int, *, seconds: float = 0.0) -> Callable[[Student], None]:
        def run(student: Student) -> None:
            nvml.used_bytes[DEVICE.uuid] = CONTEXT + count
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and not student.is_killed:
                time.sleep(0.005)

        return run

    return take


def test_the_box_is_told_its_device_and_keeps_its_limits(sandbox: GpuSandbox, inner: Inner) -> None:
    with sandbox.open(LIMITS):
        inside = inner.boxes[0].limits
    assert inside == DeviceLimits(**LIMITS.model_dump(), device=DEVICE.uuid)
    assert (sandbox.name, sandbox.isolation, sandbox.device) == ("inner", Isolation.fresh, DEVICE)


def test_the_most_memory_is_remembered_without_what_cuda_itself_takes(sandbox: GpuSandbox, take: Callable) -> None:
    with sandbox.open(LIMITS) as box:
        box.request("call", {"run": take(GIB // 2)}, seconds=1)
        box.request("call", {"run": take(GIB // 8)}, seconds=1)
        assert box.gpu_peak_bytes == GIB // 2
        assert (box.output(), box.student_seconds) == ("printed", 1.5)


def test_holding_more_than_the_limit_ends_the_box_at_once(sandbox: GpuSandbox, inner: Inner, take: Callable) -> None:
    started = time.monotonic()
    with sandbox.open(LIMITS) as box:
        with pytest.raises(BoxEnded) as ended:
            box.request("call", {"run": take(GIB + 1, seconds=10)}, seconds=20)
        assert (ended.value.ending, ended.value.detail) == (Ending.out_of_memory, ON_THE_GPU)
        assert inner.boxes[0].killed_for is Ending.out_of_memory  # so that its sandbox is not used again
    assert time.monotonic() - started < 3


def test_a_call_too_short_for_a_sample_is_measured_as_well(sandbox: GpuSandbox, inner: Inner, take: Callable) -> None:
    with sandbox.open(LIMITS) as box:
        with pytest.raises(BoxEnded) as ended:
            box.request("call", {"run": take(GIB + 1)}, seconds=1)
        assert (ended.value.ending, inner.boxes[0].is_killed) == (Ending.out_of_memory, True)


def test_without_a_limit_the_whole_device_may_be_used(sandbox: GpuSandbox, take: Callable) -> None:
    with sandbox.open(Limits()) as box:
        assert box.request("call", {"run": take(15 * GIB)}, seconds=1) == {"value": 1}


def test_an_end_that_has_nothing_to_do_with_the_device_stays_what_it_is(sandbox: GpuSandbox) -> None:
    with sandbox.open(LIMITS) as box:
        with pytest.raises(BoxEnded) as ended:
            box.request("call", {"run": Student.kill}, seconds=1)
        assert ended.value.ending is Ending.crashed


def test_a_device_that_disappears_is_our_failure_and_never_the_students(sandbox: GpuSandbox, nvml: FakeNvml) -> None:
    def disappear(student: Student) -> None:
        nvml.lost.add(DEVICE.uuid)
        deadline = time.monotonic() + 10
        while not student.is_killed and time.monotonic() < deadline:
            time.sleep(0.005)

    with sandbox.open(LIMITS) as box, pytest.raises(GraderFailure, match="does not answer"):
        box.request("call", {"run": disappear}, seconds=20)


def test_warming_and_closing_are_those_of_the_sandbox_inside(sandbox: GpuSandbox, inner: Inner) -> None:
    sandbox.warm()
    sandbox.close()
    assert inner.calls == ["warm", "close"]


def test_who_listens_to_a_box_with_a_gpu_hears_the_box_inside(sandbox: GpuSandbox, inner: Inner) -> None:
    heard: list[Note] = []
    with sandbox.open(LIMITS) as box:
        box.listener = heard.append
        note = {"loss": Points([1], [0.5])}
        box.request("call", {"run": lambda student: student.listener(note)}, seconds=1)
        assert heard == [note] and box.listener == inner.boxes[0].listener
