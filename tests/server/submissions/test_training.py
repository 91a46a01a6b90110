"""Where the lines of a training go, and what is said about them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.protocol import Logged, Series
from server.submissions.figures import BOTTOM, LEFT, RIGHT, TOP
from server.submissions.training import Best, TrainingDrawing, draw_training, draw_trainings


def series(values: list[float | None], *, name: str = "loss", every: int = 10) -> Series:
    return Series(name=name, steps=[every * n for n in range(len(values))], values=values, total=len(values))


def dots_of(plot: TrainingDrawing) -> list[tuple[float, float]]:
    return [(dot.x, dot.y) for line in [*plot.lines, *plot.best] for dot in line]


def test_both_runs_share_the_axes_and_the_longer_one_ends_at_the_right() -> None:
    plot = draw_training(series([4.0, 2.0]), series([8.0, 1.0, 0.0]), best_attempt=3)
    assert [(dot.x, dot.y) for dot in plot.lines[0]] == [(LEFT, (TOP + BOTTOM) / 2), ((LEFT + RIGHT) / 2, BOTTOM - 40)]
    assert [(dot.x, dot.y) for dot in (plot.best[0][0], plot.best[0][-1])] == [(LEFT, TOP), (RIGHT, BOTTOM)]
    assert (plot.last.text, plot.best_attempt, plot.x_ticks[-1].text) == ("10: 2", 3, "20")


def test_where_there_is_no_number_the_line_has_a_gap_and_the_words_say_so() -> None:
    plot = draw_training(series([2.0, None, 1.0, None]))
    assert [[dot.text for dot in line] for line in plot.lines] == [["0: 2"], ["20: 1"]]
    assert plot.words.en == "From 2 at step 0 to 1 at step 20, never below 1 or above 2. At step 30 it is no number."
    assert plot.words.zh == "从第 0 步的 2 到第 20 步的 1，全程在 1 到 2 之间。第 30 步时不是有效的数。"


def test_a_band_is_a_strip_and_lies_inside_the_frame() -> None:
    plot = draw_training(series([1.0]), band=(2.0, 4.0))
    assert plot.band == (TOP, (BOTTOM - TOP) / 2)


@given(st.lists(st.none() | st.floats(-1e30, 1e30), min_size=1, max_size=9), st.lists(st.floats(-1e30, 1e30), max_size=9))
@settings(deadline=None)
def test_no_point_of_either_run_leaves_the_frame(values: list[float | None], before: list[float]) -> None:
    plot = draw_training(series(values), series(before) if before else None)
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in dots_of(plot))
    assert len(dots_of(plot)) == sum(value is not None for value in [*values, *before])


@pytest.mark.parametrize(("check", "name", "is_compared"), [("a", "loss", True), ("b", "loss", False), ("a", "norm", False)])
def test_a_run_is_compared_with_what_bears_its_name_in_the_same_check(check: str, name: str, is_compared: bool) -> None:
    best = Best.of(2, [Logged(check="a", series=[series([1.0])])], author="Bob")
    (plot,) = draw_trainings(Logged(check=check, series=[series([2.0], name=name)]), best)
    assert bool(plot.best) is is_compared
    assert (plot.best_attempt, plot.best_author) == ((2, "Bob") if is_compared else (None, None))


def test_a_band_is_drawn_where_its_name_is_logged() -> None:
    logged = Logged(check="a", series=[series([0.4, 0.6], name="accuracy"), series([1.0])])
    bands = [plot.band for plot in draw_trainings(logged, bands={"accuracy": (0.5, 1.0)})]
    assert bands == [(TOP, (BOTTOM - TOP) / 2), None]
