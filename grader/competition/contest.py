"""The data of a competition, and what a submission's predictions are worth on it. Never leaves the trusted side as a whole."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from grader.competition import bootstrap
from grader.competition.items import pack
from grader.competition.metrics import METRICS
from grader.protocol import Measure, Measured


@dataclass(frozen=True)
class Contest:
    """train: what `fit` gets.    inputs: N items, a tensor (N, …) or a list.    labels: (N,) int64 classes or float targets.

    split_seed: recorded in the assignment's data.py; it fixes for ever which items are public.
    """

    metric: str
    train: Mapping[str, Any]
    inputs: torch.Tensor | Sequence[Any]
    labels: torch.Tensor
    split_seed: str
    public_fraction: float = 0.3
    classes: int | None = None  # None: a regression
    ids: Sequence[str] = ()  # of the items, where predictions are handed in

    @cached_property
    def is_public(self) -> np.ndarray:
        """(N,) bool: the public items; of every class the same share."""
        chosen = np.zeros(len(self.labels), dtype=bool)
        rng = np.random.default_rng(seed_of(self.split_seed, "split"))
        strata = self.labels.numpy() if self.classes is not None else np.zeros(len(self.labels), dtype=int)
        for stratum in np.unique(strata):
            members = rng.permutation(np.flatnonzero(strata == stratum))
            chosen[members[: round(self.public_fraction * len(members))]] = True
        return chosen

    def score(self, predictions: torch.Tensor) -> Measured:
        """predictions: (N,), finite, in the order of `inputs`."""
        found, labels = predictions.double().numpy(), self.labels.double().numpy()
        public = self._measure(found, labels, self.is_public, "public")
        private = self._measure(found, labels, ~self.is_public, "private")
        return Measured(public=public, private=private)

    def _measure(self, found: np.ndarray, labels: np.ndarray, which: np.ndarray, half: str) -> Measure:
        metric = METRICS[self.metric]
        items = metric.items(found[which], labels[which])
        low, high = bootstrap.interval(bootstrap.replicates(items, seed_of(self.split_seed, half), metric.finish))
        value = float(metric.finish(items.mean(dtype=np.float64)))
        return Measure(value=value, low=low, high=high, count=len(items), items=b64encode(pack(items)).decode())


def seed_of(split_seed: str, purpose: str) -> int:
    """A number for each purpose that follows from the recorded seed."""
    return int.from_bytes(hashlib.sha256(f"{split_seed}/{purpose}".encode()).digest()[:8], "little")
