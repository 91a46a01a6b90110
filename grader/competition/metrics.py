"""Metrics that are means over items, so that items can be drawn again and two submissions compared item by item.

Names as in scikit-learn's "Metrics and scoring".
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Metric:
    """`finish(mean of items)` is the value; `items(predictions, labels)`, all (N,), are what it is the mean of."""

    direction: str  # "max" or "min"
    items: Callable[[Array, Array], Array]
    finish: Callable[[Array], Array] = np.asarray


def right(predictions: Array, labels: Array) -> Array:
    return (predictions == labels).astype(np.float32)


def balanced(predictions: Array, labels: Array) -> Array:
    """Every class weighs the same: the mean is the mean recall."""
    _, which, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return right(predictions, labels) * (len(labels) / (len(counts) * counts[which])).astype(np.float32)


def absolute(predictions: Array, labels: Array) -> Array:
    return np.abs(predictions - labels).astype(np.float32)


def squared(predictions: Array, labels: Array) -> Array:
    return np.square(predictions - labels).astype(np.float32)


METRICS = {
    "accuracy": Metric("max", right),
    "balanced_accuracy": Metric("max", balanced),
    "mean_absolute_error": Metric("min", absolute),
    "root_mean_squared_error": Metric("min", squared, np.sqrt),
}
