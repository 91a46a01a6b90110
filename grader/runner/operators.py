"""Counts the ATen operators that a call really runs. The student's process counts for itself, so this is evidence, not proof.

Not seen: what other threads and processes run, what a compiled or fused kernel does inside, and everything outside torch. The
backward pass of autograd counts like the forward pass where it runs in the calling thread, which it does without a GPU.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

MOST_NAMES = 200


class Counter(TorchDispatchMode):
    """While it is on, each operator is counted under its name without the overload: `aten::add`."""

    def __init__(self, counts: dict[str, int]) -> None:
        super().__init__()
        self.counts = counts

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else the first operator would import torch._dynamo, which takes longer than a whole submission

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        name = func._schema.name
        if name in self.counts or len(self.counts) < MOST_NAMES:
            self.counts[name] = self.counts.get(name, 0) + 1
        return func(*args, **(kwargs or {}))


@contextmanager
def counting(wanted: bool) -> Iterator[dict[str, int] | None]:
    """The counts of the block, or None where nobody asked."""
    if not wanted:
        yield None
        return
    counts: dict[str, int] = {}
    with Counter(counts):
        yield counts
