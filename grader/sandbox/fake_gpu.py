"""GPUs that exist on paper, for tests: what is on them, and what they complain of, is whatever the test says."""

from collections import defaultdict

from grader.sandbox.gpu import Device, DeviceFault, Use

GIB = 1 << 30


def fake_device(index: int = 0, *, uuid: str | None = None, memory_bytes: int = 16 * GIB) -> Device:
    return Device(uuid or f"GPU-{index:04}", index, "Paper 9000", memory_bytes, minor=index)


class FakeNvml:
    """Answers from memory, and can be told to fail."""

    def __init__(self, *devices: Device, why: str = "") -> None:
        self.listed = list(devices)
        self.processes: dict[str, set[int]] = defaultdict(set)
        self.used_bytes: dict[str, int] = defaultdict(int)
        self.complaints: dict[str, list[str]] = defaultdict(list)
        self.lost: set[str] = set()
        self.looks, self.is_closed = 0, False
        self._why = why

    def devices(self) -> list[Device]:
        return list(self.listed)

    def use(self, device: Device) -> Use:
        self.looks += 1
        self._answer_for(device)
        return Use(frozenset(self.processes[device.uuid]), self.used_bytes[device.uuid])

    def faults(self, device: Device) -> list[str]:
        self._answer_for(device)
        return [self.complaints[device.uuid].pop() for _ in list(self.complaints[device.uuid])]

    def why_none(self) -> str:
        return self._why

    def close(self) -> None:
        self.is_closed = True

    def _answer_for(self, device: Device) -> None:
        if device.uuid in self.lost:
            raise DeviceFault(f"{device.name} ({device.uuid}) does not answer: GPU is lost")
