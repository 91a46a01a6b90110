"""Which kinds of sandbox a worker keeps warm, so that nobody's submission waits for an import of torch."""

from collections.abc import Collection, Iterator

from grader.sandbox.base import Isolation
from grader.spec import BrokenAssignment, assignment_folders, load_manifest
from server.broker import EXAM_LANES, lanes
from server.settings import Settings


def isolations(settings: Settings) -> list[Isolation]:
    """Of this worker, by the queues that it takes."""
    return wanted_isolations(settings, taken=lanes())


def wanted_isolations(settings: Settings, *, taken: Collection[str]) -> list[Isolation]:
    """As `GRADUS_WARM_ISOLATIONS` says, else what the assignments ask for that a worker may get; never none.

    taken: its queues. Who takes exams alone needs `fresh` and nothing else.
    """
    if EXAM_LANES.keys().isdisjoint(taken) and not set(EXAM_LANES.values()).isdisjoint(taken):
        return [Isolation.fresh]
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
            yield Isolation.fresh if manifest.kind == "exam" else manifest.isolation
