"""The real sandbox on a machine without a GPU: nothing of CUDA is there, and a device that does not start is our fault.

A node that does nothing plays the driver's, which is how the warm process knows that it holds a GPU.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import torch

from grader.sandbox import mounts
from grader.sandbox.base import GraderFailure, Limits, Sandbox
from grader.sandbox.bubblewrap import BubblewrapSandbox
from grader.sandbox.fake_gpu import FakeNvml, fake_device
from grader.sandbox.gpu_sandbox import GpuSandbox

SOURCE = b"""
import glob, os
import torch

def look():
    return [torch.cuda.is_initialized(), sorted(glob.glob("/dev/nvidia*")), os.environ.get("CUDA_VISIBLE_DEVICES")]

def gradient(x):
    x = x.clone().requires_grad_()
    (x ** 2).sum().backward()
    return x.grad

def read():
    with open("/sys/devices/system/cpu/online") as file, open("/dev/nvidiactl", "r+b") as node:
        node.write(b"x")
        return file.read()

def write(path):
    with open(path, "w") as file:
        file.write("x")
"""
DEVICE = fake_device()

pytestmark = [pytest.mark.sandbox, pytest.mark.long]


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> Iterator[BubblewrapSandbox]:
    """The mounts are those of a real device, but for the one node that this machine has not got."""
    real = mounts.gpu
    monkeypatch.setattr(mounts, "gpu", lambda device: [*real(device), "--dev-bind", "/dev/null", mounts.NVIDIA_NODES[0]])
    with closing(BubblewrapSandbox(device=DEVICE)) as sandbox:
        warm(sandbox)
        yield sandbox


def warm(sandbox: Sandbox) -> None:
    try:
        sandbox.warm()
    except GraderFailure as failure:
        if "sandbox" in os.environ.get("GRADUS_REQUIRE", ""):
            raise
        pytest.skip(f"needs bubblewrap: {failure}")


def call(sandbox: Sandbox, name: str, *args: Any) -> dict[str, Any]:
    with sandbox.open(Limits()) as box:
        box.request("load", {"files": {"solution.py": SOURCE}, "module": "solution"}, seconds=10)
        return box.request("call", {"target": name, "args": list(args), "grad": True}, seconds=10)


def test_without_a_device_nothing_of_cuda_is_in_the_box() -> None:
    with closing(BubblewrapSandbox()) as sandbox:
        warm(sandbox)
        assert call(sandbox, "look")["value"] == [False, [], None]


def test_the_warm_process_has_a_device_and_has_not_started_cuda(pretended: BubblewrapSandbox) -> None:
    """What a fork of it sees at first is what it was left with."""
    assert call(pretended, "look")["value"] == [False, ["/dev/nvidiactl"], None]


def test_what_was_not_rehearsed_works_all_the_same(pretended: BubblewrapSandbox) -> None:
    assert torch.equal(call(pretended, "gradient", torch.ones(3))["value"], torch.full((3,), 2.0))


def test_the_node_can_be_used_and_what_the_driver_reads_can_be_read(pretended: BubblewrapSandbox) -> None:
    assert call(pretended, "read")["value"][0].isdigit()


def test_beside_the_device_everything_stays_read_only(pretended: BubblewrapSandbox) -> None:
    for path in ("/dev/nvidia7", "/sys/devices/system/cpu/online"):
        assert call(pretended, "write", path)["error"]["type"] in ("OSError", "PermissionError")


def test_a_device_on_which_cuda_does_not_start_is_our_failure(pretended: BubblewrapSandbox) -> None:
    with pytest.raises(GraderFailure, match=r"CUDA|NVIDIA"):
        call(GpuSandbox(pretended, DEVICE, FakeNvml(DEVICE)), "look")
