"""How certain a score is: the same items, drawn again with replacement (Efron 1979), for everybody alike.

Since all submissions are drawn from the same resamples, the differences between two of them are paired.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

RESAMPLES = 1000
LEVEL = 0.95


@lru_cache(maxsize=8)
def resamples(count: int, seed: int) -> np.ndarray:
    """How often each item is drawn: (RESAMPLES, count) float32, rows sum to 1. The same for the same seed."""
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    return drawn.astype(np.float32) / count


def replicates(items: np.ndarray, seed: int, finish: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The metric on each resample: (RESAMPLES,).    items: (N,)"""
    return finish(resamples(len(items), seed) @ items.astype(np.float32))


def interval(values: np.ndarray) -> tuple[float, float]:
    """The middle `LEVEL` of the replicates (percentile method)."""
    outside = (1 - LEVEL) / 2
    low, high = np.quantile(values, (outside, 1 - outside))
    return float(low), float(high)


def is_better(one: np.ndarray, other: np.ndarray, direction: str) -> bool:
    """Whether `one` beats `other` in all but 2.5 % of the resamples; both are replicates from the same seed."""
    difference = one - other if direction == "max" else other - one
    return bool(np.quantile(difference, (1 - LEVEL) / 2) > 0)
