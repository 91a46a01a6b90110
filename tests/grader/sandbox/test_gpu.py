"""Which devices a worker may use, and what is left on one. The real library is played by a stand-in of its own."""

import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from grader.sandbox import mounts
from grader.sandbox.fake_gpu import GIB, FakeNvml, fake_device
from grader.sandbox.gpu import SLACK_BYTES, Device, DeviceFault, Nvidia, Use, find, first_idle, what_is_left

ZERO, ONE = fake_device(0), fake_device(1)
SLICE = Device("MIG-aaaa", 1, "Paper 9000 MIG 1g.10gb", 10 * GIB, minor=1, capabilities=(12, 13))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("auto", (ZERO, ONE)), (" auto ", (ZERO, ONE)), ("", ()), ("1", (ONE,)), ("1,0", (ONE, ZERO)), ("0,0", (ZERO,)),
        ("GPU-0001", (ONE,)), ("GPU-0001, 0", (ONE, ZERO)),
    ],
)  # fmt: skip
def test_a_worker_uses_the_devices_that_its_setting_names(wanted: str, found: tuple[Device, ...]) -> None:
    assert find(wanted, FakeNvml(ZERO, ONE)).devices == found


def test_slices_are_known_by_their_names_and_come_all_together_by_their_number() -> None:
    other = Device("MIG-bbbb", 1, SLICE.name, SLICE.memory_bytes)
    nvml = FakeNvml(ZERO, SLICE, other)
    assert find("MIG-aaaa", nvml).devices == (SLICE,)
    assert find("1", nvml).devices == (SLICE, other)


def test_a_name_that_nobody_answers_to_is_said_and_the_others_are_used() -> None:
    found = find("0,7,GPU-gone", FakeNvml(ZERO))
    assert found.devices == (ZERO,)
    assert "7, GPU-gone" in found.remark


def test_without_a_driver_there_are_no_devices_and_the_reason_is_in_words() -> None:
    nvml = FakeNvml(why="there is no NVIDIA driver that answers here")
    for wanted in ("auto", "0", "GPU-0000"):
        found = find(wanted, nvml)
        assert found.devices == () and "no NVIDIA driver" in found.remark


def test_an_idle_device_has_nothing_left() -> None:
    nvml = FakeNvml(ZERO)
    nvml.used_bytes[ZERO.uuid] = 500 << 20
    assert what_is_left(ZERO, nvml, idle_bytes=(500 << 20) - SLACK_BYTES, seconds=0) is None


@pytest.mark.parametrize("leave", ["process", "memory"])
def test_a_process_or_memory_that_stays_is_named(leave: str) -> None:
    nvml = FakeNvml(ZERO)
    if leave == "process":
        nvml.processes[ZERO.uuid] = {4242}
    else:
        nvml.used_bytes[ZERO.uuid] = SLACK_BYTES + (3 << 20)
    left = what_is_left(ZERO, nvml, idle_bytes=0, seconds=0.1)
    assert ("4242" if leave == "process" else "35 MiB") in left
    assert nvml.looks > 1


def test_what_goes_away_in_time_is_not_held_against_a_device() -> None:
    nvml = FakeNvml(ZERO)
    nvml.processes[ZERO.uuid] = {4242}
    threading.Timer(0.1, nvml.processes[ZERO.uuid].clear).start()
    assert what_is_left(ZERO, nvml, idle_bytes=0, seconds=5) is None


