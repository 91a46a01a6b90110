"""The GPUs of this machine: which there are, who is on them, what is left on them. NVML is asked, CUDA is never started here."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from grader.sandbox.base import GraderFailure

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

SLACK_BYTES = 32 << 20  # the driver's own use of an idle device goes up and down by a few MiB
MOST_IDLE_BYTES = 1 << 30  # what a driver keeps for itself is less; a device first seen with more is not idle
CLEAN_S = 2.0
LOOK_EVERY_S = 0.05
CAPABILITIES = "/proc/driver/nvidia/capabilities"
# Xid numbers that a program causes (a bad address, a kernel that was killed); every other one speaks of the device itself.
# See docs.nvidia.com/deploy/xid-errors: for these, the advice is to start the application again.
XIDS_OF_PROGRAMS = frozenset({8, 13, 31, 32, 43, 45, 68, 69, 109})


@dataclass(frozen=True)
class Device:
    """One GPU, or one MIG slice of a GPU."""

    uuid: str  # "GPU-…" or "MIG-…"
    index: int  # NVML's number, which GRADUS_DEVICES means
    name: str
    memory_bytes: int
    minor: int = 0  # the N of /dev/nvidiaN, which need not be the index
    capabilities: tuple[int, ...] = ()  # the N of each /dev/nvidia-caps/nvidia-capN that a MIG slice needs


@dataclass(frozen=True)
class Use:
    """What is on a device at one moment."""

    processes: frozenset[int]
    used_bytes: int


class DeviceFault(GraderFailure):
    """The device itself failed: it is nobody's score, and the job runs elsewhere."""


class Nvml(Protocol):
    """The little that we ask of NVIDIA's management library. Raises DeviceFault where a device does not answer."""

    def devices(self) -> list[Device]: ...

    def use(self, device: Device) -> Use: ...

    def faults(self, device: Device) -> list[str]:
        """What the device has complained of since this was asked last; the first time, since then."""
        ...

    def why_none(self) -> str:
        """Why there are no devices, in words; empty if there are some."""
        ...


@dataclass(frozen=True)
class Found:
    """The devices that a worker may use, and in words what is wrong with the list or with NVML."""

    devices: tuple[Device, ...]
    remark: str = ""


def find(wanted: str, nvml: Nvml) -> Found:
    """The devices named by `GRADUS_DEVICES`: "auto", "" for none, or indices and UUIDs with commas between them."""
    if not wanted.strip():
        return Found((), "GRADUS_DEVICES is empty: no GPU is used")
    present = nvml.devices()
    if wanted.strip() == "auto":
        return Found(tuple(present), nvml.why_none())
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    chosen = dict.fromkeys(device for name in names for device in present if name in (str(device.index), device.uuid))
    unknown = [name for name in names if not any(name in (str(device.index), device.uuid) for device in chosen)]
    remark = f"GRADUS_DEVICES names {', '.join(unknown)}, which NVML does not list" if unknown else ""
    return Found(tuple(chosen), "; ".join(filter(None, (remark, nvml.why_none()))))


def first_idle(wanted: str, nvml: Nvml) -> Device | None:
    """For somebody who grades by hand, beside the workers and their locks: a device on which nothing runs right now."""
    return next((device for device in find(wanted, nvml).devices if not nvml.use(device).processes), None)


def idle_for(wish: str) -> Device | None:
    """A GPU of this machine that is idle, where an assignment's `device` would like one."""
    return None if wish == "cpu" else first_idle(os.environ.get("GRADUS_DEVICES", "auto"), Nvidia())


def what_is_left(device: Device, nvml: Nvml, *, idle_bytes: int, seconds: float | None = None) -> str | None:
    """What of a job is still on the device after so long, in words; None once it is idle again."""
    deadline = time.monotonic() + (CLEAN_S if seconds is None else seconds)
    while True:
        left = _difference(nvml.use(device), idle_bytes)
        if left is None or time.monotonic() >= deadline:
            return left
        time.sleep(LOOK_EVERY_S)


def _difference(use: Use, idle_bytes: int) -> str | None:
    if use.processes:
        return f"processes {sorted(use.processes)} are still on it"
    extra = use.used_bytes - idle_bytes
    if extra <= SLACK_BYTES:
        return None
    idle = f"{idle_bytes >> 20} MiB that count as idle"
    return f"{extra >> 20} MiB more than the {idle} are still in use without a process that NVML shows"


