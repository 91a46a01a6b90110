"""What a check draws while it judges: reported whatever the verdict, and at no cost."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.checks import Case, T
from grader.checks.answers import LiveAnswers
from grader.checks.declare import Check
from grader.judge import judge_with
from grader.protocol import Job, Outcome, Report, Visibility
from grader.sandbox.base import Box, BoxEnded, Ending, Limits, Sandbox
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment

TINY = Path(__file__).parent / "fixtures" / "tiny"
SEED = "0123456789abcdef" * 4
Grade = Callable[..., Report]


def drawing_check(case: Case) -> None:
    """Draws what the student's function makes, before it says that this is wrong."""
    made = case.student.double(torch.tensor([[1.0, 1.0]]))
    case.curve(T(en="Course", zh="过程"), {1: float(made[0, 0]), 2: 2.0})
    if case.draws:
        case.scatter(T(en="Points", zh="点"), made, torch.tensor([[0.0, 0.0], [2.0, 2.0]]))
    case.close(made, torch.tensor([[2.0, 2.0]]))


def grade_drawing(tiny: Assignment, source: str, **options: object) -> Report:
    check = Check(
        id="drawing", part="basics", points=Decimal(20), visibility=Visibility.public, title=T(en="Drawing", zh="画图"),
        run=drawing_check, seconds=None, diagnose=False,
    )  # fmt: skip
    job = Job(TINY, {"solution.py": source.encode()}, SEED, **options)
    drawing = tiny.model_copy(update={"checks": (check,)})
    return judge_with(drawing, job, lambda _: LiveAnswers(tiny.reference), sandbox=FakeSandbox())


@pytest.mark.parametrize(("factor", "points"), [("2.0", 20), ("0.5", 0), ("float('nan')", 0), ("1e30", 0)])
def test_what_a_check_has_drawn_is_reported_whether_it_passes_or_not(tiny: Assignment, factor: str, points: int) -> None:
    report = grade_drawing(tiny, f"def double(x):\n    return {factor} * x\n")
    (found,) = report.checks
    assert found.points == points
    assert [figure.kind for figure in found.figures] == ["curve", "scatter"]
    assert Report.model_validate(report.model_dump(mode="json")) == report


def test_figures_stand_beside_the_checks_in_the_contract_and_only_where_there_are_any(tiny: Assignment, grade: Grade) -> None:
    data = json.loads(json.dumps(grade_drawing(tiny, tiny.reference_source).contract(), allow_nan=False))
    assert list(data["figures"]) == ["drawing"] and data["figures"]["drawing"][0]["values"] == [2.0, 2.0]
    assert "figures" not in data["checks"][0] and "figures" not in grade(tiny.reference_source).contract()


def test_nothing_is_drawn_at_length_where_nobody_looks(tiny: Assignment) -> None:
    (found,) = grade_drawing(tiny, tiny.reference_source, draws=False).checks
    assert (found.points, [figure.kind for figure in found.figures]) == (20, ["curve"])


def drawing_later(case: Case) -> None:
    """Right already; only then it asks for something that the student's code fails at."""
    case.close(case.student.double(torch.ones(2)), torch.full((2,), 2.0))
    case.draw_later(lambda: case.curve(T(en="Course", zh="过程"), {1: float(case.student.affine(1.0, 1.0))}))


class EndsAt(FakeSandbox):
    """Its boxes take a minute for one of the student's functions, and end."""

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Box]:
        with super().open(limits) as box:
            answer = box.request

            def request(op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
                if payload.get("target") == "affine":
                    box.student_seconds += 60
                    raise BoxEnded(Ending.timed_out)
                return answer(op, payload, seconds=seconds)

            box.request = request
            yield box


@pytest.mark.parametrize("sandbox", [FakeSandbox(), EndsAt()])
def test_what_goes_wrong_while_something_is_drawn_costs_neither_points_nor_time(tiny: Assignment, sandbox: Sandbox) -> None:
    shared = {"part": "basics", "points": Decimal(20), "visibility": Visibility.public, "title": T(en="D", zh="画")}
    checks = tuple(Check(id=id, run=drawing_later, seconds=None, diagnose=False, **shared) for id in ("first", "second"))
    source = "def double(x):\n    return 2 * x\n\ndef affine(x, w):\n    raise ValueError\n"
    job = Job(TINY, {"solution.py": source.encode()}, SEED)
    report = judge_with(tiny.model_copy(update={"checks": checks}), job, lambda _: LiveAnswers(tiny.reference), sandbox=sandbox)
    assert [(result.outcome, result.figures) for result in report.checks] == [(Outcome.passed, [])] * 2
    assert report.timing.student < 10
