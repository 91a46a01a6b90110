"""A figure stays small and finite, whatever it is made of."""

import math
from collections.abc import Callable

import pytest
import torch

from grader.checks import Case, T
from grader.checks.drawing import MOST_PICTURES, MOST_PIXELS, MOST_POINTS, MOST_STEPS, curve_of, pictures_of, scatter_of

TITLE = T(en="A figure", zh="一幅图")
CORNERS = torch.tensor([[0.0, 0.0], [0.0, 2.0], [2.0, 0.0], [2.0, 2.0]])


def test_a_curve_runs_by_its_steps_and_has_gaps_where_there_is_no_number() -> None:
    curve = curve_of(TITLE, {9: 0.123456, 1: 2.0, 4: math.nan, 5: math.inf, 6: -1e30}, (0.0, 0.2), False)
    assert curve.steps == [1, 4, 5, 6, 9]
    assert curve.values == [2.0, None, None, None, 0.1235]


def test_a_curve_of_a_million_steps_is_cut_and_one_of_none_refused() -> None:
    assert len(curve_of(TITLE, dict.fromkeys(range(1_000_000), 0.5), None, True).values) == MOST_STEPS
    with pytest.raises(ValueError, match="no values"):
        curve_of(TITLE, {}, None, True)


def test_points_far_away_or_nowhere_are_counted_and_not_kept() -> None:
    points = torch.tensor([[1.0, 1.0], [-0.4, 2.4], [math.nan, 0.0], [0.0, math.inf], [1e38, 0.0], [3.1, 0.0]])
    scatter = scatter_of(TITLE, points, CORNERS)
    assert scatter.points == [(1.0, 1.0), (-0.4, 2.4)]
    assert (scatter.outside, scatter.total, scatter.frame) == (4, 6, (-0.5, -0.5, 3.0))


def test_of_a_million_points_the_first_are_kept() -> None:
    scatter = scatter_of(TITLE, torch.rand(1_000_000, 2), CORNERS)
    assert (len(scatter.points), scatter.outside, scatter.total) == (MOST_POINTS, 0, 1_000_000)
    assert len(scatter.model_dump_json()) < 16_000


def test_marks_in_one_place_have_room_around_them() -> None:
    assert scatter_of(TITLE, torch.zeros(0, 2), torch.tensor([[3.0, 4.0]])).frame == (2.25, 3.25, 1.5)


def test_grey_runs_from_black_to_white_and_nothing_lies_beyond() -> None:
    pictures = pictures_of(TITLE, torch.tensor([[[0.0, 0.5, 1.0], [-3.0, math.nan, math.inf]]]))
    assert pictures.pixels == [[[0, 128, 255], [0, 0, 255]]]


@pytest.mark.parametrize("shape", [(1, 5000, 3000), (100_000, 8, 8), (3, 1, 100_000), (40, 64, 64)])
def test_pictures_of_any_size_become_few_and_small(shape: tuple[int, int, int]) -> None:
    pictures = pictures_of(TITLE, torch.zeros(shape))
    height, width = len(pictures.pixels[0]), len(pictures.pixels[0][0])
    assert 1 <= len(pictures.pixels) <= MOST_PICTURES and len(pictures.pixels) * height * width <= MOST_PIXELS
    assert max(height, width) <= 64 and pictures.total == shape[0]


@pytest.mark.parametrize("shape", [(2,), (0, 8, 8), (2, 0, 8), (1, 1, 8, 8)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="instead of"):
        pictures_of(TITLE, torch.zeros(shape))
    with pytest.raises(ValueError, match="instead of"):
        scatter_of(TITLE, torch.zeros(shape), CORNERS)


def test_a_check_draws_eight_figures_and_no_more(make_case: Callable[..., Case]) -> None:
    case = make_case("def f(): return 0")
    for _ in range(20):
        case.curve(TITLE, {1: 0.5})
        case.scatter(TITLE, torch.zeros(1, 2), CORNERS)
        case.pictures(TITLE, torch.zeros(1, 8, 8))
    assert [figure.kind for figure in case.figures[:3]] == ["curve", "scatter", "pictures"]
    assert len(case.figures) == 8