def test_inside_are_the_nodes_of_the_one_gpu_only(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = {
        "/dev/nvidia0", "/dev/nvidia1", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-caps/nvidia-cap12",
        "/dev/nvidia-caps/nvidia-cap13", "/dev/nvidia-caps/nvidia-cap14", "/sys/bus/pci", "/sys/devices", "/sys/fs",
    }  # fmt: skip
    monkeypatch.setattr(mounts.os.path, "exists", machine.__contains__)
    arguments = mounts.gpu(SLICE)
    above, mounted = arguments[: 4 * 3], arguments[4 * 3 :]
    assert above[3::4] == ["/dev/nvidia-caps", "/sys", "/sys/bus"]
    assert mounted[::3] == ["--dev-bind"] * 5 + ["--ro-bind"] * 2
    assert mounted[1::3] == mounted[2::3]
    assert mounted[1::3] == [
        "/dev/nvidia1", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-caps/nvidia-cap12", "/dev/nvidia-caps/nvidia-cap13",
        "/sys/bus/pci", "/sys/devices",
    ]  # fmt: skip
    assert mounts.gpu(None) == []


def test_the_node_for_profilers_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA does without it; by it a process can watch what others do with the driver's memory."""
    monkeypatch.setattr(mounts.os.path, "exists", lambda path: True)
    arguments = mounts.gpu(ZERO)
    assert "/dev/nvidia-uvm" in arguments and "/dev/nvidia-uvm-tools" not in arguments


class Library:
    """As much of pynvml as is used, with two GPUs of which the second is divided."""

    NVML_DEVICE_MIG_ENABLE = 1
    nvmlEventTypeXidCriticalError = 8

    class NVMLError(Exception):
        pass

    class NVMLError_NotSupported(NVMLError):
        pass

    class NVMLError_NotFound(NVMLError):
        pass

    class NVMLError_Timeout(NVMLError):
        pass

    def __init__(self) -> None:
        self.has_driver, self.is_lost, self.xids, self.registered = True, False, [], []
        self.unsupported, self.broken = set(), set()

    def nvmlInit(self) -> None:
        if not self.has_driver:
            raise self.NVMLError("NVML Shared Library Not Found")

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        if index in self.broken:
            raise self.NVMLError("GPU is lost")
        return f"GPU-{index}"

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        if self.is_lost:
            raise self.NVMLError("GPU is lost")
        return uuid

    def nvmlDeviceGetMinorNumber(self, handle: str) -> int:
        return 1 - int(handle[-1])

    def nvmlDeviceGetUUID(self, handle: str) -> str:
        return handle

    def nvmlDeviceGetName(self, handle: str) -> str:
        return f"Paper ({handle})"

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> Any:
        return SimpleNamespace(total=10 * GIB, used=GIB)

    def nvmlDeviceGetMigMode(self, handle: str) -> list[int]:
        if handle == "GPU-0":
            raise self.NVMLError_NotSupported
        return [1, 1]

    def nvmlDeviceGetMaxMigDeviceCount(self, handle: str) -> int:
        return 3

    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: str, number: int) -> str:
        if number == 1:
            raise self.NVMLError_NotFound
        return f"MIG-{number}"

    def nvmlDeviceGetDeviceHandleFromMigDeviceHandle(self, handle: str) -> str:
        return "GPU-1"

    def nvmlDeviceGetGpuInstanceId(self, handle: str) -> int:
        return 7

    def nvmlDeviceGetComputeInstanceId(self, handle: str) -> int:
        return 0

    def nvmlDeviceGetComputeRunningProcesses(self, handle: str) -> list[Any]:
        if "processes" in self.unsupported:
            raise self.NVMLError_NotSupported
        return [SimpleNamespace(pid=31), SimpleNamespace(pid=32)]

    def nvmlEventSetCreate(self) -> object:
        return object()

    def nvmlDeviceRegisterEvents(self, handle: str, kinds: int, events: object) -> None:
        if "events" in self.unsupported:
            raise self.NVMLError_NotSupported
        self.registered.append((handle, kinds))

    def nvmlEventSetWait_v2(self, events: object, timeout: int) -> Any:
        if not self.xids:
            raise self.NVMLError_Timeout
        return SimpleNamespace(eventData=self.xids.pop(0))


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setitem(sys.modules, "pynvml", library)
    return library


def test_nvml_lists_gpus_by_their_node_and_slices_in_place_of_a_divided_gpu(library: Library) -> None:
    devices = Nvidia().devices()
    assert [(each.uuid, each.index, each.minor) for each in devices] == [("GPU-0", 0, 1), ("MIG-0", 1, 0), ("MIG-2", 1, 0)]
    assert all(each.memory_bytes == 10 * GIB for each in devices)


def test_a_machine_without_a_driver_has_no_devices_and_says_why(library: Library) -> None:
    library.has_driver = False
    nvml = Nvidia()
    assert nvml.devices() == []
    assert "no NVIDIA driver" in nvml.why_none() and "Library Not Found" in nvml.why_none()
    with pytest.raises(DeviceFault, match="no NVIDIA driver"):
        nvml.use(ZERO)


def test_this_very_machine_answers_in_words_or_with_devices() -> None:
    nvml = Nvidia()
    assert nvml.devices() or nvml.why_none()


def test_what_is_on_a_device_is_read_and_a_lost_one_is_a_fault_of_the_device(library: Library) -> None:
    nvml = Nvidia()
    use = nvml.use(ZERO)
    assert (use.processes, use.used_bytes) == ({31, 32}, GIB)
    library.is_lost = True
    with pytest.raises(DeviceFault, match=r"GPU-0000.*GPU is lost"):
        nvml.use(ZERO)


def test_errors_that_a_program_causes_are_not_held_against_the_device(library: Library) -> None:
    nvml = Nvidia()
    assert nvml.faults(ZERO) == []
    library.xids = [31, 43, 79, 13]
    assert nvml.faults(ZERO) == ["the driver reported Xid 79, an error of the device"]
    assert nvml.faults(ZERO) == []
    assert library.registered == [("GPU-0000", 8)]


def test_a_lost_gpu_takes_none_of_the_others_with_it(library: Library) -> None:
    library.broken = {0}
    nvml = Nvidia()
    found = find("auto", nvml)
    assert [device.uuid for device in found.devices] == ["MIG-0", "MIG-2"]
    assert "GPU 0 (GPU is lost)" in found.remark


def test_a_driver_that_tells_less_is_asked_for_what_it_tells(library: Library) -> None:
    library.unsupported, library.xids = {"events", "processes"}, [79]
    nvml = Nvidia()
    assert nvml.faults(ZERO) == []
    assert nvml.use(ZERO) == Use(frozenset(), GIB)


def test_errors_of_a_slice_are_those_of_its_gpu(library: Library) -> None:
    Nvidia().faults(SLICE)
    assert library.registered == [("GPU-1", 8)]


def test_by_hand_one_grades_on_a_device_on_which_nothing_runs() -> None:
    nvml = FakeNvml(ZERO, ONE)
    assert first_idle("auto", nvml) == ZERO
    nvml.processes[ZERO.uuid] = {4242}
    assert first_idle("auto", nvml) == ONE
    assert first_idle("0", nvml) is None and first_idle("", nvml) is None
