"""The sandboxes that attacks are tried on, and how many processes stand behind each."""

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from grader.sandbox import open_sandbox
from grader.sandbox.base import GraderFailure, Sandbox
from grader.sandbox.options import Options


@dataclass(frozen=True)
class Combination:
    """A backend and an isolation."""

    backend: str
    isolation: str

    def __str__(self) -> str:
        return f"{self.backend} {self.isolation}"

    def open(self) -> Sandbox:
        """The sandbox, warm and at rest; GraderFailure where this machine has none."""
        others = max(len(self._crowds()), _kept.get(self.backend, 0))
        sandbox = open_sandbox(self.backend, self.isolation)
        try:
            sandbox.warm()
        except GraderFailure:
            sandbox.close()
            raise
        _kept[self.backend] = others + SANDBOXES
        return sandbox

    def required(self) -> bool:
        """Whether a machine without it fails the tests instead of skipping them."""
        return {"bubblewrap": "sandbox"}.get(self.backend, self.backend) in os.environ.get("GRADUS_REQUIRE", "")

    def processes(self) -> int:
        """How many processes there are in this process's sandboxes of this backend."""
        return sum(self._crowds())

    def strangers(self) -> int:
        """Processes, and whole sandboxes, beyond those that wait for the next submission."""
        crowds, at_rest = self._crowds(), AT_REST[self.backend]
        return sum(max(0, count - at_rest) for count in crowds) + max(0, len(crowds) - _kept.get(self.backend, SANDBOXES))

    def _crowds(self) -> list[int]:
        return bubblewrapped() if self.backend == "bubblewrap" else contained()


COMBINATIONS = [Combination(backend, isolation) for backend in ("bubblewrap", "docker") for isolation in ("fork", "fresh")]
AT_REST = {"bubblewrap": 6, "docker": 2}  # bwrap twice, zygote, warden, init, spare child; keeper, spare child
SANDBOXES = 2  # of one kind: the one in use and the one that is kept warm, or the pool
_kept: dict[str, int] = {}  # by backend: how many this process keeps, of all kinds that it has opened


def bubblewrapped() -> list[int]:
    """Processes at and below each `bwrap` process that is our child."""
    crowds = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.name() == "bwrap":
                crowds.append(1 + len(child.children(recursive=True)))
    return crowds


def contained() -> list[int]:
    """Processes in each container that this process has started, by their cgroups."""
    places = Counter(_container_of(process) for process in _numbers())
    return [places[container] for container in containers()]


def containers() -> set[str]:
    """The ids of this process's containers, also of those that are ending."""
    return {found.id for found in _engine().containers() if found.owner.split(":")[1:2] == [str(os.getpid())]}


@cache
def _engine() -> Any:
    """What the sandboxes talk to; imported where it is used, since bubblewrap does without."""
    from grader.sandbox.docker.engine import LocalEngine

    return LocalEngine(Options())


def _numbers() -> list[str]:
    return [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _container_of(process: str) -> str | None:
    """The id in the process's cgroup path (`/docker/<id>` or `docker-<id>.scope`)."""
    with suppress(OSError):
        for part in Path(f"/proc/{process}/cgroup").read_text().replace("docker-", "docker/").split("docker/")[1:]:
            return part.splitlines()[0].split(".")[0]
    return None