class Nvidia:
    """NVML through pynvml. Every process opens it for itself; without a driver there are no devices, and no error either."""

    def __init__(self) -> None:
        self._process = 0
        self._why = ""
        self._events: dict[str, Any] = {}

    def devices(self) -> list[Device]:
        if not self._is_open():
            return []
        nvml = _pynvml()
        found, self._why = [], ""
        for index in range(nvml.nvmlDeviceGetCount()):
            try:
                found += _describe(nvml, index)
            except nvml.NVMLError as error:  # one that has fallen off the bus takes none of the others with it
                self._why = f"NVML cannot describe GPU {index} ({error}): look at nvidia-smi and the kernel's log"
        return found

    def use(self, device: Device) -> Use:
        def ask(nvml: Any) -> Use:
            handle = _handle(nvml, device)
            return Use(_processes(nvml, handle), int(nvml.nvmlDeviceGetMemoryInfo(handle).used))

        return self._ask(device, ask)

    def faults(self, device: Device) -> list[str]:
        return self._ask(device, lambda nvml: [_in_words(xid) for xid in self._xids(nvml, device) if _is_of_device(xid)])

    def why_none(self) -> str:
        return self._why

    def close(self) -> None:
        """Let go of the driver, before this process forks others that open it for themselves."""
        if self._process == os.getpid():
            _pynvml().nvmlShutdown()
        self._process, self._events = 0, {}

    def _ask(self, device: Device, question: Callable[[Any], Answer]) -> Answer:
        if not self._is_open():
            raise DeviceFault(f"{device.name} cannot be asked: {self._why}")
        nvml = _pynvml()
        try:
            return question(nvml)
        except nvml.NVMLError as error:
            raise DeviceFault(f"{device.name} ({device.uuid}) does not answer: {error}") from error

    def _is_open(self) -> bool:
        if self._process == os.getpid():
            return True
        nvml = _pynvml()
        try:
            nvml.nvmlInit()
        except nvml.NVMLError as error:
            self._why = f"there is no NVIDIA driver that answers here ({error})"
            return False
        self._process, self._why, self._events = os.getpid(), "", {}
        return True

    def _xids(self, nvml: Any, device: Device) -> Iterator[int]:
        """The numbers of the errors that the driver has reported since this was asked last."""
        if device.uuid not in self._events:
            self._events[device.uuid] = _register(nvml, device)
        while (events := self._events[device.uuid]) is not None:
            try:
                yield int(nvml.nvmlEventSetWait_v2(events, 0).eventData)
            except nvml.NVMLError_Timeout:
                return


def _register(nvml: Any, device: Device) -> Any:
    """A set of events for the device's errors; None where the driver does not tell of them."""
    events = nvml.nvmlEventSetCreate()
    try:
        nvml.nvmlDeviceRegisterEvents(_whole(nvml, device), nvml.nvmlEventTypeXidCriticalError, events)
    except nvml.NVMLError_NotSupported:
        logger.warning("the driver tells of no Xid errors of %s; processes and memory are looked at all the same", device.uuid)
        return None
    return events


def _processes(nvml: Any, handle: Any) -> frozenset[int]:
    """None are seen where the driver does not list them; then the memory alone tells."""
    try:
        return frozenset(each.pid for each in nvml.nvmlDeviceGetComputeRunningProcesses(handle))
    except nvml.NVMLError_NotSupported:
        return frozenset()


def _pynvml() -> Any:
    import pynvml  # loads the driver's library, which only GPU workers need

    return pynvml


def _describe(nvml: Any, index: int) -> Iterator[Device]:
    """A GPU; where it is divided (MIG), its slices instead."""
    whole = nvml.nvmlDeviceGetHandleByIndex(index)
    minor, slices = nvml.nvmlDeviceGetMinorNumber(whole), list(_slices(nvml, whole))
    for handle in slices or [whole]:
        yield Device(
            uuid=nvml.nvmlDeviceGetUUID(handle),
            index=index,
            name=nvml.nvmlDeviceGetName(handle),
            memory_bytes=int(nvml.nvmlDeviceGetMemoryInfo(handle).total),
            minor=minor,
            capabilities=_capabilities(nvml, minor, handle) if slices else (),
        )


def _slices(nvml: Any, whole: Any) -> Iterator[Any]:
    try:
        if nvml.nvmlDeviceGetMigMode(whole)[0] != nvml.NVML_DEVICE_MIG_ENABLE:
            return
    except nvml.NVMLError_NotSupported:
        return
    for number in range(nvml.nvmlDeviceGetMaxMigDeviceCount(whole)):
        try:
            yield nvml.nvmlDeviceGetMigDeviceHandleByIndex(whole, number)
        except nvml.NVMLError_NotFound:
            continue  # numbers of slices have gaps


def _capabilities(nvml: Any, minor: int, handle: Any) -> tuple[int, ...]:
    """The access files of a slice's GPU instance and compute instance; the driver tells their nodes' numbers below /proc."""
    gpu, compute = nvml.nvmlDeviceGetGpuInstanceId(handle), nvml.nvmlDeviceGetComputeInstanceId(handle)
    instance = f"{CAPABILITIES}/gpu{minor}/mig/gi{gpu}"
    return tuple(node for path in (f"{instance}/access", f"{instance}/ci{compute}/access") for node in _node(path))


def _node(path: str) -> Iterator[int]:
    if os.path.exists(path):
        with open(path) as file:
            yield from (int(line.split()[1]) for line in file if line.startswith("DeviceFileMinor:"))


def _handle(nvml: Any, device: Device) -> Any:
    return nvml.nvmlDeviceGetHandleByUUID(device.uuid)


def _whole(nvml: Any, device: Device) -> Any:
    """The GPU that a slice belongs to: errors are reported for it."""
    handle = _handle(nvml, device)
    return nvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle(handle) if device.uuid.startswith("MIG-") else handle


def _is_of_device(xid: int) -> bool:
    return xid not in XIDS_OF_PROGRAMS


def _in_words(xid: int) -> str:
    return f"the driver reported Xid {xid}, an error of the device"
