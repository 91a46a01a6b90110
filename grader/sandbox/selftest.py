"""Whether a GPU can be graded on: a box is opened on it, multiplies two matrices, and leaves nothing behind."""

from collections.abc import Callable

import torch

from grader.sandbox.base import BoxEnded, GraderFailure, Limits, Sandbox
from grader.sandbox.gpu import Device, Nvml, what_is_left

SIZE = 256
LIMITS = Limits(import_s=30.0, check_s=60.0)
SOURCE = b"""
def multiply(left, right):
    return left @ right, left.device.type
"""


def try_device(device: Device, nvml: Nvml, open_box: Callable[[Device], Sandbox], *, idle_bytes: int) -> str | None:
    """What is wrong with the device, in words; None if nothing is. The sandbox is closed again."""
    try:
        if faults := nvml.faults(device):
            return "; ".join(faults)
        sandbox = open_box(device)
        try:
            problem = _multiply(sandbox)
        finally:
            sandbox.close()
        return problem or what_is_left(device, nvml, idle_bytes=idle_bytes)
    except (GraderFailure, BoxEnded) as failure:
        return f"the self-test did not get through: {failure}"


def _multiply(sandbox: Sandbox) -> str | None:
    """Whole numbers small enough that every order of summing gives the same float32."""
    left, right = torch.randint(-8, 9, (2, SIZE, SIZE)).float()
    with sandbox.open(LIMITS) as box:
        box.request("load", {"files": {"solution.py": SOURCE}, "module": "solution"}, seconds=LIMITS.import_s)
        reply = box.request("call", {"target": "multiply", "args": [left, right]}, seconds=LIMITS.check_s)
    if "error" in reply:
        return f"the self-test raised {reply['error']['message']}"
    product, place = reply["value"]
    if place != "cuda":
        return f"the self-test ran on the {place}, so CUDA does not start in the sandbox"
    return None if torch.equal(product, left @ right) else "the self-test multiplied wrongly"
