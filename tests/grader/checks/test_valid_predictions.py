"""How a competition's submission is asked, and what its predictions may be."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from grader.checks import Case, Contest, compete, valid_predictions
from grader.checks.answers import LiveAnswers
from grader.judge import judge_with
from grader.protocol import Job, Report, Text
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment

LABELS = torch.arange(200) % 4
CONTEST = Contest("accuracy", {"inputs": torch.arange(4.0), "labels": torch.arange(4)}, LABELS.float(), LABELS, "one", classes=4)
RIGHT = "def fit(train, budget):\n    return budget\n\n\ndef predict(model, inputs):\n    return inputs.long()\n"
Judged = Callable[..., Report]


@pytest.fixture
def judged(tiny: Assignment) -> Judged:
    """One submission asked once, with the contest or with a check of one's own."""

    def judged(source: str, run: Callable[[Case], None] = lambda case: compete(case, CONTEST, {"seconds": 5.0})) -> Report:
        check = replace(tiny.checks[0], id="run", run=run, title=Text(en="Run", zh="运行"), local=False, diagnose=False)
        assignment = tiny.model_copy(update={"checks": (check,), "mistakes": (), "forbidden": []})
        job = Job(tiny.folder, {"solution.py": source.encode()}, "ab" * 32)
        return judge_with(assignment, job, lambda _: LiveAnswers(tiny.reference), sandbox=FakeSandbox())

    return judged


def test_predictions_are_put_back_in_the_order_of_the_labels(judged: Judged) -> None:
    report = judged(RIGHT)
    assert (report.measured.public.value, report.measured.private.value) == (1.0, 1.0)
    assert report.metrics["accuracy"].public == 1.0


def test_items_come_in_an_order_of_the_runs_own(judged: Judged) -> None:
    by_place = judged(RIGHT.replace("inputs.long()", "torch.arange(200) % 4").replace("def fit", "import torch\n\n\ndef fit", 1))
    assert by_place.measured.private.value < 0.5


def test_gradients_are_kept_in_fit_and_not_in_predict(judged: Judged) -> None:
    asks = "import torch\n\n" + RIGHT.replace("return budget", "return torch.tensor(float(torch.is_grad_enabled()))").replace(
        "return inputs", "assert not torch.is_grad_enabled() and model.item() == 1\n    return inputs"
    )
    assert judged(asks).measured.public.value == 1.0


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        ("inputs", "`predict` has to return int64 and returned float32. Did you forget `argmax`?"),
        ("inputs.long()[:, None]", "a tensor of shape (200,). It returned (200, 1)."),
        ("inputs.long()[:199]", "a tensor of shape (200,). It returned (199)."),
        ("inputs.long().tolist()", "a tensor of shape (200,). It returned list."),
        ("inputs.long() + 1", "returned class 4 for item"),
        ("inputs.long() - 1", "returned class -1 for item"),
    ],
)
def test_what_no_prediction_can_be_is_said_in_a_sentence(judged: Judged, returned: str, told: str) -> None:
    report = judged(RIGHT.replace("inputs.long()", returned))
    assert told in report.checks[0].message.en and report.measured is None


def test_a_regression_takes_finite_numbers(judged: Judged) -> None:
    def run(case: Case) -> None:
        found = valid_predictions(case, case.student.predict(0, torch.tensor([0.5, 1.5])), 2, None)
        case.equal(found, torch.tensor([0.5, 1.5], dtype=torch.float64))

    assert judged(RIGHT.replace("inputs.long()", "inputs"), run).score == 20
    message = judged(RIGHT.replace("inputs.long()", "inputs / 0"), run).checks[0].message
    assert message.en == "`predict` returned inf for item 0. Not finite in all: 2/2."
