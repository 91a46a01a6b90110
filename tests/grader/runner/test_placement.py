"""Tensors go to the device and CUDA starts in no process but the student's. There is no GPU here: "meta" plays the device."""

import _ctypes
import ctypes
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from grader.runner import draws, placement, rehearsal
from grader.runner.dispatcher import Dispatcher
from grader.runner.wire import decode, encode

SOURCE = b"""
import torch

def places(x, rest, *, named):
    return [tensor.device.type for tensor in (x, *rest["more"], named)]

def weighted(x):
    return x * 2

class Model:
    weight = None

    def place(self):
        return self.weight.device.type
"""


def ask(dispatcher: Dispatcher, op: str, **payload: object) -> dict:
    return decode(dispatcher.answer(encode({"op": op, "payload": payload})))


def start(device: torch.device | None) -> Dispatcher:
    dispatcher = Dispatcher(device)
    ask(dispatcher, "load", files={"solution.py": SOURCE}, module="solution")
    return dispatcher


@pytest.fixture
def forgotten() -> Iterator[None]:
    """What `begin` sets for a whole process is taken back."""
    variables, tf32 = dict(os.environ), torch.backends.cudnn.allow_tf32
    yield
    placement._device = None
    os.environ.clear()
    os.environ.update(variables)
    torch.backends.cudnn.allow_tf32, torch.backends.cudnn.deterministic = tf32, False


@pytest.mark.parametrize(("device", "place"), [(torch.device("meta"), "meta"), (None, "cpu")])
def test_every_tensor_that_comes_in_is_on_the_device(device: torch.device | None, place: str) -> None:
    x = torch.ones(2)
    reply = ask(start(device), "call", target="places", args=[x, {"more": [x, x]}], kwargs={"named": x})
    assert reply["value"] == [place] * 4


def test_what_is_set_is_on_the_device_too() -> None:
    dispatcher = start(torch.device("meta"))
    model = ask(dispatcher, "call", target="Model", args=[])["value"]
    ask(dispatcher, "set", target=model, name="weight", value=torch.ones(2))
    assert ask(dispatcher, "call", target=model, attribute="place", args=[])["value"] == "meta"


def test_gradients_and_values_come_back_as_plain_tensors() -> None:
    reply = ask(start(torch.device("cpu")), "call", target="weighted", args=[torch.ones(3)], cotangents=[torch.arange(3.0)])
    assert torch.equal(reply["value"], torch.full((3,), 2.0))
    assert torch.equal(reply["gradients"][0], 2 * torch.arange(3.0))
    assert reply["mutated"] == []


def test_the_device_is_waited_for_within_the_call_that_used_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("CUDA error: device-side assert triggered")

    dispatcher = start(torch.device("cpu"))
    dispatcher.device = SimpleNamespace(type="cuda")
    monkeypatch.setattr(torch.cuda, "synchronize", fail)
    reply = ask(dispatcher, "call", target="weighted", args=[torch.ones(3)])
    assert reply["error"]["message"] == "CUDA error: device-side assert triggered"


@pytest.mark.parametrize("words", ["CUDA out of memory. Tried to allocate 20 GiB", "CUDA error: out of memory"])
def test_running_out_of_the_devices_memory_is_running_out_of_memory(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    def fail() -> None:
        raise torch.cuda.OutOfMemoryError(words)

    dispatcher = start(None)
    dispatcher.device = SimpleNamespace(type="cuda")
    monkeypatch.setattr(torch.cuda, "synchronize", fail)
    assert ask(dispatcher, "call", target="weighted", args=[torch.ones(3)])["error"]["kind"] == "memory"


def test_the_largest_allocation_is_told_on_a_device_only(monkeypatch: pytest.MonkeyPatch) -> None:
    dispatcher = start(None)
    assert ask(dispatcher, "memory") == {"value": None}
    dispatcher.device = SimpleNamespace(type="cuda")
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 4096)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    assert ask(dispatcher, "memory") == {"value": 4096}


def test_limits_without_a_device_start_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "init", lambda: pytest.fail("CUDA was started"))
    placement.begin({"memory_bytes": 1})
    assert placement.chosen() is None


def test_begin_makes_the_one_device_visible_turns_tf32_off_and_advises_the_limit(
    monkeypatch: pytest.MonkeyPatch, forgotten: None
) -> None:
    seen: list[object] = []
    ones = torch.ones
    monkeypatch.setattr(torch.cuda, "init", lambda: seen.append(os.environ["CUDA_VISIBLE_DEVICES"]))
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: SimpleNamespace(total_memory=1000))
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", seen.append)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: None)
    monkeypatch.setattr(torch, "ones", lambda *shape, device: ones(*shape))
    monkeypatch.setattr(draws, "begin", seen.append)
    placement.begin({"device": "GPU-0001", "gpu_memory_bytes": 250})
    assert seen == ["GPU-0001", 0.25, torch.device("cuda")]
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert (
        not torch.backends.cudnn.allow_tf32 and not torch.backends.cuda.matmul.allow_tf32 and torch.backends.cudnn.deterministic
    )
    assert placement.chosen() == torch.device("cuda")


def count_gpus(*_: object) -> int:
    raise AssertionError("the GPUs were counted, which starts CUDA")


@pytest.mark.parametrize("has_gpu", [True, False])
def test_the_warm_process_never_counts_the_gpus(monkeypatch: pytest.MonkeyPatch, has_gpu: bool) -> None:
    """Where there is none the whole rehearsal runs, so the same trap shows that it does count them."""
    monkeypatch.setattr(placement, "has_gpu", lambda: has_gpu)
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    for module, name in ((torch.cuda, "is_available"), (torch.accelerator, "current_accelerator")):
        monkeypatch.setattr(module, name, count_gpus)
    monkeypatch.setattr(torch.Tensor, "backward", count_gpus)
    if has_gpu:
        rehearsal.run()
        placement.check_untouched()
        assert not torch.cuda.is_initialized()
    else:
        with pytest.raises(RuntimeError, match="the GPUs were counted"):
            rehearsal.run()


def test_a_warm_process_that_has_started_cuda_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "has_gpu", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    with pytest.raises(RuntimeError, match="only its forks"):
        placement.check_untouched()


@pytest.mark.parametrize("opened", ["/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm"])
def test_a_warm_process_that_holds_a_node_of_the_driver_is_refused(monkeypatch: pytest.MonkeyPatch, opened: str) -> None:
    """By that it is seen that something has started CUDA without torch's knowing, such as who only counts the devices."""
    monkeypatch.setattr(placement, "has_gpu", lambda: True)
    placement.check_untouched()
    monkeypatch.setattr(placement.os, "readlink", lambda path: opened)
    with pytest.raises(RuntimeError, match="only its forks"):
        placement.check_untouched()


def test_a_library_of_the_drivers_name_that_is_only_loaded_does_no_harm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """cuBLAS loads it as soon as torch is imported."""
    copy = tmp_path / "libcuda.so.1"
    shutil.copy(_ctypes.__file__, copy)
    ctypes.CDLL(str(copy))
    monkeypatch.setattr(placement, "has_gpu", lambda: True)
    placement.check_untouched()


def test_a_driver_outside_the_systems_folders_is_loaded_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(placement.os.path, "exists", lambda path: path == "/usr/lib/wsl/lib/libcuda.so.1")
    monkeypatch.setattr(placement.ctypes, "CDLL", lambda path, mode: loaded.append(path))
    placement._load_driver()
    assert loaded == ["/usr/lib/wsl/lib/libcuda.so.1"]
