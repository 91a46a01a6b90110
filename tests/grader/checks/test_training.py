"""What checks of trained models have in common."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grader.checks import Case, CheckFailed, Skill, T, labels_that_matter, share_of_band, skill_of, watched
from grader.protocol import Figure


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


def test_skill_is_measured_whole_and_in_halves_with_the_loss() -> None:
    logits = torch.tensor([[9.0, 0.0], [9.0, 0.0], [0.0, 9.0], [0.0, 9.0]])
    skill = skill_of(logits.argmax(dim=1), logits, torch.tensor([0, 1, 1, 1]))
    assert (skill.accuracy, skill.halves) == (0.75, (0.5, 1.0))
    assert skill.loss == pytest.approx(9 / 4, abs=1e-3)


def learner(steps: int) -> Skill:
    """Learns nothing before the tenth update, and stumbles over a hundred of them."""
    if steps == 100:
        raise CheckFailed(T(en="no", zh="否"))
    return Skill(0.1 if steps < 10 else 0.9, (0.0, 0.0), 1 / steps)


def drawn(case: Case) -> list[Figure]:
    """As the judge does when the points are given."""
    assert case.figures == []
    for draw in case.drawn_later:
        draw()
    return case.figures


def test_a_training_is_drawn_as_accuracy_with_its_band_and_as_loss(make_case: Callable[..., Case]) -> None:
    case = make_case("def f(): return 0")
    assert watched(case, learner, 1000, 0.8) == 0.9
    accuracy, loss = drawn(case)
    assert accuracy.steps == loss.steps == [1, 50, 100, 200, 400, 1000]
    assert accuracy.values == [0.1, 0.9, None, 0.9, 0.9, 0.9] and (accuracy.band, accuracy.is_fraction) == ((0.8, 1.0), True)
    assert loss.values == [1.0, 0.02, None, 0.005, 0.0025, 0.001] and loss.band is None


def test_a_training_that_fails_as_a_whole_fails_the_check(make_case: Callable[..., Case]) -> None:
    with pytest.raises(CheckFailed):
        watched(make_case("def f(): return 0"), learner, 100, 0.8)


@pytest.mark.parametrize(("draws", "took", "tried"), [(True, 9.0, 6), (True, 11.0, 1), (False, 0.0, 1)])
def test_the_shorter_trainings_are_left_out_where_time_is_short_or_nobody_looks(
    make_case: Callable[..., Case], draws: bool, took: float, tried: int
) -> None:
    case, trainings = make_case("def f(): return 0"), []
    case.draws = draws

    def train(steps: int) -> Skill:
        trainings.append(steps)
        case._channel._box.student_seconds += took * steps / 1000
        return learner(steps)

    assert case.seconds_left == pytest.approx(30, abs=1)
    assert watched(case, train, 1000, 0.8) == 0.9
    assert (len(drawn(case)), len(trainings)) == (2 if tried > 1 else 0, tried)


def test_a_loss_that_is_not_finite_is_a_gap(make_case: Callable[..., Case]) -> None:
    case = make_case("def f(): return 0")
    watched(case, lambda steps: Skill(0.1, (0.1, 0.1), math.nan if steps > 100 else math.inf), 1000, 0.8)
    assert set(drawn(case)[1].values) == {None}
