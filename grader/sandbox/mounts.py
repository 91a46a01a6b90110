"""What is visible inside: Python, the shared libraries, torch, numpy and arro3 with what they need, our runner. Nothing else."""

import importlib.metadata
import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grader.runner
from grader.runner import driver
from grader.sandbox.base import GraderFailure
from grader.sandbox.gpu import Device

SITE = "/site"  # the only folder of packages inside
MACHINE = "/machine"
PACKAGES = {"torch": "torch", "numpy": "numpy", "arro3-io": "arro3"}  # by what is imported; arro3 reads Parquet
SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")
FOLDER_BYTES = 1 << 20
NO_ZERO = ("--ro-bind", "/dev/null", "/dev/zero")  # mapped shared, it is memory that no process is seen to hold
NVIDIA_NODES = (driver.CONTROL, "/dev/nvidia-uvm")  # not nvidia-uvm-tools: that one is for profilers, and sees other processes
# The driver looks for its GPU among these; without them cuInit says 304, "OS call failed". /sys/fs and /sys/kernel stay out.
NVIDIA_FOLDERS = ("/sys/bus/pci", "/sys/devices", "/sys/module/nvidia", "/sys/module/nvidia_uvm", *driver.FOLDERS)
ENVIRONMENT = {
    "PATH": "/usr/bin",
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "USER": "student",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def python() -> str:
    """The interpreter itself, not the link in a virtual environment."""
    return os.path.realpath(sys.executable)


def visible() -> list[str]:
    """bubblewrap's arguments for the allow-list."""
    arguments = [part for folder in _parents() for part in ("--perms", "0755", "--dir", folder)]
    arguments += [part for path in SYSTEM for part in _system(path)]
    arguments += _interpreter()
    for name, path in _packages().items():
        arguments += ["--ro-bind", path, f"{SITE}/{name}"]
    return [*arguments, "--ro-bind", str(Path(grader.runner.__file__).parent), f"{SITE}/grader/runner"]


def everything() -> list[str]:
    """The whole machine besides, read-only: by this the tests see that the allow-list matters."""
    return ["--ro-bind", "/", MACHINE]


def gpu(device: Device | None) -> list[str]:
    """The nodes of this one GPU and no other's, and what the driver reads. Its libraries mostly lie in the system's folders."""
    if device is None:
        return []
    slices = [f"/dev/nvidia-caps/nvidia-cap{number}" for number in device.capabilities]
    nodes = [f"/dev/nvidia{device.minor}", *NVIDIA_NODES, *slices]
    binds = [("--dev-bind", path) for path in nodes] + [("--ro-bind", path) for path in NVIDIA_FOLDERS]
    there = [(how, path) for how, path in binds if os.path.exists(path)]
    above = sorted({str(parent) for _, path in there for parent in Path(path).parents} - {"/", "/dev", "/usr"})
    arguments = [part for folder in above for part in ("--perms", "0755", "--dir", folder)]
    return arguments + [part for how, path in there for part in (how, path, path)]


def _parents() -> list[str]:
    """The folders above what is mounted; bubblewrap would make some of them for root's eyes only."""
    targets = [os.path.realpath(sys.base_prefix), python(), f"{SITE}/grader/runner", "/usr/lib", "/etc/ld.so.cache"]
    return sorted({str(parent) for target in targets for parent in Path(target).parents if str(parent) != "/"} | {SITE})


def _system(path: str) -> list[str]:
    if os.path.islink(path) and os.path.isdir(path):
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind", path, path] if os.path.exists(path) else []


def _interpreter() -> list[str]:
    """The prefix of the interpreter with its packages covered up: a scikit-learn there would hold the answers of a test part."""
    prefix = os.path.realpath(sys.base_prefix)
    arguments = ["--ro-bind", python(), python()] if prefix == "/usr" else ["--ro-bind", prefix, prefix]
    for folder in sorted(_site_folders(prefix)):
        if os.path.isdir(folder):
            arguments += ["--tmpfs", folder, "--remount-ro", folder]  # as an ordinary user it would be ours, hence theirs
    return arguments


def _site_folders(prefix: str) -> set[str]:
    """Where packages may lie in the interpreter's prefix and among the system's libraries."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    names = [f"{prefix}/lib/{version}", f"{prefix}/lib/python3", f"/usr/lib/{version}", "/usr/lib/python3"]
    folders = {f"{name}/{kind}" for name in names for kind in ("site-packages", "dist-packages")}
    standard = sysconfig.get_paths(vars={"base": prefix, "platbase": prefix, "installed_base": prefix})
    return folders | {standard["purelib"], standard["platlib"]}


@cache
def _packages() -> dict[str, str]:
    """Top-level name → path of everything that these need, found by their declared requirements."""
    found: dict[str, str] = {}
    for name in closure():
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or () if _is_importable(file.parts)}:
            found[top] = os.path.realpath(str(distribution.locate_file(top)))
    missing = [name for name, module in PACKAGES.items() if module not in found]
    if missing:
        raise GraderFailure(f"the sandbox needs {', '.join(missing)} installed next to gradus")
    return found


def _is_importable(parts: tuple[str, ...]) -> bool:
    top = parts[0]
    return top != ".." and top != "__pycache__" and not top.endswith((".dist-info", ".pth", ".egg-info"))


def closure() -> Iterator[str]:
    """These and what they require, as far as it is installed."""
    waiting, seen = list(PACKAGES), set()
    while waiting:
        name = _normal(waiting.pop())
        if name in seen or not _is_installed(name):
            continue
        seen.add(name)
        yield name
        requirements = importlib.metadata.requires(name) or []
        waiting += [re.split(r"[\s;<>=!~\[(]", text, maxsplit=1)[0] for text in requirements if "extra ==" not in text]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
