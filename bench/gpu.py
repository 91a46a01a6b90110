"""What a GPU costs and gives a submission, next to the same sandbox without one.

    python -m bench.gpu [--submissions 20] [--size 4096] [--backend bubblewrap]

For each isolation, on the first device of GRADUS_DEVICES: the time from asking for a box to the first answer (CUDA starts in it),
a matrix product there and back against the CPU, bytes a second over the wire, and how long the device takes to be idle again.
Exit status 1 where there is no GPU: there is nothing to measure then.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field

import torch
from rich.console import Console
from rich.table import Table

from grader.sandbox import open_sandbox
from grader.sandbox.base import Isolation, Limits, Sandbox
from grader.sandbox.gpu import Device, Nvidia, find, what_is_left

SOURCE = b"def product(x):\n    return (x @ x).sum()\n\ndef answer(x):\n    return x\n"
LIMITS = Limits(wall_s=600.0, check_s=120.0, import_s=60.0, memory_bytes=8 << 30, reply_bytes=1 << 30)
CLEAN_S = 10.0


@dataclass
class Figures:
    """Seconds; one entry a submission."""

    name: str
    starts: list[float] = field(default_factory=list)
    products: list[float] = field(default_factory=list)
    wire: list[float] = field(default_factory=list)  # bytes a second, there and back
    idle: list[float] = field(default_factory=list)


def main() -> None:
    arguments = read_arguments()
    nvml = Nvidia()
    found = find(os.environ.get("GRADUS_DEVICES", "auto"), nvml)
    if not found.devices:
        sys.exit(f"There is no GPU to measure: {found.remark}.")
    device = found.devices[0]
    measured = [measure(arguments, isolation, place, nvml) for isolation in Isolation for place in (device, None)]
    Console().print(table_of(measured, device, arguments.size))


def measure(arguments: argparse.Namespace, isolation: Isolation, device: Device | None, nvml: Nvidia) -> Figures:
    figures = Figures(f"{isolation} on {device.name if device else 'the CPU'}")
    x = torch.randn(arguments.size, arguments.size)
    idle_bytes = nvml.use(device).used_bytes if device else 0
    with closing(open_sandbox(arguments.backend, isolation, device=device)) as sandbox:
        for _ in range(arguments.submissions):
            sandbox.warm()
            one_submission(sandbox, x, figures)
            if device is not None:
                figures.idle.append(seconds_until_idle(device, nvml, idle_bytes))
    return figures


def one_submission(sandbox: Sandbox, x: torch.Tensor, figures: Figures) -> None:
    started = time.perf_counter()
    with sandbox.open(LIMITS) as box:
        box.request("load", {"files": {"solution.py": SOURCE}, "module": "solution"}, seconds=60)
        box.request("call", {"target": "answer", "args": [x[:1, :1]]}, seconds=60)
        figures.starts.append(time.perf_counter() - started)
        for target, into in (("product", figures.products), ("answer", figures.wire)):
            started = time.perf_counter()
            box.request("call", {"target": target, "args": [x]}, seconds=120)
            elapsed = time.perf_counter() - started
            into.append(elapsed if target == "product" else 2 * x.nbytes / elapsed)


def seconds_until_idle(device: Device, nvml: Nvidia, idle_bytes: int) -> float:
    started = time.perf_counter()
    if left := what_is_left(device, nvml, idle_bytes=idle_bytes, seconds=CLEAN_S):
        sys.exit(f"After {CLEAN_S:.0f} s, {left}: gradus would quarantine this device.")
    return time.perf_counter() - started


def table_of(measured: Iterable[Figures], device: Device, size: int) -> Table:
    table = Table(title=f"{device.name}, {device.memory_bytes / (1 << 30):.0f} GiB; matrices of {size} × {size}")
    titles = ("sandbox", "first answer p50", "p95", "product there and back", "wire", "idle again p50", "p95")
    for title in titles:
        table.add_column(title, justify="left" if title == "sandbox" else "right")
    for each in measured:
        wire = f"{statistics.median(each.wire) / 1e6:.0f} MB/s"
        idle = [milliseconds(each.idle, 0.5), milliseconds(each.idle, 0.95)] if each.idle else ["–", "–"]
        starts = [milliseconds(each.starts, 0.5), milliseconds(each.starts, 0.95)]
        table.add_row(each.name, *starts, milliseconds(each.products, 0.5), wire, *idle)
    return table


def milliseconds(seconds: list[float], share: float) -> str:
    return f"{1000 * sorted(seconds)[min(int(share * len(seconds)), len(seconds) - 1)]:.0f} ms"


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--backend", default="bubblewrap", choices=["bubblewrap", "docker"])
    return parser.parse_args()


if __name__ == "__main__":
    main()
