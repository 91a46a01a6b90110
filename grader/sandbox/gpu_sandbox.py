"""Any sandbox with a GPU in it: the device's memory is watched from outside by NVML, whatever the backend."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from grader.sandbox.base import Box, BoxEnded, Ending, GraderFailure, Isolation, Limits, Listener, Sandbox
from grader.sandbox.gpu import Device, Nvml

SAMPLE_S = 0.05
ON_THE_GPU = "GPU memory"  # the detail of an ending: which memory it was


class DeviceLimits(Limits):
    """What crosses into the box beside the limits: the one device that CUDA may see there."""

    device: str


class Killable(Box, Protocol):
    def kill(self, ending: Ending | None = None) -> None: ...


class GpuSandbox:
    """Opens the boxes of another sandbox, with one device in them. One tenant at a time is the caller's promise."""

    def __init__(self, inner: Sandbox, device: Device, nvml: Nvml) -> None:
        self.name, self.isolation, self.device = inner.name, Isolation(inner.isolation), device
        self._inner, self._nvml = inner, nvml

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Box]:
        inside = DeviceLimits(**limits.model_dump(), device=self.device.uuid)
        with self._inner.open(inside) as box, Meter(self._nvml, self.device, limits.gpu_memory_bytes, box) as meter:
            yield GpuBox(box, meter)

    def warm(self) -> None:
        self._inner.warm()

    def close(self) -> None:
        self._inner.close()


class Meter:
    """Looks at the device while one box is open; what CUDA took to start, before the first look, does not count."""

    def __init__(self, nvml: Nvml, device: Device, limit_bytes: int | None, box: Killable) -> None:
        self.peak_bytes = 0
        self.is_exceeded = False
        self.failure: GraderFailure | None = None
        self._nvml, self._device, self._limit_bytes, self._box = nvml, device, limit_bytes, box
        self._started_at = nvml.use(device).used_bytes
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"memory of {device.uuid}", daemon=True)

    def __enter__(self) -> "Meter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def look(self) -> None:
        """One sample; a box that holds more than its limit is killed."""
        self.peak_bytes = max(self.peak_bytes, self._nvml.use(self._device).used_bytes - self._started_at)
        if self._limit_bytes is not None and self.peak_bytes > self._limit_bytes and not self.is_exceeded:
            self.is_exceeded = True
            self._box.kill(Ending.out_of_memory)

    def _watch(self) -> None:
        try:
            while not self._ended.wait(SAMPLE_S):
                self.look()
        except GraderFailure as failure:  # a device that does not answer: the next request says so
            self.failure = failure
            self._box.kill()


class GpuBox:
    """A box whose end may have come from the device."""

    def __init__(self, box: Box, meter: Meter) -> None:
        self._box, self._meter = box, meter

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        """See grader.sandbox.base.Box."""
        try:
            reply = self._box.request(op, payload, seconds=seconds)
        except BoxEnded as ended:
            self._explain(ended)
            raise
        self._meter.look()  # a short call is over before the next sample
        self._explain(None)
        return reply

    def _explain(self, ended: BoxEnded | None) -> None:
        """Raise what is behind an end: the device failed, or the box held too much of its memory."""
        if self._meter.failure is not None:
            raise self._meter.failure from ended
        if self._meter.is_exceeded:
            raise BoxEnded(Ending.out_of_memory, ON_THE_GPU) from ended

    @property
    def listener(self) -> Listener:
        return self._box.listener

    @listener.setter
    def listener(self, listener: Listener) -> None:
        self._box.listener = listener

    def output(self) -> str:
        return self._box.output()

    @property
    def student_seconds(self) -> float:
        return self._box.student_seconds

    @property
    def gpu_peak_bytes(self) -> int:
        return self._meter.peak_bytes
