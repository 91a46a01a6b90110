"""The sandbox of a machine with a Docker engine: containers from one fixed template, each with a keeper inside."""

import time
from contextlib import AbstractContextManager

from grader.sandbox import defences, owner
from grader.sandbox.base import Box, GraderFailure, Isolation, Limits
from grader.sandbox.defences import Defence
from grader.sandbox.docker.engine import Engine
from grader.sandbox.docker.host import ContainerHost
from grader.sandbox.docker.template import Order
from grader.sandbox.gpu import Device
from grader.sandbox.options import Options
from grader.sandbox.warm import WarmSandbox

GRACE_S = 3600.0  # a container that has outlived its time is used no more, and this long after, the reaper takes it


class DockerSandbox(WarmSandbox):
    """Each submission is a user of its own in a container (fork), or has a container of its own (fresh)."""

    name = "docker"

    def __init__(
        self,
        isolation: Isolation,
        options: Options,
        engine: Engine,
        device: Device | None = None,
        walls: frozenset[Defence] = defences.ALL,
    ) -> None:
        self._options, self._engine, self._device = options, engine, device
        super().__init__(isolation, self._start, options, walls)

    def _start(self) -> ContainerHost:
        deadline = int(time.time() + self._options.lifetime_s + GRACE_S)
        device = self._device.uuid if self._device else None
        order = Order(self.isolation, owner.this_process(), deadline, device)
        return ContainerHost(self._engine, order, self._walls)

    def open(self, limits: Limits) -> AbstractContextManager[Box]:
        check_fit(limits, self._options)
        return super().open(limits)


def check_fit(limits: Limits, options: Options) -> None:
    """Raise GraderFailure if a slot is smaller than what an assignment promises to its students."""
    for name in ("memory_bytes", "processes", "tmp_bytes", "tmp_inodes"):
        wanted, there = getattr(limits, name), getattr(options, name)
        if wanted > there:
            setting = f"GRADUS_SANDBOX_{name.upper()}"
            raise GraderFailure(
                f"the assignment's limit {name} = {wanted} is more than a container has ({there}); raise {setting}"
            )
