"""The sandbox of an ordinary Linux machine: bubblewrap around a warm process that forks a child per submission."""

from grader.sandbox import defences
from grader.sandbox.base import Isolation
from grader.sandbox.defences import Defence
from grader.sandbox.gpu import Device
from grader.sandbox.host import BubblewrapHost
from grader.sandbox.options import Options
from grader.sandbox.warm import WarmSandbox


class BubblewrapSandbox(WarmSandbox):
    """Each submission has namespaces of its own below a bubblewrap's."""

    name = "bubblewrap"

    def __init__(
        self,
        isolation: Isolation = Isolation.fork,
        walls: frozenset[Defence] = defences.ALL,
        options: Options | None = None,
        device: Device | None = None,
    ) -> None:
        options = options or Options()
        super().__init__(isolation, lambda: BubblewrapHost(walls, device, cpus=options.cpus), options, walls)
