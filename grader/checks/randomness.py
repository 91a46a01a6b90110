"""Random inputs that depend on the recorded seed, the check and the number of draws, and on nothing else."""

from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

import torch

from grader.seeds import derive, new_seed

__all__ = ["Randomness", "new_seed"]

Item = TypeVar("Item")


class Randomness:
    """The draws of one check; every draw has a generator of its own, so its values do not depend on earlier shapes."""

    def __init__(self, seed: str, check_id: str) -> None:
        self.seed = seed
        self.check_id = check_id
        self._draws = 0

    def seed_for(self, name: str) -> int:
        """A number for `name` that stays the same however often it is asked for."""
        return derive(self.seed, f"{self.check_id}/{name}")

    @cached_property
    def generator(self) -> torch.Generator:
        """One generator for a check that wants to draw by itself."""
        return torch.Generator().manual_seed(self.seed_for("generator"))

    def next_generator(self) -> torch.Generator:
        self._draws += 1
        return torch.Generator().manual_seed(derive(self.seed, f"{self.check_id}#{self._draws}"))

    def randn(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return torch.randn(shape, generator=self.next_generator(), dtype=dtype)

    def rand(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return torch.rand(shape, generator=self.next_generator(), dtype=dtype)

    def randint(self, low: int, high: int, shape: Sequence[int] = ()) -> torch.Tensor:
        """int64, low ≤ value < high."""
        return torch.randint(low, high, tuple(shape), generator=self.next_generator())

    def integer(self, low: int, high: int) -> int:
        """low ≤ value < high, as in `randint`."""
        return int(self.randint(low, high))

    def choice(self, items: Sequence[Item]) -> Item:
        return items[self.integer(0, len(items))]

    def permutation(self, n: int) -> torch.Tensor:
        return torch.randperm(n, generator=self.next_generator())
