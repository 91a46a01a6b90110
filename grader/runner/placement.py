"""Where a submission's tensors live: in memory, or on the one GPU that its sandbox was given.

CUDA does not survive a fork. Nothing in the warm process may start it, so everything here waits for `begin`, which runs in the
student's process, after the fork and before the student's code.
"""

import ctypes
import os
from collections.abc import Mapping
from typing import Any

import torch

from grader.runner import draws, driver

# No file of compiled kernels stays behind, and matrix products are summed in the same order every time.
VARIABLES = {"CUDA_CACHE_DISABLE": "1", "CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
_device: torch.device | None = None


def has_gpu() -> bool:
    """Whether this sandbox holds a GPU; CUDA is not asked."""
    return os.path.exists(driver.CONTROL)


def check_untouched() -> None:
    """Raise if this process has started CUDA: its forks could not use the device any more.

    That the driver's library is loaded says nothing: cuBLAS loads it as soon as torch is imported. Who starts it opens its nodes.
    """
    if has_gpu() and (_opened_nodes() or torch.cuda.is_initialized()):
        raise RuntimeError("CUDA was started in the warm process; only its forks may do that")


def begin(limits: Mapping[str, Any]) -> None:
    """Start CUDA on the device that the limits name, if any. What the driver itself takes counts as there before the limits."""
    global _device
    if not (uuid := limits.get("device")):
        return
    os.environ.update(VARIABLES, CUDA_VISIBLE_DEVICES=uuid)
    _compute_exactly()
    _load_driver()
    torch.cuda.init()
    _advise(limits.get("gpu_memory_bytes"))
    square = torch.ones(16, 16, device="cuda")
    (square @ square).sum().item()  # loads what the first product loads, before anybody's clock runs
    torch.cuda.reset_peak_memory_stats()
    _device = torch.device("cuda")
    draws.begin(_device)


def chosen() -> torch.device | None:
    """The device that tensors are moved to, if there is one."""
    return _device


def settle(device: torch.device | None) -> None:
    """Wait for what a call has started, so that its errors and its time are that call's."""
    if device is not None and device.type == "cuda":
        torch.cuda.synchronize()


def peak_bytes(device: torch.device | None) -> int | None:
    """The most that torch has allocated on the device. Said from inside, so it is evidence and no more."""
    return torch.cuda.max_memory_allocated() if device is not None and device.type == "cuda" else None


def _opened_nodes() -> list[str]:
    """The driver's nodes that this process holds open."""
    links = map(_target, os.listdir("/proc/self/fd"))
    return [path for path in links if path.startswith(driver.NODES)]


def _target(descriptor: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except FileNotFoundError:  # the one by which the folder was read
        return ""


def _load_driver() -> None:
    """Where the linker would not look for it: once loaded, CUDA finds it by its name."""
    for path in (f"{folder}/{driver.LIBRARY}.1" for folder in driver.FOLDERS):
        if os.path.exists(path):
            ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
            return


def _compute_exactly() -> None:
    """float32 is float32: TF32 keeps ten bits of it, and a tolerance for that would let wrong answers pass."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


def _advise(limit: int | None) -> None:
    """Have torch refuse what is over the limit with a readable error. The limit itself is watched from outside."""
    if limit is not None:
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, limit / total))
