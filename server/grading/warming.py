"""Which kinds of sandbox a worker keeps warm, so that nobody's submission waits for an import of torch."""

from collections.abc import Iterator

from grader.sandbox.base import Isolation
from grader.spec import BrokenAssignment, assignment_folders, load_manifest
from server.settings import Settings


def isolations(settings: Settings) -> list[Isolation]:
    """As `GRADUS_WARM_ISOLATIONS` says, else what the assignments ask for that a worker may get; never none."""
    wanted = set(settings.warm_isolations or asked_for(settings)) or {Isolation.fork}
    return [isolation for isolation in Isolation if isolation in wanted]


def asked_for(settings: Settings) -> Iterator[Isolation]:
    """What runs on GPUs alone has sandboxes of its own, one pair for each device."""
    for folder in assignment_folders(settings.assignments):
        try:
            manifest = load_manifest(folder)
        except BrokenAssignment:
            continue  # none of its submissions gets as far as a sandbox
        if manifest.device != "cuda":
            yield manifest.isolation
