"""However much is logged and whatever it is, what is kept of it is small, finite and in order."""

import json
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.disclosure import student_view
from grader.judge import judge
from grader.logged import MOST_OF_ALL, MOST_POINTS, MOST_SERIES, Record, Track, Tracks
from grader.protocol import Abandoned, Job, Logged, Progress, Report, Series
from grader.sandbox.base import Points
from grader.sandbox.fake import FakeSandbox
from tests.grader.conftest import SEED, TINY

TRAINS = "\n\nfrom gradus import log\n\n_double = double\n\ndef double(x):\n"
TRAINS += "    for step in range(5):\n        log(step, loss=1 / (1 + step), seen=float(x.sum()))\n    return _double(x)\n"


def series_of(points: list[tuple[int, float]], *, is_running: bool = True) -> Series:
    track = Track()
    for step, value in points:
        track.add(step, value)
    return track.series("loss", is_running=is_running)


@given(st.lists(st.tuples(st.integers(0, 50), st.floats()), min_size=1, max_size=60))
def test_steps_rise_values_are_finite_and_the_last_one_is_there(points: list[tuple[int, float]]) -> None:
    series = series_of(points)
    assert all(left < right for left, right in zip(series.steps, series.steps[1:], strict=False))
    assert len(series.steps) == len(series.values) <= series.total
    assert series.steps[-1:] == [step for step, _ in points[-1:]]
    json.dumps(series.model_dump(mode="json"), allow_nan=False)


def test_a_long_training_keeps_its_shape() -> None:
    series = series_of([(step, math.exp(-step / 30_000)) for step in range(100_000)])
    assert MOST_POINTS / 2 <= len(series.steps) <= MOST_POINTS and series.total == 100_000
    assert series.steps[0] == 0 and series.steps[-1] == 99_999
    gaps = {right - left for left, right in zip(series.steps[:-1], series.steps[1:-1], strict=False)}
    assert len(gaps) == 1, "evenly thinned out"


def test_a_smaller_step_begins_the_curve_anew_and_an_equal_one_replaces_the_last() -> None:
    assert series_of([(0, 3.0), (9, 2.0), (0, 1.5), (1, 1.0), (1, 0.5)]).model_dump() == {
        "name": "loss", "steps": [0, 1], "values": [1.5, 0.5], "total": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("points", "steps", "last"),
    [
        ([(0, 3.0), (9, 2.0), (0, 3.0), (4, 1.0)], [0, 9], 2.0),
        ([(0, 3.0), (4, 2.0), (0, 3.0), (9, 1.0)], [0, 9], 1.0),
        ([(0, 3.0), (9, 2.0), (0, 3.0), (9, 1.0)], [0, 9], 1.0),
    ],
)
def test_of_several_trainings_the_one_that_went_furthest_is_reported(
    points: list[tuple[int, float]], steps: list[int], last: float
) -> None:
    """A check may train for a few steps once more, to see whether that can be repeated."""
    series = series_of(points, is_running=False)
    assert (series.steps, series.values[-1], series.total) == (steps, last, 2)


def test_what_is_no_number_leaves_a_gap() -> None:
    assert series_of([(0, 1.0), (1, math.inf), (2, math.nan), (3, 1e300)]).values == [1.0, None, None, None]


def test_there_are_so_many_names_and_no_more() -> None:
    record = Record()
    checks = [f"check_{number}" for number in range(6)]
    for check in checks:
        tracks = record.begin(check)
        tracks.take({f"name_{number}": Points([1], [1.0]) for number in range(20)})
    logged = record.logged(checks)
    assert [len(each.series) for each in logged] == [MOST_SERIES] * (MOST_OF_ALL // MOST_SERIES)
    assert [series.name for series in logged[0].series] == [f"name_{number}" for number in range(MOST_SERIES)]


def test_a_name_without_points_is_none() -> None:
    tracks = Tracks()
    tracks.take({"loss": Points([], [])})
    assert len(tracks) == 0


def test_a_report_holds_what_was_logged_in_each_check(changed: Callable[[str], str], grade: Callable[..., Report]) -> None:
    report = grade(changed(TRAINS))
    plain = grade(changed(""))
    assert report.score == plain.score == report.max_score
    logged = {each.check: {series.name: series for series in each.series} for each in report.training}
    assert logged and all(by_name["loss"].steps == [0, 1, 2, 3, 4] for by_name in logged.values())
    assert Report.model_validate(report.model_dump(mode="json")) == report
    assert report.policy == plain.policy, "to import it breaks no rule"
    assert plain.training == [] and "training" not in plain.contract()
    assert [each["check"] for each in report.contract()["training"]] == list(logged)


def test_what_is_logged_in_a_hidden_check_is_for_staff(changed: Callable[[str], str], grade: Callable[..., Report]) -> None:
    report = grade(changed(TRAINS))
    hidden = {check.id for check in report.checks if check.visibility == "hidden"}
    logged = {each.check for each in report.training}
    assert logged & hidden and logged - hidden
    assert {each.check for each in student_view(report).training} == logged - hidden


def told(source: str) -> list[Progress]:
    heard: list[Progress] = []
    judge(Job(TINY, {"solution.py": source.encode()}, SEED), sandbox=FakeSandbox(), progress=heard.append)
    return heard


def test_progress_tells_of_public_checks_only(changed: Callable[[str], str], grade: Callable[..., Report]) -> None:
    public = student_view(grade(changed(TRAINS))).training
    assert told(changed(TRAINS))[-1].logged == public


def test_the_check_that_runs_is_told_of_while_it_runs(changed: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.judge.NEWS_S", 0.0)
    first = next(progress for progress in told(changed(TRAINS)) if progress.logged)
    assert [each.check for each in first.logged] == [first.check_id] and isinstance(first.logged[0], Logged)


def test_whoever_is_told_may_end_the_judging_in_the_middle_of_a_check(
    changed: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.judge.NEWS_S", 0.0)

    def leave(progress: Progress) -> None:
        if progress.logged:
            raise Abandoned("taken over")

    job = Job(TINY, {"solution.py": changed(TRAINS).encode()}, SEED)
    with pytest.raises(Abandoned):
        judge(job, sandbox=FakeSandbox(), progress=leave)
