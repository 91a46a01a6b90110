"""The one way in which a container of ours is launched. Callers choose nothing but what an `Order` holds."""

import json
from dataclasses import dataclass
from typing import Any

from docker.types import DeviceRequest, LogConfig, Ulimit

from grader.sandbox.base import GraderFailure, Isolation
from grader.sandbox.options import Options
from grader.sandbox.profile import docker_profile

MARK, OWNER, DEADLINE = "gradus.sandbox", "gradus.owner", "gradus.deadline"  # labels: it is ours, whose, until when
CAPABILITIES = ("SETUID", "SETGID")  # the keeper's, to make each child someone else; gone before student code
CORE_BYTES = 1  # see grader.runner.child
OPEN_FILES = 1024
ULIMITS = ("core", "nofile", "fsize")
OOM_SCORE = 500  # where memory runs out on the machine, a sandbox ends before a worker does
APPARMOR = "apparmor=docker-default"  # an engine without AppArmor passes over it
PLAIN = "nosuid,nodev,noexec,mode=1777"

Spec = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """What may be asked for; everything else about a container is fixed."""

    isolation: Isolation
    owner: str  # `<boot id>:<pid>:<start time>` of the process without which the container is an orphan
    deadline: int  # unix seconds; past it the reaper removes the container
    device: str | None = None  # the UUID of the one GPU


def launch(order: Order, options: Options, cdi: frozenset[str] = frozenset()) -> Spec:
    """The arguments of the SDK's `create_container`, with those of its `create_host_config` under "host_config".

    cdi: the names of devices that the engine hands in by the Container Device Interface.
    """
    return {
        "image": image(options, order.device),
        "hostname": "sandbox",
        "user": "0:0",
        "stdin_open": True,  # and ended for good when the judge's connection is gone: "StdinOnce" follows from not detaching
        "detach": False,
        "tty": False,
        "use_config_proxy": False,  # else the engine's proxies, passwords and all, would stand in the environment
        "labels": {MARK: "1", OWNER: order.owner, DEADLINE: str(order.deadline)},
        "host_config": walls() | sizes(options) | runtime(options) | gpu(order.device, cdi),
    }


def image(options: Options, device: str | None) -> str:
    """The tag of the image that a container with this device, or with none, is made from."""
    return options.image if device is None else options.cuda_image


def walls() -> Spec:
    """What holds for every container, whatever its size."""
    return {
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "cap_add": list(CAPABILITIES),
        "security_opt": ["no-new-privileges:true", f"seccomp={json.dumps(docker_profile())}", APPARMOR],
        "ipc_mode": "private",
        "cgroupns": "private",
        "log_config": LogConfig(type="none"),
        "auto_remove": True,
        "oom_score_adj": OOM_SCORE,
    }


def sizes(options: Options) -> Spec:
    """The limits of one slot. Swap is part of the memory limit, so there is none."""
    file_bytes = max(options.tmp_bytes, options.shm_bytes)
    limits = dict(zip(ULIMITS, (CORE_BYTES, OPEN_FILES, file_bytes), strict=True))
    return {
        "mem_limit": options.memory_bytes,
        "memswap_limit": options.memory_bytes,
        "nano_cpus": int(options.cpus * 1e9),
        "pids_limit": options.processes,
        "tmpfs": {
            "/tmp": f"size={options.tmp_bytes},nr_inodes={options.tmp_inodes},{PLAIN}",
            "/dev/shm": f"size={options.shm_bytes},nr_inodes={options.tmp_inodes},{PLAIN}",
        },
        "ulimits": [Ulimit(name=name, soft=value, hard=value) for name, value in limits.items()],
    }


def runtime(options: Options) -> Spec:
    return {} if options.runtime is None else {"runtime": options.runtime}


def gpu(device: str | None, cdi: frozenset[str]) -> Spec:
    """The one device, by its name in the Container Device Interface where the engine knows it, else through NVIDIA's driver."""
    if device is None:
        return {}
    if (name := f"nvidia.com/gpu={device}") in cdi:
        request = DeviceRequest(driver="cdi", device_ids=[name])
    else:
        request = DeviceRequest(driver="nvidia", device_ids=[device], capabilities=[["gpu", "compute", "utility"]])
    return {"device_requests": [request]}


FIXED = {"hostname": "sandbox", "user": "0:0", "stdin_open": True, "detach": False, "tty": False, "use_config_proxy": False}


def refuse(spec: Spec, options: Options) -> None:
    """The last look before a launch is sent: raise GraderFailure for anything that this template would not have written."""
    host = spec.get("host_config", {})
    wrong = different(spec, FIXED, free={"image", "labels", "host_config"})
    wrong += different(host, walls() | sizes(options) | runtime(options), free={"device_requests"})
    asked = [(len(request.get("DeviceIDs") or []), request.get("Count")) for request in host.get("device_requests", [])]
    wrong += ["device_requests"] if asked not in ([], [(1, 0)]) else []
    wrong += ["image"] if spec.get("image") not in (options.image, options.cuda_image) else []
    wrong += ["labels"] if set(spec.get("labels", {})) != {MARK, OWNER, DEADLINE} else []
    if wrong:
        raise GraderFailure(f"a container was about to be launched with other walls than ours: {', '.join(wrong)}")


def different(found: Spec, wanted: Spec, *, free: set[str]) -> list[str]:
    """The names of what is missing, too much, or another value."""
    missing = object()
    names = {*found, *wanted} - free
    return sorted(name for name in names if found.get(name, missing) != wanted.get(name, missing))
