"""Where student code runs: nothing worth stealing inside, plain values out."""

import sys
from typing import TYPE_CHECKING

from grader.sandbox.base import GraderFailure, Isolation, Sandbox
from grader.sandbox.options import Options

if TYPE_CHECKING:
    from grader.sandbox.gpu import Device

BACKENDS = ("auto", "bubblewrap", "docker")


def open_sandbox(
    backend: str = "auto", isolation: str = "fork", options: Options | None = None, device: "Device | None" = None
) -> Sandbox:
    """The sandbox of this name; `auto` takes Docker where an engine answers and has our image, else bubblewrap.

    No sandbox is started before `warm` or `open`. Raises GraderFailure that says why there is none, and what to do.
    """
    if backend not in BACKENDS:
        raise GraderFailure(f"there is no sandbox {backend!r}; choose one of {', '.join(BACKENDS)}")
    sandbox = _open(backend, Isolation(isolation), options or Options(), device)
    if device is None:
        return sandbox
    from grader.sandbox.gpu import Nvidia
    from grader.sandbox.gpu_sandbox import GpuSandbox

    return GpuSandbox(sandbox, device, Nvidia())


def _open(backend: str, isolation: Isolation, options: Options, device: "Device | None") -> Sandbox:
    """The modules of the backends bring torch, which the web app and --help do without."""
    if backend != "bubblewrap":
        from grader.sandbox.docker.available import engine_of, why_not

        problem = why_not(options, device.uuid if device else None)
        if problem is None:
            from grader.sandbox.docker.sandbox import DockerSandbox

            return DockerSandbox(isolation, options, engine_of(options), device)
        if backend == "docker":
            raise GraderFailure(problem)
    if sys.platform != "linux":
        raise GraderFailure("bubblewrap needs Linux")
    from grader.sandbox.bubblewrap import BubblewrapSandbox

    return BubblewrapSandbox(isolation, options=options, device=device)
