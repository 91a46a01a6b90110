"""Metrics agree with scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics as theirs

from grader.competition.metrics import METRICS

LABELS = np.random.default_rng(1).integers(0, 4, 200)
GUESSES = np.where(np.random.default_rng(2).random(200) < 0.6, LABELS, 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", theirs.accuracy_score),
        ("balanced_accuracy", theirs.balanced_accuracy_score),
        ("mean_absolute_error", theirs.mean_absolute_error),
        ("root_mean_squared_error", theirs.root_mean_squared_error),
    ],
)
def test_the_mean_of_items_is_the_metric(name: str, expected: object) -> None:
    metric = METRICS[name]
    found = float(metric.finish(metric.items(GUESSES.astype(float), LABELS.astype(float)).mean(dtype=np.float64)))
    assert found == pytest.approx(expected(LABELS, GUESSES), abs=1e-6)
    assert metric.direction == ("max" if "accuracy" in name else "min")
