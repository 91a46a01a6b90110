"""What checks of trained models have in common."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grader.checks import Case, labels_that_matter, share_of_band


@pytest.mark.parametrize(
    ("runs", "share"),
    [([(0.6, 0.6)], 0.0), ([(0.5, 0.9), (0.7, 0.9)], 0.25), ([(0.9, 0.9)], 1.0), ([(1.0, 1.0)], 1.0), ([(0.1, 0.2)], 0.0)],
)
def test_the_share_is_the_place_of_the_mean_in_the_band(
    runs: list[tuple[float, float]], share: float, make_case: Callable[..., Case]
) -> None:
    case = make_case("def f(): return 0")
    low, high = (0.7, 0.9) if len(runs) == 2 else (0.6, 0.9)
    assert share_of_band(case, "accuracy", runs, low, high) == pytest.approx(share)
    assert case.metrics["accuracy"].public == pytest.approx(sum(run[0] for run in runs) / len(runs))
    assert case.metrics["accuracy"].private == pytest.approx(sum(run[1] for run in runs) / len(runs))


def test_labels_count_that_change_the_outcome() -> None:
    def seen(first: int) -> Callable[[Tensor], Tensor]:
        return lambda labels: labels[:first].double().cumsum(0)

    labels = torch.tensor([0, 1, 2, 2, 1, 0])
    assert [labels_that_matter(seen(count), labels, 3, atol=1e-6) for count in (0, 2, 6)] == [0, 2, 6]
    assert labels_that_matter(lambda labels: 1e-9 * labels.double(), labels, 3, atol=1e-6) == 0
