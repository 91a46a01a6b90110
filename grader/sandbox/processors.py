"""Which processors a worker's submissions run on: each worker takes its own, as long as there are enough of them."""

import os
import random
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

_claims: dict[int, tuple[list[int], list[socket.socket]]] = {}  # by the process that made them: a fork makes its own


def own(count: int) -> list[int]:
    """So many of the processors that this process may use. Those that nobody has claimed come first; the claim ends with us."""
    allowed = sorted(os.sched_getaffinity(0))
    if os.getpid() not in _claims or not set(allowed).issuperset(_claims[os.getpid()][0]):
        count = min(count, len(allowed))
        claimed = _claim(allowed, count)
        others = [processor for processor in allowed if processor not in claimed]
        chosen = [*claimed, *random.sample(others, count - len(claimed))]
        _claims[os.getpid()] = (chosen, list(claimed.values()))
    return _claims[os.getpid()][0]


@contextmanager
def beside(processors: Sequence[int]) -> Iterator[None]:
    """Keep this thread on the processors of the submission that it judges: the two take turns, and waking a neighbour is slow."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before.intersection(processors) or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _claim(allowed: list[int], count: int) -> dict[int, socket.socket]:
    """A name that only one process of this machine can have, and that needs no file, for each processor that is still free."""
    claimed: dict[int, socket.socket] = {}
    for processor in allowed:
        name = socket.socket(socket.AF_UNIX)
        with suppress(OSError):
            name.bind(f"\0gradus-processor-{processor}")
            claimed[processor] = name
        if processor not in claimed:
            name.close()
        if len(claimed) == count:
            break
    return claimed
